/*
 * A real box for integration tests: the pinned runtime on firmware/main.ts, with a data directory
 * and ports of its own. Readiness is an event (its log says 'Ready'), never a guess.
 *
 *   await using box = await startBox({ set: { 'mail.maxOctets': '1M' } });
 *   await box.addAccount('ann', 'secret');
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../scripts/bench/processes.ts';

const checkout = fileURLToPath(new URL('../../', import.meta.url));
const runtime = ['--conditions=source', '--disable-warning=ExperimentalWarning'];

/** How long a box may take to be ready on a busy machine, in milliseconds; an emulated one
 * (test/hardware) wants more. */
const patience = Number(process.env['BOX_PATIENCE'] ?? 120_000);
/** Where the firmware was compiled to, when boxes shall start quickly (test/hardware); else they
 * run the sources. */
const compiled = process.env['BOX_DIST'];
/** What scripts/start gives the runtime. */
const asInstalled = [
  ...['--max-semi-space-size=1', '--max-old-space-size=256'],
  '--disable-warning=ExperimentalWarning',
];

export const portNames = [
  ...(['smtp', 'submission', 'submissions', 'pop3', 'pop3s'] as const),
  ...(['web', 'webs'] as const),
] as const;
export type Ports = Readonly<Record<(typeof portNames)[number], number>>;

export interface BoxOptions {
  /** An existing data directory; else a new one, removed at the end. */
  readonly data?: string;
  readonly set?: Readonly<Record<string, string>>;
  /** Where the firmware was compiled to, for a box that starts quickly; by default BOX_DIST. */
  readonly dist?: string;
  /** Of its process, beside ours; what is in it may be changed between two starts. */
  readonly env?: NodeJS.ProcessEnv;
  /** A command, and its words, that becomes the box, such as one in another network (lan.ts). */
  readonly through?: readonly string[];
  /** What is started in place of the sources: an installed box. */
  readonly program?: readonly string[];
}

/** What a program that has ended said. */
export interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts a box and waits until it is ready; throws with what it said when it ends instead. */
export async function startBox(options: BoxOptions = {}): Promise<TestBox> {
  const own = options.data === undefined;
  const data = options.data ?? (await mkdtemp(join(tmpdir(), 'box-')));
  const box = new TestBox(data, own, await freePorts(), options);
  await box.start();
  return box;
}

export class TestBox {
  readonly data: string;
  /** Others after a start when one was taken meanwhile. */
  ports: Ports;
  readonly #ownsData: boolean;
  readonly #options: BoxOptions;
  #process: ChildProcess | undefined;
  #ended: Promise<Ended> | undefined;
  #lines: string[] = [];

  constructor(data: string, ownsData: boolean, ports: Ports, options: BoxOptions) {
    this.data = data;
    this.#ownsData = ownsData;
    this.ports = ports;
    this.#options = options;
  }

  /** The CA certificate to trust. */
  get caFile(): string {
    return join(this.data, 'tls', 'ca.pem');
  }

  /** What the box has said since its last start, a line each. */
  get log(): readonly string[] {
    return this.#lines;
  }

  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  /** Resolves when the box has ended. */
  get ended(): Promise<Ended> {
    if (this.#ended === undefined) throw new Error('the box was not started');
    return this.#ended;
  }

  /** Another program may have taken a port while the box was off: then it gets others. */
  async start(): Promise<void> {
    for (let left = 3; ; left -= 1) {
      try {
        return await this.#startOnce();
      } catch (error) {
        if (left === 0 || !/is already in use/.test(String(error))) throw error;
        this.ports = await freePorts();
      }
    }
  }

  async #startOnce(): Promise<void> {
    const env = { ...process.env, ...this.#options.env };
    const stdio = ['ignore', 'pipe', 'pipe'] as const;
    const [program = '', ...words] = [...(this.#options.through ?? []), ...this.#words()];
    const child = spawn(program, words, { env, stdio: [...stdio] });
    this.#process = child;
    this.#lines = [];
    this.#ended = endOf(child, this.#lines);
    const alarm = AbortSignal.timeout(patience);
    const tooLong = once(alarm, 'abort');
    const outcome = await Promise.race([this.said(/^ready\b/i), this.#ended, tooLong]);
    if (typeof outcome === 'string') return;
    child.kill('SIGKILL');
    throw new Error(`the box did not get ready:\n${this.#lines.join('\n')}`);
  }

  /** The first line, from the start on, in which the sentence matches. */
  said(pattern: RegExp): Promise<string> {
    const child = this.#process;
    if (child === undefined) throw new Error('the box was not started');
    const matches = (line: string) => pattern.test(sentenceOf(line));
    const already = this.#lines.find(matches);
    if (already !== undefined) return Promise.resolve(already);
    return new Promise((resolve) => {
      const look = () => {
        const line = this.#lines.find(matches);
        if (line === undefined) return;
        child.off('said', look);
        resolve(line);
      };
      child.on('said', look);
    });
  }

  /** The next line, from now on, in which the sentence matches. */
  saidAgain(pattern: RegExp): Promise<string> {
    this.#lines.length = 0;
    return this.said(pattern);
  }

  /** Sends a signal and waits for the end. */
  async kill(signal: NodeJS.Signals = 'SIGTERM'): Promise<Ended> {
    this.#process?.kill(signal);
    return this.ended;
  }

  /** Ends it (by SIGKILL when asked: a power cut) and starts it again on the same data and ports. */
  async restart(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    await this.kill(signal);
    await this.start();
  }

  /** Runs the command on this box. */
  cli(words: readonly string[], input = ''): Promise<Ended> {
    return cli([...words, '--data', this.data], input);
  }

  async addAccount(name: string, password: string): Promise<void> {
    const made = await this.cli(['account', 'add', name, '--password-stdin'], password);
    if (made.status !== 0) throw new Error(`account add: ${made.stderr}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill('SIGKILL');
    if (this.#ownsData) await rm(this.data, { recursive: true, force: true });
  }

  #words(): string[] {
    const { dist = compiled } = this.#options;
    const built =
      dist === undefined
        ? [process.execPath, ...runtime, join(checkout, 'firmware/main.ts')]
        : [process.execPath, ...asInstalled, join(dist, 'firmware/main.js')];
    const program = this.#options.program ?? built;
    const settings = {
      'listen.host': '127.0.0.1',
      'log.format': 'json',
      ...Object.fromEntries(portNames.map((name) => [`${name}.port`, String(this.ports[name])])),
      ...this.#options.set,
    };
    const set = Object.entries(settings).flatMap(([name, value]) => ['--set', `${name}=${value}`]);
    return [...program, '--data', this.data, ...set];
  }
}

/** Runs the command with these words. */
export function cli(words: readonly string[], input = ''): Promise<Ended> {
  return runProgram([join(checkout, 'firmware/cli.ts'), ...words], input);
}

/** Runs main.ts with these words until it ends by itself. */
export function powerOn(words: readonly string[]): Promise<Ended> {
  return runProgram([join(checkout, 'firmware/main.ts'), ...words], '');
}

async function runProgram(words: readonly string[], input: string): Promise<Ended> {
  const child = spawn(process.execPath, [...runtime, ...words], { stdio: 'pipe' });
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  return endOf(child, []);
}

/** Ports that are free, on 127.0.0.1 and probably on ::1. */
async function freePorts(): Promise<Ports> {
  const ports: [string, number][] = [];
  for (const name of portNames) ports.push([name, await freePort()]);
  return Object.fromEntries(ports) as Ports;
}

async function endOf(child: ChildProcess, lines: string[]): Promise<Ended> {
  const [stdout, stderr]: [string[], string[]] = [[], []];
  for (const [stream, kept] of [
    [child.stdout, stdout],
    [child.stderr, stderr],
  ] as const) {
    if (stream === null) continue;
    createInterface(stream).on('line', (line) => {
      kept.push(line);
      lines.push(line);
      child.emit('said');
    });
  }
  const [status, signal] = await once(child, 'close');
  return { status, signal, stdout: stdout.join('\n'), stderr: stderr.join('\n') };
}

/** The sentence of a log line in JSON; the line itself when it is none. */
function sentenceOf(line: string): string {
  try {
    return String(JSON.parse(line).say);
  } catch {
    return line;
  }
}
