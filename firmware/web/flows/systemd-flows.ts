/*
 * Node-RED as a service of systemd, for an appliance: another user, who cannot read the data
 * directory. A marker file says that it is wanted: restante-flows.path starts the service when the
 * file is there, and the program ends itself when it goes. Nothing here may call systemd. Why it ended
 * by itself, the service leaves behind in a note (hardware/system/pages-ended).
 */
import { constants } from 'node:fs';
import { chmod, open, rename, unlink, writeFile } from 'node:fs/promises';
import type { Clock } from '#base/clock';
import { plainText } from '#base/plain-text';
import { failed, ok, type Result, trouble } from '#base/result';
import type { FlowsRunner, FlowsState } from './runner.ts';

export interface SystemdFlowsPlan {
  /** RESTANTE_FLOWS_WANTED: the marker, in a folder that is ours and that the other user may enter. */
  readonly marker: string;
  /** RESTANTE_FLOWS_ENDED: the note. The other user can put anything there. */
  readonly note?: string;
  /** Does its socket take connections? Its end is seen by that alone. */
  readonly reachable: () => Promise<boolean>;
}

const longestNote = 1_000;
const glance = 200;
/** How long (ms) it may take to end by itself. */
const patience = 10_000;

export class SystemdFlows implements FlowsRunner {
  readonly name = 'systemd';
  readonly #plan: SystemdFlowsPlan;
  readonly #clock: Clock;
  #state: FlowsState = { kind: 'off' };
  /** The note that was read last, or lay there before: which file it was, and since when. */
  #known = '';

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
    this.#state = { kind: 'on' };
    this.#known = (await this.#left())?.identity ?? '';
    try {
      await unlink(draft).catch(() => {});
      await writeFile(draft, '', { flag: 'wx' });
      // The program reads it to see whether it is still there; its folder lets only its group in.
      await chmod(draft, 0o640);
      await rename(draft, path);
    } catch (error) {
      this.#state = { kind: 'off' };
      const detail = error instanceof Error ? error.message : String(error);
      const say = `It cannot be asked for: ${path} cannot be written. Run hardware/system/install again.`;
      return failed(trouble('flows', say, detail, false));
    }
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

  /** Nothing is started again and again in vain: who asks for a page wants it anew. */
  async look(): Promise<void> {
    if (this.#state.kind !== 'on') return;
    const left = await this.#left();
    if (left === undefined || left.identity === this.#known) return;
    this.#known = left.identity;
    await unlink(this.#plan.marker).catch(() => {});
    const say = left.say || 'It ended; its log says why: journalctl -u restante-flows.';
    this.#state = { kind: 'ended', say };
  }

  /** The service tells nothing by itself. */
  watch(): Disposable {
    return { [Symbol.dispose]: () => {} };
  }

  /** Another user's process, and hidden (ProtectProc). */
  memory(): undefined {
    return undefined;
  }

  /** The note as it lies there: which it is, and what it says. Only a file, and only its beginning:
   * no link to somewhere else, nothing that never ends. */
  async #left(): Promise<{ identity: string; say: string } | undefined> {
    const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
    const { note } = this.#plan;
    if (note === undefined) return undefined;
    try {
      await using file = await open(note, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
      const found = await file.stat({ bigint: true });
      if (!found.isFile()) return undefined;
      const { buffer, bytesRead } = await file.read(Buffer.alloc(longestNote), 0, longestNote, 0);
      const say = plainText(buffer.subarray(0, bytesRead).toString());
      return { identity: `${found.ino} ${found.mtimeNs}`, say };
    } catch {
      return undefined;
    }
  }
}
