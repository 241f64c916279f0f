/*
 * Node-RED as a service of systemd, for an appliance: another user, who cannot read the data
 * directory. A marker file says that it is wanted: restante-flows.path starts the service when the
 * file is there, and the program ends itself when it goes. Nothing here may call systemd.
 */
import { chmod, rename, unlink, writeFile } from 'node:fs/promises';
import type { Clock } from '#base/clock';
import { failed, ok, type Result, trouble } from '#base/result';
import type { FlowsRunner, FlowsState } from './runner.ts';

export interface SystemdFlowsPlan {
  /** RESTANTE_FLOWS_WANTED: the marker, in a folder that is ours and that the other user may enter. */
  readonly marker: string;
  /** Does its socket take connections? Its end is seen by that alone. */
  readonly reachable: () => Promise<boolean>;
}

const glance = 200;
/** How long (ms) it may take to end by itself. */
const patience = 10_000;

export class SystemdFlows implements FlowsRunner {
  readonly name = 'systemd';
  readonly #plan: SystemdFlowsPlan;
  readonly #clock: Clock;
  #state: FlowsState = { kind: 'off' };

  constructor(plan: SystemdFlowsPlan, clock: Clock) {
    this.#plan = plan;
    this.#clock = clock;
  }

  get state(): FlowsState {
    return this.#state;
  }

  async start(): Promise<Result<void>> {
    const path = this.#plan.marker;
    const draft = `${path}.new`;
    try {
      await unlink(draft).catch(() => {});
      await writeFile(draft, '', { flag: 'wx' });
      // The program reads it to see whether it is still there; its folder lets only its group in.
      await chmod(draft, 0o640);
      await rename(draft, path);
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      const say = `It cannot be asked for: ${path} cannot be written. Run hardware/system/install again.`;
      return failed(trouble('flows', say, detail, false));
    }
    this.#state = { kind: 'on' };
    return ok(undefined);
  }

  async stop(): Promise<void> {
    await unlink(this.#plan.marker).catch(() => {});
    this.#state = { kind: 'off' };
    const until = this.#clock.elapsed() + patience;
    while (this.#clock.elapsed() < until && (await this.#plan.reachable())) {
      await new Promise<void>((resolve) => void this.#clock.after(glance, resolve));
    }
  }

  /** The service tells nothing by itself. */
  watch(): Disposable {
    return { [Symbol.dispose]: () => {} };
  }

  /** Another user's process, and hidden (ProtectProc). */
  memory(): undefined {
    return undefined;
  }
}
