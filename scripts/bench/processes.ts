/*
 * Processes as Linux shows them under /proc: a program and all its descendants, what memory they
 * hold between them, and waiting until they listen or are gone.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { connect, createServer, type ListenOptions, type Server } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** Starts a program whose standard output and errors go to ours when it dies unasked. */
export class Program {
  readonly #child: ChildProcess;
  #output = '';
  #listener: () => void = () => {};

  constructor(
    command: string,
    args: readonly string[],
    options: { cwd?: string; env?: NodeJS.ProcessEnv; uid?: number; gid?: number } = {},
  ) {
    this.#child = spawn(command, args, { ...options, stdio: 'pipe' });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (text: Buffer) => {
        this.#output = (this.#output + text.toString()).slice(-4000);
        this.#listener();
      });
    }
  }

  /** Types on its standard input. */
  type(keys: string): void {
    this.#child.stdin?.write(keys);
  }

  /** Forgets what it has said, and waits until it says this; when that was. One at a time. */
  says(words: string): Promise<number> {
    this.#output = '';
    return new Promise((resolve) => {
      this.#listener = () => {
        if (!this.#output.includes(words)) return;
        this.#listener = () => {};
        resolve(performance.now());
      };
    });
  }

  /** What it said last, for the error message when something is wrong. */
  get output(): string {
    return this.#output;
  }

  get pid(): number {
    const { pid } = this.#child;
    if (pid === undefined) throw new Error('the program did not start');
    return pid;
  }

  /** With all its descendants. */
  memory(): Memory {
    return memoryOf(familyOf(this.pid));
  }

  peakResident(): number {
    return peakResident(familyOf(this.pid));
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Waits until it has ended by itself; throws with what it said when it did not end well. */
  async ended(): Promise<void> {
    if (this.running) await once(this.#child, 'close');
    const { exitCode, signalCode } = this.#child;
    if (exitCode === 0) return;
    throw new Error(
      `${this.#child.spawnfile} ended with ${exitCode ?? signalCode}: ${this.output}`,
    );
  }

  /** Ends it and waits until it and its children are gone; by force after ten seconds. */
  async stop(): Promise<void> {
    if (!this.running) return;
    const family = familyOf(this.pid);
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    const force = setTimeout(() => this.#child.kill('SIGKILL'), 10_000);
    await gone;
    clearTimeout(force);
    await waitUntil('children to end', () => family.every((pid) => !alive(pid)));
  }
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** The process and all its descendants. */
export function familyOf(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const parent = parentOf(Number(name));
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const family = [root];
  for (const pid of family) family.push(...(children.get(pid) ?? []));
  return family;
}

function parentOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined; // it ended meanwhile
  }
}

/** Octets. PSS shares out pages that several processes map; anonymous pages belong to one. */
export interface Memory {
  readonly pss: number;
  readonly anonymous: number;
}

/** What the processes hold together now. */
export function memoryOf(pids: readonly number[]): Memory {
  let pss = 0;
  let anonymous = 0;
  for (const pid of pids) {
    const rollup = readQuietly(`/proc/${pid}/smaps_rollup`);
    pss += kilobytes(rollup, 'Pss');
    anonymous += kilobytes(rollup, 'Pss_Anon');
  }
  return { pss: pss * 1024, anonymous: anonymous * 1024 };
}

/** The sum of what each process had resident at its highest, in octets. */
export function peakResident(pids: readonly number[]): number {
  return (
    pids.reduce((sum, pid) => sum + kilobytes(readQuietly(`/proc/${pid}/status`), 'VmHWM'), 0) *
    1024
  );
}

/** What one process has resident now, in octets. */
export interface Resident {
  readonly resident: number;
  readonly anonymous: number;
}

export function residentOf(pid: number): Resident {
  const status = readQuietly(`/proc/${pid}/status`);
  return {
    resident: kilobytes(status, 'VmRSS') * 1024,
    anonymous: kilobytes(status, 'RssAnon') * 1024,
  };
}

function kilobytes(text: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0);
}

function readQuietly(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return ''; // it ended meanwhile
  }
}

/** Looks again every few milliseconds; gives up after `seconds`. */
export async function waitUntil(
  what: string,
  done: () => boolean | Promise<boolean>,
  seconds = 60,
): Promise<void> {
  const end = performance.now() + seconds * 1000;
  while (!(await done())) {
    if (performance.now() > end) throw new Error(`waited ${seconds} s in vain for ${what}`);
    await pause(5);
  }
}

/** Waits until the port greets, and gives the milliseconds that took. */
export async function waitForGreeting(port: number, program: Program): Promise<number> {
  const begin = performance.now();
  await waitUntil(`a greeting on port ${port}`, async () => {
    if (!program.running) throw new Error(`it ended: ${program.output}`);
    return greets(port);
  });
  return performance.now() - begin;
}

function greets(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('data', () => {
      resolve(true);
      socket.destroy();
    });
    socket.once('error', () => resolve(false));
    socket.once('end', () => {
      resolve(false);
      socket.destroy();
    });
  });
}

/** Below the ports that the kernel gives away by itself (ip(7), ip_local_port_range). */
const ports = { first: 10_000, last: 32_000 };

/** A port on loopback that nobody listens on, for as long as this program runs: neither this
 * program nor another that asks here is given it again. Its token is a name that only one can hold,
 * and that goes with whoever holds it (unix(7), abstract sockets). */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = ports.first + Math.floor(Math.random() * (ports.last - ports.first));
    const token = await listening({ path: `\0restante-port-${port}` });
    if (token === undefined) continue;
    const trial = await listening({ port, host: '127.0.0.1' });
    if (trial !== undefined) {
      await once(trial.close(), 'close');
      return port;
    }
    token.close();
  }
}

/** Keeps no program alive. Undefined: that is taken. */
async function listening(where: ListenOptions): Promise<Server | undefined> {
  const server = createServer().unref().listen(where);
  try {
    await once(server, 'listening');
    return server;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return undefined;
    throw error;
  }
}

/** Runs a program to its end and gives its standard output; throws with its errors if it fails. */
export async function runProgram(
  command: string,
  args: readonly string[],
  options: { input?: string; cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<string> {
  const { input, ...rest } = options;
  const child = spawn(command, args, { ...rest, stdio: ['pipe', 'pipe', 'pipe'] });
  const output: Buffer[] = [];
  const errors: Buffer[] = [];
  child.stdout.on('data', (data: Buffer) => output.push(data));
  child.stderr.on('data', (data: Buffer) => errors.push(data));
  child.stdin.on('error', () => {}); // it may not want any input
  child.stdin.end(input);
  const [status] = await once(child, 'close');
  if (status !== 0) {
    const said = Buffer.concat([...output, ...errors]).toString();
    throw new Error(`${command} ${args.join(' ')} ended with ${status}: ${said}`);
  }
  return Buffer.concat(output).toString();
}
