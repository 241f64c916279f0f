/*
 * Restante as it is installed: compiled JavaScript on the pinned runtime, a data folder of its own,
 * on loopback, all settings as they ship but for the ports. `RESTANTE_DIST` names a folder that
 * was compiled before; otherwise it is compiled once per run.
 */

import { copyFile, mkdir, symlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { ask } from '#control/client';
import { parseCommand } from '#control/parse';
import { controlSocketPath } from '#control/socket-path';
import { verbs } from '#control/verbs/table';
import { freePort, type Memory, Program, runProgram, waitForGreeting } from './processes.ts';
import { type Forwarder, type Giver, login, password, type Receiver } from './rig.ts';

const checkout = resolve(import.meta.dirname, '../..');
const silent = ['submission', 'submissions', 'pop3s', 'imap', 'imaps', 'web', 'webs'];

/** Compiles the firmware into `folder`, laid out so that its imports resolve there. */
export async function compile(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  await copyFile(join(checkout, 'package.json'), join(folder, 'package.json'));
  await symlink(join(checkout, 'node_modules'), join(folder, 'node_modules'));
  const tsc = join(checkout, 'node_modules/.bin/tsc');
  const project = join(checkout, 'firmware/tsconfig.json');
  await runProgram(tsc, ['-p', project, '--outDir', join(folder, 'dist')]);
  return join(folder, 'dist');
}

export interface BenchOptions {
  /** Beside those of all rows, as NAME=VALUE. */
  readonly settings?: readonly string[];
  /** On a terminal, where it shows its panel. */
  readonly onTerminal?: boolean;
}

export class Restante implements Receiver, Giver, Forwarder {
  /** The data folder. */
  readonly folder: string;
  readonly #dist: string;
  readonly #options: BenchOptions;
  #smtpPort = 0;
  #pop3Port = 0;
  #program: Program | undefined;
  #startUp = 0;

  constructor(dist: string, folder: string, options: BenchOptions = {}) {
    this.#dist = dist;
    this.folder = folder;
    this.#options = options;
  }

  get smtpPort(): number {
    return this.#smtpPort;
  }

  get pop3Port(): number {
    return this.#pop3Port;
  }

  /** Milliseconds from the start of the process to the POP3 greeting. */
  get startUp(): number {
    return this.#startUp;
  }

  get pid(): number {
    return this.program.pid;
  }

  get program(): Program {
    if (this.#program === undefined) throw new Error('Restante is not running');
    return this.#program;
  }

  async start(): Promise<void> {
    this.#smtpPort = await freePort();
    this.#pop3Port = await freePort();
    await mkdir(this.folder, { recursive: true });
    const { settings = [], onTerminal = false } = this.#options;
    const all = [
      'listen.host=127.0.0.1',
      `smtp.port=${this.#smtpPort}`,
      `pop3.port=${this.#pop3Port}`,
      ...silent.map((name) => `${name}.port=0`),
      ...settings,
    ];
    const words = [
      process.execPath,
      ...runtimeOptions(),
      join(this.#dist, 'firmware/main.js'),
      ...['--data', this.folder],
      ...all.flatMap((setting) => ['--set', setting]),
    ];
    const terminal = { TERM: 'xterm', LC_ALL: 'C.UTF-8', NO_COLOR: '1' };
    const env = { ...process.env, MALLOC_ARENA_MAX: '1', ...(onTerminal ? terminal : {}) };
    const [command = '', ...args] = onTerminal ? inTerminal(words) : words;
    this.#program = new Program(command, args, { env });
    this.#startUp = await waitForGreeting(this.#pop3Port, this.#program);
    await waitForGreeting(this.#smtpPort, this.#program);
  }

  async stop(): Promise<void> {
    await this.#program?.stop();
  }

  /** Accounts user0, user1 and so on; the box must be running. */
  async addAccounts(count: number): Promise<void> {
    for (let number = 0; number < count; number += 1) {
      await this.#cli(['account', 'add', login(number), '--password-stdin'], `${password}\n`);
    }
  }

  /** A provider for everybody's mail, and programs on loopback as a device of the first account,
   * which need no password. Each start of the box lets them send 10,000 messages. */
  async addWayOut(port: number, connections: number): Promise<void> {
    const uplink = `--host 127.0.0.1 --port ${port} --security none --default`;
    await this.command(`uplink add sink ${uplink} --connections ${connections}`);
    await this.command(
      `device add bench --address 127.0.0.1 --account ${login(0)} --per-hour 10000`,
    );
  }

  /** Does what the command with these words does, without a process of its own. */
  async command(words: string, secret?: string): Promise<unknown> {
    const parsed = parseCommand(words.split(' '), verbs);
    if (parsed.kind !== 'command') throw new Error(`what is "${words}"?`);
    const call = secret === undefined ? parsed.call : { ...parsed.call, secret };
    const done = await ask(controlSocketPath(this.folder), parsed.verb, call);
    if (!done.ok) throw new Error(`${words}: ${done.error.say}`);
    return done.value;
  }

  async beforeDrain(): Promise<void> {
    // A flush sends once what is queued now, hold or not.
  }

  async drain(): Promise<void> {
    await this.command('flush');
  }

  async settle(): Promise<void> {
    // What it has accepted lies in the mailbox already.
  }

  memory(): Memory {
    return this.program.memory();
  }

  peakResident(): number {
    return this.program.peakResident();
  }

  #cli(args: readonly string[], input: string): Promise<string> {
    const program = join(this.#dist, 'firmware/cli.js');
    return runProgram(process.execPath, [program, ...args, '--data', this.folder], {
      input,
      cwd: dirname(this.#dist),
    });
  }
}

/** script(1) gives a command a terminal of its own. */
function inTerminal(words: readonly string[]): string[] {
  const quoted = words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
  return ['script', '-q', '-e', '-c', `exec ${quoted}`, '/dev/null'];
}

/** As scripts/start runs it, unless RESTANTE_NODE_OPTIONS say otherwise; RESTANTE_PROFILE=folder
 * writes a CPU profile of every box that a row starts. */
function runtimeOptions(): string[] {
  const asInstalled = '--max-semi-space-size=1 --max-old-space-size=256';
  const { RESTANTE_PROFILE: folder, RESTANTE_NODE_OPTIONS: more = asInstalled } = process.env;
  const profile = folder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${folder}`];
  return [...profile, ...more.split(' ').filter((option) => option !== '')];
}
