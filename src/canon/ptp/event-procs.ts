/**
 * Named functions of the firmware (event procedures), as far as their names have become known: from
 * libpict and chdkptp. What one does depends on the body.
 */
export interface KnownEventProc {
  readonly args: readonly { readonly name: string; readonly type: 'integer' | 'text' }[];
  /** It only tells; of the others nobody knows what they may leave behind. */
  readonly reads: boolean;
  readonly about: string;
}

const integer = (name: string) => ({ name, type: 'integer' }) as const;

export const eventProcs: Readonly<Record<string, KnownEventProc>> = {
  FA_GetProperty: {
    args: [integer('property'), integer('zero')],
    reads: true,
    about: 'a factory property; 0x2000005 is the build of the firmware',
  },
  'System.Create': {
    args: [],
    reads: false,
    about: 'on PowerShots: makes further procedures known',
  },
  EnableBootDisk: { args: [], reads: false, about: 'lets the camera boot from its card' },
  UndisplayPhysicalScreen: { args: [], reads: false, about: 'switches the display off' },
  CreateColor: {
    args: [integer('red'), integer('green'), integer('blue')],
    reads: false,
    about: 'makes a colour for the display',
  },
  writeaddr: {
    args: [integer('address'), integer('value')],
    reads: false,
    about: 'writes into the memory of the camera',
  },
  gang: { args: [{ name: 'path', type: 'text' }], reads: false, about: 'a stub for tests' },
};

/** By its name in any case; firmware itself minds the case. */
export function findEventProc(name: string): { name: string; known: KnownEventProc } | undefined {
  const wanted = name.toLowerCase();
  const found = Object.entries(eventProcs).find(([each]) => each.toLowerCase() === wanted);
  return found && { name: found[0], known: found[1] };
}
