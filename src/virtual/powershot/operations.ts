/** The operations of the older extension that need release control, or change a body's state. */
import { Writer } from '../../bytes/index.ts';
import { CanonEvent, CanonResponse, PowerShotOperation as Shot } from '../../canon/ptp/index.ts';
import { Response, Operation as Standard, U16Array } from '../../ptp/index.ts';
import { type Operation, Refusal, receive, type Transaction } from '../responder/transaction.ts';
import type { PowerShotBody } from './body.ts';
import type { PowerShotRelease } from './release.ts';
import type { Viewfinder } from './viewfinder.ts';

/** Bits of DoAeAfAwb: exposure, focus, white balance. */
const MEASURED = 7;
const FOCUS = 2;
/** A start-up picture and sounds. */
const THEME_LIMIT = 1 << 20;
/** Five words, whose meaning nobody knows. */
const THEME_SPEC_WORDS = 5;

type Run = (params: readonly number[], transaction: Transaction) => unknown;

export function releaseControlOperations(
  body: PowerShotBody,
  release: PowerShotRelease,
  viewfinder: Viewfinder,
): [number, Operation][] {
  const themes = new Map<number, Uint8Array>();

  /** Answers OK with `run`'s response parameters, if it gives any. */
  const always = (params: number | undefined, run: Run): Operation => ({
    ...(params !== undefined && { params }),
    async run(transaction) {
      const result = await run(transaction.params, transaction);
      return Array.isArray(result) ? (result as number[]) : undefined;
    },
  });
  /** What a body answers without release control is not recorded. */
  const controlled = (params: number | undefined, run: Run): Operation =>
    always(params, (given, transaction) => {
      if (!body.releaseControl) throw new Refusal(CanonResponse.Operation_Refused);
      return run(given, transaction);
    });
  const nothing = always(undefined, () => undefined);
  const focus = async () => {
    if (body.busy) throw new Refusal(Response.Device_Busy);
    const { clock, timing, faults } = body.parts;
    await new Promise<void>((resolve) => void clock.after(timing.focus, resolve));
    if (faults.has('af-failed')) throw new Refusal(CanonResponse.Operation_Refused);
  };

  return [
    [
      Shot.InitiateReleaseControl,
      always(0, async () => {
        if (body.releaseControl) throw new Refusal(CanonResponse.Already_In_That_State);
        await body.ready();
        body.releaseControl = true;
        body.notify(CanonEvent.CameraModeChanged);
      }),
    ],
    [
      Shot.TerminateReleaseControl,
      controlled(0, () => {
        if (body.busy) throw new Refusal(Response.Device_Busy);
        viewfinder.switchOff();
        body.releaseControl = false;
        body.focusLocked = false;
        body.parts.objects.memory.clear();
        body.notify(CanonEvent.CameraModeChanged);
      }),
    ],
    [Shot.TerminatePlaybackMode, nothing],
    [Shot.ViewfinderOn, always(0, () => viewfinder.switchOn())],
    [Shot.ViewfinderOff, controlled(0, () => viewfinder.switchOff())],
    [
      Shot.GetViewfinderImage,
      always(0, async (_, transaction) => {
        const jpeg = await viewfinder.frame();
        await transaction.send(jpeg);
        return [jpeg.length];
      }),
    ],
    [Shot.AskAboutPcEvf, controlled(0, () => undefined)],
    [
      Shot.DoAeAfAwb,
      controlled(1, async ([what = 0]) => {
        if (what === 0 || what > MEASURED) throw new Refusal(Response.Invalid_Parameter);
        if (what & FOCUS) await focus();
      }),
    ],
    [
      Shot.FocusLock,
      controlled(0, async () => {
        await focus();
        body.focusLocked = true;
      }),
    ],
    [
      Shot.FocusUnlock,
      controlled(0, () => {
        body.focusLocked = false;
      }),
    ],
    [
      Shot.InitiateCaptureInMemory,
      always(0, async () => {
        await body.ready();
        release.capture();
      }),
    ],
    // To the same places: what a body does otherwise nobody has told.
    [
      Standard.InitiateCapture,
      always(2, async () => {
        await body.ready();
        release.capture();
      }),
    ],
    [Shot.GetCaptureStatus, nothing],
    [
      Shot.GetChanges,
      always(0, (_, transaction) => {
        return transaction.send(U16Array.encode(body.properties.takeChanges()));
      }),
    ],
    [
      Shot.LockDeviceUI,
      always(0, () => {
        body.uiLocked = true;
      }),
    ],
    [
      Shot.UnlockDeviceUI,
      always(0, () => {
        body.uiLocked = false;
      }),
    ],
    [Shot.KeepDeviceOn, nothing],

    // "MyCamera" themes: no blob of one is published, so what was given is given back.
    [
      Shot.GetCustomizeSpec,
      always(0, (_, transaction) =>
        transaction.send(new Writer().zeros(4 * THEME_SPEC_WORDS).finish()),
      ),
    ],
    [
      Shot.GetCustomizeData,
      always(1, ([theme = 0], transaction) => {
        const data = themes.get(theme);
        if (!data) throw new Refusal(Response.Invalid_Parameter);
        return transaction.send(data);
      }),
    ],
    [
      Shot.SetCustomizeData,
      {
        takesData: true,
        params: 1,
        async run(transaction) {
          themes.set(transaction.params[0] ?? 0, await receive(transaction, THEME_LIMIT));
          return undefined;
        },
      },
    ],
  ];
}
