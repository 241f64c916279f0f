/*
 * Node-RED as a service of systemd, for an appliance: another user, who cannot read the data
 * directory. A marker file says that it is wanted: restante-flows.path starts the service when the
 * file is there, and the program ends itself when it goes. Nothing here may call systemd. Why it ended
 * by itself, the service leaves behind in a note (hardware/system/pages-ended).
 */
import { constants } from 'node:fs';
import { chmod, lstat, open, rename, unlink, writeFile } from 'node:fs/promises';
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
    this.#known = await this.#identity();
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
    const { note, marker } = this.#plan;
    if (note === undefined || this.#state.kind !== 'on') return;
    const identity = await this.#identity();
    if (identity === '' || identity === this.#known) return;
    this.#known = identity;
    await unlink(marker).catch(() => {});
    const say =
      (await readNote(note)) || 'It ended; its log says why: journalctl -u restante-flows.';
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

  async #identity(): Promise<string> {
    const { note = '' } = this.#plan;
    const found =
      note === '' ? undefined : await lstat(note, { bigint: true }).catch(() => undefined);
    return found?.isFile() ? `${found.ino} ${found.mtimeNs}` : '';
  }
}

const longestNote = 1_000;

/** Only a file, and only its beginning: no link to somewhere else, nothing that never ends. */
async function readNote(path: string): Promise<string> {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  try {
    await using file = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    if (!(await file.stat()).isFile()) return '';
    const { buffer, bytesRead } = await file.read(Buffer.alloc(longestNote), 0, longestNote, 0);
    return plainText(buffer.subarray(0, bytesRead).toString());
  } catch {
    return '';
  }
}
