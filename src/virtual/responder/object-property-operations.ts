/** Object properties of MTP: what files and folders are, one value or a whole folder at once. */
import { Writer } from '../../bytes/index.ts';
import { ObjectFlag } from '../../canon/ptp/index.ts';
import {
  DataType,
  MtpOperation,
  MtpResponse,
  ObjectPropDesc,
  type ObjectPropElement,
  ObjectProperty,
  ObjectPropList,
  type PtpValue,
  Response,
  U16Array,
  valueCodec,
} from '../../ptp/index.ts';
import type { CardObject } from '../card/catalogue.ts';
import type { FoundObject, Objects } from '../card/objects.ts';
import { ALL_STORAGES } from '../card/slots.ts';
import { checkFormat, dateOf, isOfFormat, type ObjectContext } from './object-operations.ts';
import { type Operation, Refusal, receive, type Transaction } from './transaction.ts';

const ALL = 0xffffffff;
/** The group of properties that a list of all of them leaves out. */
const SLOW = 0xffffffff;
const QUICK = 1;
const VALUE_LIMIT = 4096;

interface Property {
  code: number;
  dataType: number;
  /** Formats that have it; every one unless told otherwise. */
  has?(format: number): boolean;
  group: typeof QUICK | typeof SLOW;
  value(object: CardObject, found: () => Promise<FoundObject>): PtpValue | Promise<PtpValue>;
}

/** None of them can be set: Canon bodies have operations of their own for that. */
function propertiesOf({ objects }: ObjectContext): readonly Property[] {
  const quick = (
    code: number,
    dataType: number,
    value: (object: CardObject) => PtpValue,
  ): Property => ({ code, dataType, group: QUICK, value });
  const pixels = (code: number, side: 'width' | 'height'): Property => ({
    code,
    dataType: DataType.UINT32,
    group: SLOW,
    has: (format) => (format & 0xff00) === 0x3800,
    value: async (_, found) => (await objects.head(await found()))?.[side] ?? 0,
  });
  return [
    quick(ObjectProperty.StorageID, DataType.UINT32, ({ storageId }) => storageId),
    quick(ObjectProperty.ObjectFormat, DataType.UINT16, ({ format }) => format),
    quick(
      ObjectProperty.ProtectionStatus,
      DataType.UINT16,
      ({ flags }) => flags & ObjectFlag.Protected,
    ),
    quick(ObjectProperty.ObjectSize, DataType.UINT64, ({ size }) => BigInt(size)),
    quick(ObjectProperty.ObjectFileName, DataType.STR, ({ name }) => name),
    quick(ObjectProperty.DateCreated, DataType.STR, ({ time }) => dateOf(time)),
    quick(ObjectProperty.DateModified, DataType.STR, ({ time }) => dateOf(time)),
    quick(ObjectProperty.ParentObject, DataType.UINT32, ({ parent }) => parent),
    quick(
      ObjectProperty.PersistentUniqueObjectIdentifier,
      DataType.UINT128,
      ({ handle, storageId }) => (BigInt(storageId) << 32n) | BigInt(handle),
    ),
    quick(ObjectProperty.Name, DataType.STR, ({ name }) => name),
    pixels(ObjectProperty.Width, 'width'),
    pixels(ObjectProperty.Height, 'height'),
  ];
}

export function objectPropertyOperations(context: ObjectContext): [number, Operation][] {
  const properties = propertiesOf(context);
  const byCode = new Map(properties.map((property) => [property.code, property]));
  const { objects } = context;
  /** The last list: those of whole cards are long, and asked for more than once. */
  let last: { question: string; bytes: Uint8Array } | undefined;

  const known = (code: number): Property => {
    const property = byCode.get(code);
    if (!property) throw new Refusal(MtpResponse.Invalid_ObjectPropCode);
    return property;
  };
  const requireFormat = (format: number) => {
    if (!context.formats.includes(format)) throw new Refusal(Response.Invalid_ObjectFormatCode);
  };
  /** The property as this object has it. */
  const propertyOf = async ({ params }: Transaction): Promise<[Property, FoundObject]> => {
    await objects.slots.ready();
    const [handle = 0, code = 0] = params;
    const found = objects.find(handle);
    const property = known(code);
    if (property.has?.(found.object.format) === false) {
      throw new Refusal(MtpResponse.ObjectProp_Not_Supported);
    }
    return [property, found];
  };

  return [
    [
      MtpOperation.GetObjectPropsSupported,
      {
        params: 1,
        async run(transaction) {
          const [format = 0] = transaction.params;
          requireFormat(format);
          const codes = properties.filter(({ has }) => has?.(format) !== false);
          await transaction.send(U16Array.encode(codes.map(({ code }) => code)));
          return undefined;
        },
      },
    ],
    [
      MtpOperation.GetObjectPropDesc,
      {
        params: 2,
        async run(transaction) {
          const [code = 0, format = 0] = transaction.params;
          const { dataType, group, has } = known(code);
          requireFormat(format);
          if (has?.(format) === false) throw new Refusal(MtpResponse.Invalid_ObjectPropCode);
          await transaction.send(
            ObjectPropDesc.encode({
              propertyCode: code,
              dataType,
              writable: false,
              defaultValue: emptyValue(dataType),
              groupCode: group,
              form: { kind: 'none' },
            }),
          );
          return undefined;
        },
      },
    ],
    [
      MtpOperation.GetObjectPropValue,
      {
        params: 2,
        async run(transaction) {
          const [{ dataType, value }, found] = await propertyOf(transaction);
          const writer = new Writer();
          const current = await value(found.object, () => Promise.resolve(found));
          valueCodec(dataType)?.write(writer, current);
          await transaction.send(writer.finish());
          return undefined;
        },
      },
    ],
    [
      MtpOperation.SetObjectPropValue,
      {
        takesData: true,
        params: 2,
        async run(transaction) {
          await receive(transaction, VALUE_LIMIT);
          await propertyOf(transaction);
          throw new Refusal(Response.Access_Denied);
        },
      },
    ],
    [
      MtpOperation.GetObjectPropList,
      {
        params: 5,
        async run(transaction) {
          await objects.slots.ready();
          const question = [...transaction.params, '|', ...stateOf(objects)].join(' ');
          if (last?.question === question) {
            await transaction.send(last.bytes);
            return undefined;
          }
          const [handle = 0, format = 0, code = 0, group = 0, depth = 0] = transaction.params;
          const wanted = wantedProperties(properties, known, code, group);
          checkFormat(context, format);
          const elements: ObjectPropElement[] = [];
          for (const object of selectTree(context, handle, depth)) {
            if (!isOfFormat(object, format)) continue;
            const found = () => Promise.resolve(objects.find(object.handle));
            for (const { code: propertyCode, dataType, has, value } of wanted) {
              if (has?.(object.format) === false) continue;
              // Ten thousand objects: only what has to be waited for is.
              const given = value(object, found);
              elements.push({
                objectHandle: object.handle,
                propertyCode,
                dataType,
                value: given instanceof Promise ? await given : given,
              });
            }
          }
          const bytes = ObjectPropList.encode(elements);
          last = { question, bytes };
          await transaction.send(bytes);
          return undefined;
        },
      },
    ],
  ];
}

/** Differs whenever any object has changed. */
function stateOf({ slots, memory }: Objects): readonly (string | number)[] {
  const cards = slots.cards(ALL_STORAGES);
  return [...cards.map((card) => `${card.storageId}:${card.revision}`), ...memory.keys()];
}

function wantedProperties(
  properties: readonly Property[],
  known: (code: number) => Property,
  code: number,
  group: number,
): readonly Property[] {
  if (code === ALL) return properties.filter((property) => property.group !== SLOW);
  if (code !== 0) return [known(code)];
  if (group === 0) throw new Refusal(Response.Parameter_Not_Supported);
  const members = properties.filter((property) => property.group === group);
  if (members.length === 0) throw new Refusal(MtpResponse.Group_Not_Supported);
  return members;
}

/** The object itself, what lies in it, or both with everything below. 0 is the root. */
function selectTree({ objects }: ObjectContext, handle: number, depth: number): CardObject[] {
  if (depth !== 0 && depth !== 1 && depth !== ALL) {
    throw new Refusal(MtpResponse.Specification_By_Depth_Unsupported);
  }
  const cards = objects.slots.cards(ALL_STORAGES);
  if (handle === ALL) return cards.flatMap((card) => card.all());
  if (handle === 0) {
    if (depth === 0) return [];
    return cards.flatMap((card) => (depth === 1 ? card.children(0) : card.all()));
  }
  const { object, card } = objects.find(handle);
  if (depth === 0) return [object];
  const below = depth === 1 ? card?.children(handle) : card?.all(handle);
  return depth === 1 ? (below ?? []) : [object, ...(below ?? [])];
}

function emptyValue(dataType: number): PtpValue {
  if (dataType === DataType.STR) return '';
  return dataType === DataType.UINT64 || dataType === DataType.UINT128 ? 0n : 0;
}
