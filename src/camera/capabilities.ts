/** What a connected body can do with hotshoe, and why not what it cannot. */
import { hex16 } from '../bytes/index.ts';
import { EosOperation, isCanon, PowerShotOperation } from '../canon/ptp/index.ts';
import { AndroidOperation, nameOf, Operation } from '../ptp/index.ts';
import type { Camera } from './camera.ts';

export interface Capability {
  /** "live view". */
  what: string;
  can: boolean;
  /** Where it cannot: the reason. */
  why: string | undefined;
}

interface Row {
  readonly what: string;
  readonly can: (camera: Camera) => boolean;
  /** Any of them would do. */
  readonly needs: readonly number[];
  /** The same for PowerShots without EOS operations; or why none of them can. */
  readonly older?: readonly number[] | string;
  /** Why a camera from before PTP cannot, where the protocol is the reason. */
  readonly beforePtp?: string;
}

const NO_COMMAND = 'no command for it is known with cameras from before PTP';
const BY_LENS = 'it focuses as the switch of its lens says';

const lists = (camera: Camera, ...operations: number[]) =>
  operations.some((operation) => camera.ptp?.supports(operation));

const RELEASE = [EosOperation.RemoteReleaseOn, EosOperation.RemoteRelease];
const WIDE = [
  EosOperation.GetPartialObjectEx64,
  EosOperation.GetPartialObject64,
  AndroidOperation.GetPartialObject64,
];

const ROWS: readonly Row[] = [
  {
    what: 'list and download files',
    can: ({ storage }) => storage !== undefined,
    needs: [Operation.GetObjectHandles, EosOperation.GetObjectInfoEx],
  },
  {
    what: 'go on with a broken download of 4 GiB and more',
    can: (camera) => lists(camera, ...WIDE),
    needs: WIDE,
    beforePtp: 'these cameras send files whole',
  },
  {
    what: 'upload files',
    can: ({ storage }) => storage?.put !== undefined,
    needs: [Operation.SendObject],
    beforePtp: NO_COMMAND,
  },
  {
    what: 'delete files',
    can: ({ storage }) => storage?.remove !== undefined,
    needs: [Operation.DeleteObject],
    beforePtp: NO_COMMAND,
  },
  {
    what: 'protect files',
    can: ({ storage }) => storage?.protect !== undefined,
    needs: [Operation.SetObjectProtection, EosOperation.SetObjectAttributes],
    beforePtp: NO_COMMAND,
  },
  {
    what: 'format cards',
    can: ({ storage }) => storage?.format !== undefined,
    needs: [Operation.FormatStore],
    beforePtp: 'no command for it is known: format them in the camera',
  },
  {
    what: 'show and change settings',
    can: ({ settings }) => settings !== undefined,
    needs: [EosOperation.SetDevicePropValueEx],
    older: [Operation.SetDevicePropValue],
  },
  {
    what: 'tell what happens at the camera',
    can: ({ events }) => events !== undefined,
    needs: [EosOperation.GetEvent],
    older: [PowerShotOperation.CheckEvent],
  },
  {
    what: 'take pictures, tethered',
    can: ({ capture }) => capture !== undefined,
    needs: RELEASE,
    older: [PowerShotOperation.InitiateReleaseControl],
  },
  {
    what: 'take pictures without focusing',
    can: (camera) =>
      camera.ptp
        ? camera.capture !== undefined && lists(camera, EosOperation.RemoteReleaseOn)
        : camera.capture?.half !== undefined,
    needs: [EosOperation.RemoteReleaseOn],
    older: 'these cameras always focus before they expose',
    beforePtp: BY_LENS,
  },
  {
    what: 'bulb',
    can: (camera) =>
      camera.capture !== undefined &&
      lists(camera, EosOperation.RemoteReleaseOn, EosOperation.BulbStart),
    needs: [EosOperation.RemoteReleaseOn, EosOperation.BulbStart],
    older: 'these cameras have no bulb for computers',
    beforePtp: NO_COMMAND,
  },
  {
    what: 'bursts',
    can: (camera) => camera.capture !== undefined && lists(camera, EosOperation.RemoteReleaseOn),
    needs: [EosOperation.RemoteReleaseOn],
    older: 'these cameras take one picture at a time for computers',
    beforePtp: 'these cameras take one picture at a time for computers',
  },
  {
    what: 'hold focus for several pictures',
    can: ({ capture }) => capture?.half !== undefined,
    needs: [EosOperation.RemoteReleaseOn],
    older: [PowerShotOperation.FocusLock],
    beforePtp: BY_LENS,
  },
  {
    what: 'live view',
    can: ({ liveView }) => liveView !== undefined,
    needs: [EosOperation.GetViewFinderData],
    older: [PowerShotOperation.ViewfinderOn],
    beforePtp: 'EOS bodies of that time have none',
  },
  {
    what: 'autofocus from here',
    can: (camera) =>
      camera.focus !== undefined && lists(camera, EosOperation.DoAF, PowerShotOperation.DoAeAfAwb),
    needs: [EosOperation.DoAF],
    older: [PowerShotOperation.DoAeAfAwb],
    beforePtp: 'these cameras focus when they take a picture',
  },
  {
    what: 'move the lens',
    can: (camera) => camera.focus !== undefined && lists(camera, EosOperation.DriveLens),
    needs: [EosOperation.DriveLens],
    older: 'these cameras move their lens by themselves only',
    beforePtp: 'these cameras move their lens by themselves only',
  },
  {
    what: 'zoom, or enlarge live view',
    can: ({ zoom }) => zoom !== undefined,
    needs: [EosOperation.Zoom],
    older: [PowerShotOperation.InitiateReleaseControl],
    beforePtp: 'its lens is zoomed by hand',
  },
  {
    what: 'record movies',
    can: ({ movie }) => movie !== undefined,
    needs: [EosOperation.MovieSelectSWOn],
    older: 'these cameras record movies by hand only',
    beforePtp: 'these cameras record movies by hand only',
  },
];

/** In the order in which users ask. */
export function capabilities(camera: Camera): Capability[] {
  return ROWS.map((row) => {
    const can = row.can(camera);
    return { what: row.what, can, why: can ? undefined : reason(camera, row) };
  });
}

function reason(camera: Camera, row: Row): string {
  const { ptp } = camera;
  if (!ptp) return row.beforePtp ?? 'hotshoe does not know how with this camera';
  const newer = lists(camera, EosOperation.SetRemoteMode);
  const { older } = row;
  if (!newer && typeof older === 'string' && isCanon(ptp.deviceInfo)) return older;
  const needs = newer || typeof older !== 'object' ? row.needs : older;
  // The firmware could.
  if (lists(camera, ...needs)) return 'hotshoe does not do it with this kind of camera yet';
  const names = needs.map((code) => `${nameOf(ptp.names.operations, code)} (${hex16(code)})`);
  return `the firmware does not list ${names.join(' or ')}`;
}
