/*
 * A stand-in for a board that runs Espruino: as much of its language as hardware/espruino/panel.js
 * uses, on a real tty. Runs as a program of its own (`startBoard`), which loads panel.js as it is,
 * tells each level that changes on a pin, and is told which levels come from outside. Its clock can
 * be moved on, so that nobody has to wait for silence.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { EventEmitter, on, once } from 'node:events';
import { closeSync, constants, openSync, readFileSync } from 'node:fs';
import { ReadStream, WriteStream } from 'node:tty';
import { fileURLToPath } from 'node:url';
import { createContext, runInContext } from 'node:vm';

type Order =
  | { readonly pin: string; readonly level: number }
  | { readonly later: number }
  | { readonly startAnew: true };

interface Watch {
  readonly pin: string;
  readonly tell: (e: { state: boolean; time: number }) => void;
}

const panelProgram = fileURLToPath(new URL('../../hardware/espruino/panel.js', import.meta.url));

/** Runs the program with these as its USB line and its clock; gives its world. */
export function runPanel(
  line: { print(text: string): void; on(event: 'data', came: (text: string) => void): void },
  told: (pin: string, level: number) => void,
  getTime: () => number,
) {
  const levels = new Map<string, number>();
  const watches: Watch[] = [];
  const started: (() => void)[] = [];
  const ticking: NodeJS.Timeout[] = [];
  const pins = Object.fromEntries(['B3', 'B4', 'B5', 'B10'].map((name) => [name, { name }]));
  const world = createContext({
    ...pins,
    USB: line,
    process: { env: { BOARD: 'STAND_IN' } },
    getTime,
    // What ticks keeps no test alive; the board itself lives by its line.
    setInterval: (task: () => void, ms: number) => ticking.push(setInterval(task, ms).unref()),
    pinMode: () => {},
    digitalWrite: ({ name }: { name: string }, level: number) => {
      if (levels.get(name) === level) return;
      levels.set(name, level);
      told(name, level);
    },
    setWatch: (tell: Watch['tell'], { name }: { name: string }) => {
      watches.push({ pin: name, tell });
    },
    E: { setConsole: () => {}, on: (_init: string, start: () => void) => started.push(start) },
  });
  runInContext(readFileSync(panelProgram, 'utf8'), world);
  for (const start of started) start();
  const set = (pin: string, level: number) => {
    for (const watch of watches) {
      if (watch.pin === pin) watch.tell({ state: level === 1, time: getTime() });
    }
  };
  const end = () => {
    for (const one of ticking) clearInterval(one);
  };
  return { world, set, end };
}

/** The board as another program, on a tty. */
export class Board implements AsyncDisposable {
  readonly #process: ChildProcess;
  /** How the pins were, from what was seen last on: several changes may come at once. */
  readonly #states: Readonly<Record<string, number>>[] = [];

  constructor(process: ChildProcess) {
    this.#process = process;
    process.on('message', ({ pin, level }: { pin: string; level: number }) => {
      this.#states.push({ ...this.#states.at(-1), [pin]: level });
      process.emit('level');
    });
  }

  /** Resolves when these pins have these levels, or have had them since the last time. */
  async shows(wanted: Readonly<Record<string, number>>): Promise<void> {
    for (;;) {
      const seen = this.#states.findIndex((state) =>
        Object.entries(wanted).every(([pin, level]) => state[pin] === level),
      );
      if (seen >= 0) return void this.#states.splice(0, seen);
      await once(this.#process, 'level');
    }
  }

  /** Resolves when this pin has changed so many times. */
  async turns(pin: string, count: number): Promise<void> {
    let left = count;
    for await (const [message] of on(this.#process, 'message')) {
      if (message.pin === pin) left -= 1;
      if (left === 0) return;
    }
  }

  set(pin: string, level: number): void {
    this.#process.send({ pin, level } satisfies Order);
  }

  /** So many seconds pass on its clock, at once. */
  later(seconds: number): void {
    this.#process.send({ later: seconds } satisfies Order);
  }

  /** Loses its power in the middle of a line that it says, and has it again. */
  startAnew(): void {
    this.#process.send({ startAnew: true } satisfies Order);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await ended;
  }
}

export async function startBoard(tty: string): Promise<Board> {
  const execArgv = ['--conditions=source', '--disable-warning=ExperimentalWarning'];
  const board = fork(fileURLToPath(import.meta.url), [tty], { execArgv });
  const running = new Board(board);
  await once(board, 'message');
  return running;
}

function run(tty: string): void {
  const descriptor = openSync(tty, constants.O_RDWR | constants.O_NOCTTY);
  const input = new ReadStream(descriptor);
  const output = new WriteStream(openSync(tty, constants.O_RDWR | constants.O_NOCTTY));
  input.setRawMode(true);
  const line = new EventEmitter();
  // Espruino hands data out in pieces of any size.
  input.on('data', (octets: Buffer) => {
    for (let at = 0; at < octets.length; at += 7) {
      line.emit('data', octets.subarray(at, at + 7).toString('latin1'));
    }
  });
  let offset = 0;
  const usb = Object.assign(line, { print: (text: string) => void output.write(text) });
  const send = (pin: string, level: number) => process.send?.({ pin, level });
  const start = () => runPanel(usb, send, () => process.uptime() + offset);
  let panel = start();
  process.on('message', (order: Order) => {
    if ('later' in order) {
      offset += order.later;
    } else if ('startAnew' in order) {
      panel.end();
      line.removeAllListeners('data');
      usb.print('down flu');
      panel = start();
    } else {
      panel.set(order.pin, order.level);
    }
  });
  process.on('disconnect', () => {
    closeSync(descriptor);
    process.exit();
  });
}

const [, program, tty] = process.argv;
if (program === fileURLToPath(import.meta.url) && tty !== undefined) run(tty);
