/** Answer of GetDeviceInfoEx (0x9108): what a body sends and has beyond its DeviceInfo. */
import { array, type Codec, dataset, u32 } from '../../bytes/index.ts';

const codes = array(u32, u32, 4);

export interface DeviceInfoEx {
  /** Record codes of GetEvent. */
  events: number[];
  properties: number[];
  /** Of unknown meaning: 0, 1, 2, 4 on a 60D. */
  unknown: number[];
}

const fields: Codec<DeviceInfoEx> = {
  read: (reader) => {
    reader.u32();
    return {
      events: codes.read(reader),
      properties: codes.read(reader),
      unknown: codes.read(reader),
    };
  },
  write(writer, { events, properties, unknown }) {
    const start = writer.length;
    writer.u32(0);
    for (const list of [events, properties, unknown]) codes.write(writer, list);
    writer.patchU32(start, writer.length - start);
  },
};

/** The size in front counts itself. */
export const DeviceInfoEx = dataset('DeviceInfoEx', fields);
