/*
 * The front panel as a port: lamps that show, buttons that are pressed. What to show is decided in
 * lamps.ts, what a press means in press.ts, both pure; a driver (hardware/) knows the pins. Without
 * any driver the box does all its work.
 */
import type { Result, Trouble } from '#base/result';

/** `mail`, `queue` and `status`, and by the settings a lamp `mail.ANN` for an account. */
export type LampName = string;
export type ButtonName = 'flush';

/** What a lamp does. What each means stands in patterns.ts. */
export type Pattern = 'off' | 'on' | 'slow' | 'fast' | 'pulse';

export type Lamps = ReadonlyMap<LampName, Pattern>;

/** `at`: the clock's elapsed milliseconds. Debounced. */
export interface ButtonEvent {
  readonly button: ButtonName;
  readonly down: boolean;
  readonly at: number;
  /** The finger is not seen any more, for the line to the button has dropped: nothing is meant. */
  readonly lost?: true;
}

/** `say` tells what to do about it; the box runs on. */
export type PanelTrouble = Trouble<'no-chip' | 'no-permission' | 'busy' | 'wrong-pin' | 'lost'>;

export interface PanelDriver {
  /** 'chardev', 'onoff', 'serial', 'simulated' */
  readonly name: string;
  /** Takes its lines; buttons are told from then on. */
  start(pressed: (event: ButtonEvent) => void): Promise<Result<void, PanelTrouble>>;
  /** Shows these lamps until told otherwise. Called only when something changed. */
  show(lamps: Lamps): void;
  /** Lamps to their safe level (off), lines given back. */
  stop(): Promise<void>;
}
