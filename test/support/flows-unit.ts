/*
 * What systemd does for Node-RED on an appliance (hardware/system/restante-flows.path and .service),
 * in a folder of a test: it runs the installed program as a user of its own while the marker is
 * there, in an environment read from the unit itself. What the kernel does for that unit beyond
 * users and modes of files (the sandbox) is not here: test/hardware has a real systemd.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, type FSWatcher, readFileSync, watch } from 'node:fs';
import { chmod, chown, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Of the box and of Node-RED: users and groups that are nobody else's. */
export const users = { box: 61_801, flows: 61_802 } as const;

/** A command that is run as one of them, without any right of root's. */
export function as(user: keyof typeof users, ...words: readonly string[]): string[] {
  const id = users[user];
  // The box's user is in the other's group (sysusers.conf), not the other way round.
  const groups = user === 'box' ? [`--groups=${users.flows}`] : ['--clear-groups'];
  const rights = ['--no-new-privs', '--inh-caps=-all', '--bounding-set=-all'];
  return ['setpriv', `--reuid=${id}`, `--regid=${id}`, ...groups, ...rights, '--', ...words];
}

export class FlowsUnit {
  readonly #root: string;
  readonly #base: string;
  #watcher: FSWatcher | undefined;
  #process: ChildProcess | undefined;
  /** From before its process to after its note. */
  #isRunning = false;
  #over: Promise<void> = Promise.resolve();
  #away = false;
  #restart: NodeJS.Timeout | undefined;
  readonly said: string[] = [];

  /** `root`: where the box is installed. `base`: stands for / where the box runs. */
  constructor(root: string, base: string) {
    this.#root = root;
    this.#base = base;
  }

  /** The folders of tmpfiles.conf and of both units, and an eye on the marker. */
  async start(): Promise<void> {
    await this.#make('var/lib/restante', 'box', 'box', 0o700);
    await this.#make('var/lib/restante-flows', 'flows', 'flows', 0o750);
    await this.#make('run/restante-flows', 'box', 'flows', 0o2750);
    this.#watcher = watch(this.#place('run/restante-flows'), () => this.#look());
  }

  /** Of the box, as restante.service has it. */
  get boxEnvironment(): NodeJS.ProcessEnv {
    return this.#environmentOf('restante.service');
  }

  get data(): string {
    return this.#place('var/lib/restante');
  }

  get marker(): string {
    return this.#place('run/restante-flows/wanted');
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Resolves when the process that runs now has ended, and has left its note. */
  get over(): Promise<void> {
    return this.#over;
  }

  kill(): void {
    this.#process?.kill('SIGKILL');
  }

  /** From now on it is not started, though it be wanted: as while it crashes again and again. */
  stayAway(): void {
    this.#away = true;
  }

  comeBack(): void {
    this.#away = false;
    this.#look();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#watcher?.close();
    clearTimeout(this.#restart);
    this.#away = true;
    this.kill();
    await this.#over;
  }

  #look(): void {
    const isWanted = existsSync(this.marker);
    if (!isWanted || this.#away || this.#isRunning) return;
    this.#isRunning = true;
    this.#over = this.#run();
  }

  async #run(): Promise<void> {
    const unit = this.#unit('restante-flows.service');
    const [, started = ''] = /^ExecStart=(.*)$/m.exec(unit) ?? [];
    const [, ended = ''] = /^ExecStopPost=(.*)$/m.exec(unit) ?? [];
    const [, umask = ''] = /^UMask=(.*)$/m.exec(unit) ?? [];
    const installed = started.split(' ').map((path) => join(this.#root, path));
    const masked = ['sh', '-c', `umask ${umask}; exec "$@"`, 'sh', ...installed];
    const [command = '', ...rest] = as('flows', ...masked);
    const environment = this.#environmentOf('restante-flows.service');
    const note = environment['RESTANTE_FLOWS_ENDED'] ?? '';
    // ExecStartPre=
    for (const left of [note, `${note}.own`]) await rm(left, { force: true });
    // RuntimeDirectory=, preserved: it is there before the program has come so far, and stays.
    await this.#make('run/restante-flows-page', 'flows', 'flows', 0o750);
    const child = spawn(command, rest, {
      cwd: this.#place('var/lib/restante-flows'),
      env: { PATH: process.env['PATH'], ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#process = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (piece) => this.said.push(String(piece)));
    }
    const [status, signal] = await once(child, 'close');
    await this.#leave(join(this.#root, ended), { status, signal, environment });
    this.#process = undefined;
    this.#isRunning = false;
    // Restart=on-failure waits for RestartSec; the path that finds the marker anew does not.
    const [, seconds = ''] = /^RestartSec=(\d+)s$/m.exec(unit) ?? [];
    if (status === 0) this.#look();
    else this.#restart = setTimeout(() => this.#look(), Number(seconds) * 1_000);
  }

  /** ExecStopPost=, which systemd tells how it ended (systemd.exec(5), $SERVICE_RESULT). */
  async #leave(
    program: string,
    how: { status: number | null; signal: string | null; environment: NodeJS.ProcessEnv },
  ): Promise<void> {
    const { status, signal, environment } = how;
    const result = signal === null ? (status === 0 ? 'success' : 'exit-code') : 'signal';
    const [command = '', ...rest] = as('flows', program);
    const child = spawn(command, rest, {
      env: {
        ...{ PATH: process.env['PATH'], ...environment, SERVICE_RESULT: result },
        EXIT_STATUS: signal?.slice('SIG'.length) ?? String(status),
      },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    await once(child, 'close');
  }

  #unit(name: string): string {
    return readFileSync(join(this.#root, 'etc/systemd/system', name), 'utf8');
  }

  #environmentOf(name: string): NodeJS.ProcessEnv {
    return Object.fromEntries(
      [...this.#unit(name).matchAll(/^Environment=(.*)$/gm)]
        .flatMap(([, line = '']) => [...line.matchAll(/"([^"]*)"|(\S+)/g)])
        .map(([, quoted, plain]) => (quoted ?? plain ?? '').split('='))
        .map(([key = '', value = '']) => [
          key,
          /^\/(run|var)\//.test(value) ? this.#place(value) : value,
        ]),
    );
  }

  #place(path: string): string {
    return join(this.#base, path);
  }

  async #make(path: string, user: keyof typeof users, group: keyof typeof users, mode: number) {
    await mkdir(this.#place(path), { recursive: true });
    await chown(this.#place(path), users[user], users[group]);
    // After the owner: a change of owner takes the bit for the group away.
    await chmod(this.#place(path), mode);
  }
}
