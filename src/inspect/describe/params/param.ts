/** How the tables beside this file name parameters. */

/** A parameter whose values have meanings of their own. */
export interface Valued {
  readonly name: string;
  readonly values: Readonly<Record<number, string>>;
}

/** Those of one operation or event, in their order. */
export type ParamNames = readonly (string | Valued)[];

export type ParamTable = Readonly<Record<number, ParamNames>>;

export interface OperationParams {
  readonly requests: ParamTable;
  readonly responses: ParamTable;
}

export const OFF_ON: Valued['values'] = { 0: 'off', 1: 'on' };
