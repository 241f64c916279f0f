/*
 * A home network made of the kernel's own network namespaces: hosts with an address each, on one
 * switch, cut off from everything else. Needs root and iproute2. Nothing said on it leaves it.
 *
 *   await using lan = await Lan.make();
 *   const box = await lan.host(1);          // 10.77.0.1
 *   spawn(box.command[0], [...box.command.slice(1), 'program'])
 */
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { missingProgram } from './programs.ts';

const run = promisify(execFile);

/** Why tests with namespaces are skipped here; undefined: they are not. */
export function noLan(): string | undefined {
  const missing = missingProgram('ip');
  if (missing !== undefined) return missing;
  if (process.getuid?.() !== 0) return 'network namespaces need root';
  const name = `restante-try-${process.pid}`;
  try {
    execFileSync('ip', ['netns', 'add', name], { stdio: 'ignore' });
    execFileSync('ip', ['netns', 'del', name], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'this machine makes no network namespaces';
  }
}

export interface LanHost {
  readonly name: string;
  readonly address: string;
  /** What a command begins with to run on it. */
  readonly command: readonly string[];
}

export class Lan {
  readonly #mark = `restante-${process.pid}`;
  readonly #names: string[] = [];
  readonly #ending: (() => Promise<void>)[] = [];

  static async make(): Promise<Lan> {
    const lan = new Lan();
    const name = await lan.#namespace('switch');
    await run('ip', ['-n', name, 'link', 'add', 'bridge', 'type', 'bridge']);
    await run('ip', ['-n', name, 'link', 'set', 'bridge', 'up']);
    return lan;
  }

  async host(number: number): Promise<LanHost> {
    const name = await this.#namespace(String(number));
    const port = `port${number}`;
    const peer = ['type', 'veth', 'peer', 'name', port, 'netns', `${this.#mark}-switch`];
    await run('ip', ['-n', name, 'link', 'add', 'eth0', ...peer]);
    await run('ip', ['-n', `${this.#mark}-switch`, 'link', 'set', port, 'master', 'bridge', 'up']);
    const address = `10.77.0.${number}`;
    await run('ip', ['-n', name, 'address', 'add', `${address}/24`, 'dev', 'eth0']);
    await run('ip', ['-n', name, 'link', 'set', 'eth0', 'up']);
    return { name, address, command: ['ip', 'netns', 'exec', name] };
  }

  /** Pulls the cable, or plugs it in again. */
  async cable(host: LanHost, state: 'up' | 'down'): Promise<void> {
    await run('ip', ['-n', host.name, 'link', 'set', 'eth0', state]);
    if (state === 'down') return;
    const has = await run('ip', ['-n', host.name, 'address', 'show', 'dev', 'eth0']);
    if (has.stdout.includes(host.address)) return;
    await run('ip', ['-n', host.name, 'address', 'add', `${host.address}/24`, 'dev', 'eth0']);
  }

  /** Avahi on a host, calling itself `name.local`, with a message bus of its own. */
  async avahi(host: LanHost, name: string): Promise<Avahi> {
    const avahi = await Avahi.start(host, name);
    this.#ending.push(() => avahi.stop());
    return avahi;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const end of this.#ending) await end();
    for (const name of this.#names) await run('ip', ['netns', 'del', name]);
  }

  async #namespace(name: string): Promise<string> {
    const full = `${this.#mark}-${name}`;
    await run('ip', ['netns', 'add', full]);
    this.#names.push(full);
    await run('ip', ['-n', full, 'link', 'set', 'lo', 'up']);
    return full;
  }
}

/** In namespaces of its own, so that it meets no other Avahi's files. */
const startAvahi = `
mount -t tmpfs none /run
mkdir -p /run/dbus /run/avahi-daemon
dbus-daemon --system --fork --nopidfile
exec avahi-daemon --no-rlimits --no-drop-root --no-chroot -f "$1"
`;

export class Avahi {
  readonly #daemon: ChildProcess;
  readonly #folder: string;
  readonly #lines: string[] = [];

  private constructor(daemon: ChildProcess, folder: string) {
    this.#daemon = daemon;
    this.#folder = folder;
  }

  static async start(host: LanHost, name: string): Promise<Avahi> {
    const folder = await mkdtemp(join(tmpdir(), 'avahi-'));
    const settings = join(folder, 'avahi.conf');
    await writeFile(
      settings,
      `[server]\nhost-name=${name}\nuse-ipv4=yes\nuse-ipv6=yes\n[publish]\npublish-workstation=no\n`,
    );
    // When its first process is killed, the kernel ends all others.
    const own = ['unshare', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
    const words = [...host.command, ...own, 'sh', '-ec', startAvahi];
    const [program = '', ...rest] = [...words, 'sh', settings];
    const daemon = spawn(program, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
    const avahi = new Avahi(daemon, folder);
    for (const stream of [daemon.stdout, daemon.stderr]) {
      createInterface(stream).on('line', (line) => {
        avahi.#lines.push(line);
        daemon.emit('said');
      });
    }
    await avahi.said(/Server startup complete/);
    return avahi;
  }

  /** The first line of its log that matches. */
  async said(pattern: RegExp): Promise<string> {
    for (;;) {
      const found = this.#lines.find((line) => pattern.test(line));
      if (found !== undefined) return found;
      if (this.#daemon.exitCode !== null) throw new Error(this.#lines.join('\n'));
      await Promise.race([once(this.#daemon, 'said'), once(this.#daemon, 'exit')]);
    }
  }

  /** Runs a program beside it, to its end; what it printed. */
  async ask(...words: readonly string[]): Promise<string> {
    const { stdout } = await run('nsenter', [...this.#inside, ...words]);
    return stdout;
  }

  /** What a program that goes on prints, line by line. */
  watch(...words: readonly string[]): Watching {
    return new Watching(spawn('nsenter', [...this.#inside, ...words], { stdio: 'pipe' }));
  }

  async stop(): Promise<void> {
    const ended = once(this.#daemon, 'exit');
    if (this.#daemon.exitCode === null && this.#daemon.kill('SIGKILL')) await ended;
    await rm(this.#folder, { recursive: true, force: true });
  }

  get #inside(): string[] {
    return ['-t', String(this.#daemon.pid), '-m', '-n'];
  }
}

class Watching implements Disposable {
  readonly #child: ChildProcess;
  readonly #lines: string[] = [];

  constructor(child: ChildProcess) {
    this.#child = child;
    if (child.stdout === null) throw new Error('it says nothing');
    createInterface(child.stdout).on('line', (line) => {
      this.#lines.push(line);
      child.emit('said');
    });
  }

  /** A line that matches, from those that were not asked for yet. */
  async next(pattern: RegExp): Promise<string> {
    for (;;) {
      const index = this.#lines.findIndex((line) => pattern.test(line));
      if (index >= 0) return this.#lines.splice(index, 1)[0] ?? '';
      await once(this.#child, 'said', { signal: AbortSignal.timeout(120_000) });
    }
  }

  [Symbol.dispose](): void {
    this.#child.kill();
  }
}
