import { HotshoeError } from '../base/errors.ts';
import { hex16 } from '../bytes/index.ts';
import { nameOf, type PtpNames, standardNames } from './codes/names.ts';
import { Response } from './codes/responses.ts';

/** What to do about a response code, where there is something to do. */
const HINTS: Readonly<Record<number, string>> = {
  [Response.Operation_Not_Supported]: 'This camera does not have that operation.',
  [Response.Invalid_StorageID]: '`hotshoe info` lists the storages of the camera.',
  [Response.Invalid_ObjectHandle]: '`hotshoe ls` lists the objects and their handles.',
  [Response.Store_Full]: 'The card is full; delete pictures or change the card.',
  [Response.Store_Read_Only]: 'The card is locked; see the switch on its side.',
  [Response.Access_Denied]: 'The camera refuses this operation by design or in its present state.',
  [Response.Device_Busy]: 'The camera is busy; try again when it has finished.',
  [Response.Store_Not_Available]: 'There is no card in that slot, or its door is open.',
};

/** The camera answered, and the answer is no. */
export class ResponseError extends HotshoeError {
  readonly operation: number;
  readonly response: number;
  /** ISO name of the response: "Device_Busy". */
  readonly responseName: string;
  readonly params: readonly number[];

  constructor(
    operation: number,
    response: number,
    params: readonly number[] = [],
    names: PtpNames = standardNames,
  ) {
    const responseName = nameOf(names.responses, response);
    super(
      'RESPONSE',
      `${nameOf(names.operations, operation)} was answered ${responseName} (${hex16(response)})`,
      { hint: HINTS[response] },
    );
    this.operation = operation;
    this.response = response;
    this.responseName = responseName;
    this.params = params;
  }
}
