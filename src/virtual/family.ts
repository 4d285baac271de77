/** What a virtual camera is beneath its fronts and its controls: one kind for each family of bodies. */
import type { Responder } from './responder/responder.ts';

/** What a body tells of itself, for tests. */
export interface FamilyState {
  /** As SetRemoteMode has it; 1 under release control. */
  remoteMode: number;
  /** Mode dial: "M". */
  dial: string;
  busy: boolean;
  recording: boolean;
  liveView: boolean;
  shotsLeft: number;
  /** Pictures that wait for a computer. */
  waitingPictures: number;
  /** A firmware that a computer has sent whole; it is never installed. */
  firmwareFile: { name: string; size: number } | undefined;
}

export interface Family {
  readonly responder: Responder;
  /** The computer has locked the buttons. */
  readonly locked: boolean;
  /** Resolves when the card has been read. */
  ready(): Promise<void>;
  state(): FamilyState;
  /** The button, half (1), fully behind half (2), or both (3). Throws where the body does not release. */
  press(stages: number): void;
  release(): void;
  /** Resolves when no exposure is under way. */
  idle(): Promise<void>;
  /** False when the dial has no such position. */
  turnDial(label: string): boolean;
  /** Absent where there is no ring: a motor moves the lens. Throws where the lens does not go there. */
  turnZoom?(millimetres: number): void;
  /** A card went out of the slot of this storage, or came into it. */
  cardMoved(storageId: number, inserted: boolean): Promise<void>;
  /** Charge in per cent. */
  setBattery(percent: number): void;
  faultsChanged(): void;
  /** Switched off. */
  powerOff(): void;
}
