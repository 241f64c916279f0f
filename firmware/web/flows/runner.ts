/*
 * Node-RED as a process of its own, behind a port: who starts and ends it differs between a checkout
 * (a child of the firmware) and an appliance (systemd, as a user of its own). Whether it is ready is
 * not asked here: it is when its socket takes connections.
 */
import type { Result } from '#base/result';

export interface FlowsRunner {
  /** 'child' or 'systemd' */
  readonly name: string;
  /** Asks for it to run. From the call on, `state` is of this start, whatever ended before it. A
   * failure says what to do about it. */
  start(): Promise<Result<void>>;
  /** Asks for its end, of a start that is under way, too; resolves when it has ended, as far as that
   * can be seen. */
  stop(): Promise<void>;
  /** 'ended': it is gone though nobody asked for that. */
  readonly state: FlowsState;
  /** Looks how it is, where its end tells nothing by itself; called while it starts. */
  look?(): Promise<void>;
  /** Calls `changed` when the state did. */
  watch(changed: () => void): Disposable;
  /** Octets of resident memory; undefined: it does not run, or cannot be seen. */
  memory(): number | undefined;
}

export type FlowsState =
  | { readonly kind: 'off' }
  | { readonly kind: 'on' }
  /** `say`: why, in a sentence, with what to do where that is known. */
  | { readonly kind: 'ended'; readonly say: string };
