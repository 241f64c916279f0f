/*
 * Node-RED as a child of the firmware, for a checkout: the same user, a small environment, its lines
 * in the log of the box. It ends with the box, even when the box is killed: its standard input ends
 * then, which is what it waits for.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { access, mkdir, unlink } from 'node:fs/promises';
import type { Clock } from '#base/clock';
import type { Log } from '#base/log';
import { failed, ok, type Result, trouble } from '#base/result';
import { Watchers } from '#base/watchers';
import type { FlowsRunner, FlowsState } from './runner.ts';

export interface ChildFlowsPlan {
  /** The program, for the runtime that runs this one. */
  readonly program: string;
  /** Of the runtime, before the program. */
  readonly options?: readonly string[];
  /** RESTANTE_FLOWS_SOCKET: where it listens. */
  readonly socket: string;
  /** RESTANTE_FLOWS_DATA: the owner's copy of the flows. */
  readonly data: string;
  /** RESTANTE_CONTROL: where it asks the box. */
  readonly control: string;
}

/** How long (ms) it may take to end by itself. */
const patience = 5_000;
/** Of one line, and of lines in one start that are worth the log. */
const longestLine = 2_000;
const mostLines = 500;

export class ChildFlows implements FlowsRunner {
  readonly name = 'child';
  readonly #plan: ChildFlowsPlan;
  readonly #clock: Clock;
  readonly #log: Log;
  #child: ChildProcess | undefined;
  #begun: Promise<unknown> = Promise.resolve();
  #ended: Promise<void> = Promise.resolve();
  #state: FlowsState = { kind: 'off' };
  #stopping = false;
  /** The last reason it gave itself, else the last line of its standard error. */
  #said: string | undefined;
  #lines = 0;
  readonly #watchers = new Watchers();

  constructor(plan: ChildFlowsPlan, clock: Clock, log: Log) {
    this.#plan = plan;
    this.#clock = clock;
    this.#log = log;
  }

  get state(): FlowsState {
    return this.#state;
  }

  start(): Promise<Result<void>> {
    this.#state = { kind: 'on' };
    const starting = this.#begin().then((begun) => {
      if (!begun.ok) this.#state = { kind: 'off' };
      return begun;
    });
    this.#begun = starting;
    return starting;
  }

  async #begin(): Promise<Result<void>> {
    const { program, options = [], socket, data } = this.#plan;
    await this.#ended;
    try {
      await access(program);
      await mkdir(data, { recursive: true, mode: 0o700 });
      // A socket that is there is a dead one's, and would seem to be ready.
      await unlink(socket).catch(() => {});
    } catch (error) {
      return failed(cannotStart(this.#plan, error));
    }
    this.#said = undefined;
    this.#lines = 0;
    this.#stopping = false;
    try {
      const child = spawn(process.execPath, [...options, program], {
        cwd: data,
        env: this.#environment(),
        stdio: ['pipe', 'pipe', 'pipe'],
      });
      this.#child = child;
      this.#ended = this.#attend(child);
      return ok(undefined);
    } catch (error) {
      // Out of memory, for example: most reasons come as an event, some are thrown.
      const detail = error instanceof Error ? error.message : String(error);
      return failed(trouble('flows', `It cannot be run: ${detail}.`, detail));
    }
  }

  async stop(): Promise<void> {
    await this.#begun;
    const child = this.#child;
    if (child === undefined) return;
    this.#stopping = true;
    child.kill('SIGTERM');
    using _patience = this.#clock.after(patience, () => child.kill('SIGKILL'));
    await this.#ended;
  }

  watch(changed: () => void): Disposable {
    return this.#watchers.add(changed);
  }

  memory(): number | undefined {
    const pid = this.#child?.pid;
    if (pid === undefined) return undefined;
    try {
      // proc_pid_status(5): no disk is asked.
      const status = readFileSync(`/proc/${pid}/status`, 'utf8');
      const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
      return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
    } catch {
      return undefined;
    }
  }

  /** Nothing of the box's own environment but what programs need to find themselves at home. */
  #environment(): NodeJS.ProcessEnv {
    const { socket, data, control } = this.#plan;
    const kept = ['PATH', 'LANG', 'LC_ALL', 'TZ'].flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value] as const];
    });
    return {
      ...Object.fromEntries(kept),
      HOME: data,
      NODE_ENV: 'production',
      MALLOC_ARENA_MAX: '1',
      RESTANTE_CONTROL: control,
      RESTANTE_FLOWS_SOCKET: socket,
      RESTANTE_FLOWS_DATA: data,
    };
  }

  #attend(child: ChildProcess): Promise<void> {
    child.stdin?.on('error', () => {});
    for (const [stream, isError] of [
      [child.stdout, false],
      [child.stderr, true],
    ] as const) {
      if (stream === null) continue;
      const lines = new Lines((line) => this.#hear(line, isError));
      stream.setEncoding('utf8').on('data', (text: string) => lines.take(text));
      stream.once('end', () => lines.end());
    }
    return new Promise((resolve) => {
      child.once('error', (error) => this.#over(child, `It cannot be run: ${error.message}.`));
      child.once('close', (status, signal) => {
        const how = signal === null ? `with status ${status}` : `by ${signal}`;
        this.#over(child, `It ended ${how}.${this.#said === undefined ? '' : ` ${this.#said}`}`);
        resolve();
      });
    });
  }

  #over(child: ChildProcess, say: string): void {
    if (this.#child !== child) return;
    this.#child = undefined;
    this.#state = this.#stopping ? { kind: 'off' } : { kind: 'ended', say };
    this.#watchers.tell();
  }

  /** A line of JSON says how it is (`state`, `say`); whatever else it says is logged as it is. */
  #hear(line: string, isError: boolean): void {
    const state = stateIn(line);
    if (state?.state === 'failed' && state.say !== undefined) this.#said = state.say;
    else if (isError && line.trim() !== '') this.#said ??= line.trim().slice(0, 300);
    this.#lines += 1;
    if (this.#lines > mostLines) return;
    const say = state?.say ?? state?.state ?? line;
    if (state?.state === 'failed' || isError) this.#log.warn(say);
    else if (say.trim() !== '') this.#log.info(say);
    if (this.#lines === mostLines) this.#log.warn('Node-RED says so much that no more is kept.');
  }
}

/** Lines of a stream; of one that is too long, its beginning. (node:readline keeps all of it.) */
class Lines {
  readonly #tell: (line: string) => void;
  #line = '';

  constructor(tell: (line: string) => void) {
    this.#tell = tell;
  }

  take(text: string): void {
    const [first = '', ...others] = text.split('\n');
    this.#add(first);
    for (const other of others) {
      this.#tell(this.#line);
      this.#line = '';
      this.#add(other);
    }
  }

  end(): void {
    if (this.#line !== '') this.#tell(this.#line);
    this.#line = '';
  }

  #add(text: string): void {
    this.#line += text.slice(0, longestLine - this.#line.length);
  }
}

function stateIn(line: string): { readonly state?: string; readonly say?: string } | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const { state, say } = JSON.parse(line);
    return {
      ...(typeof state === 'string' ? { state } : {}),
      ...(typeof say === 'string' ? { say } : {}),
    };
  } catch {
    return undefined;
  }
}

function cannotStart({ program, data }: ChildFlowsPlan, error: unknown) {
  const detail = error instanceof Error ? error.message : String(error);
  const isProgram = detail.includes(program);
  const say = isProgram
    ? 'Its program is not there. Run scripts/setup and scripts/build where Restante is installed.'
    : `Its folder ${data} cannot be used (${detail}).`;
  return trouble('flows', say, detail, false);
}
