/** A way to misbehave. */
export interface FaultKind {
  what: string;
  /** How often it strikes; undefined until it is cleared. */
  times?: number;
}
