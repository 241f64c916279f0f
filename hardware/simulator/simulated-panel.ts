/*
 * The front panel where there is no hardware: on the terminal that runs the box, as its last line,
 * with the log above it and keys for the button. Ctrl-C, Ctrl-\ and Ctrl-Z do what they do
 * everywhere. Where there is no terminal the lamps are log lines, at most one a second.
 *
 * It touches the terminal only while the box is in its foreground; sent to the background, the box
 * runs on with plain log lines, and the panel comes back with `fg`.
 */
import type { ReadStream, WriteStream } from 'node:tty';
import type { Clock } from '#base/clock';
import type { Log } from '#base/log';
import { ok, type Result } from '#base/result';
import type { ButtonEvent, LampName, Lamps, PanelDriver, PanelTrouble } from '#panel/panel';
import { Blinker } from '../drivers/blinker.ts';
import { face } from './face.ts';
import { inForeground } from './foreground.ts';
import { type KeyDeed, keyDeeds, keyHelp } from './keys.ts';
import type { LastLine } from './last-line.ts';

export interface SimulatedPanelParts {
  /** What the log is written through. */
  readonly line: LastLine;
  /** process.stdin and process.stdout, terminals or not. */
  readonly input: ReadStream;
  readonly output: WriteStream;
  /** For LANG and NO_COLOR. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Milliseconds after which a process that was to stop has stopped, or never will. */
const unlessStopped = 50;

const betweenLines = 1_000;

export class SimulatedPanel implements PanelDriver {
  readonly name = 'simulated';
  readonly #parts: SimulatedPanelParts;
  readonly #blinker: Blinker;
  readonly #unicode: boolean;
  readonly #colour: boolean;
  #pressed: (event: ButtonEvent) => void = () => {};
  #lamps: Lamps = new Map();
  #lit: ReadonlySet<LampName> = new Set();
  #has = false;
  #finger = false;
  #alarms = new Set<Disposable>();
  /** Counts the stops, so that what waits for one knows that it came, or that another does. */
  #stops = 0;
  #quiet = false;
  #told = '';

  constructor(parts: SimulatedPanelParts) {
    this.#parts = parts;
    this.#blinker = new Blinker(parts.clock, (lit) => this.#light(lit));
    const { LC_ALL, LC_CTYPE, LANG, TERM, NO_COLOR } = parts.environment;
    this.#unicode = /utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || '');
    // https://no-color.org: any value that is not empty.
    this.#colour = (NO_COLOR ?? '') === '' && TERM !== undefined && TERM !== 'dumb';
  }

  async start(pressed: (event: ButtonEvent) => void): Promise<Result<void, PanelTrouble>> {
    this.#pressed = pressed;
    if (!this.#isTerminal) return ok(undefined);
    const { input, output } = this.#parts;
    input.setEncoding('utf8');
    input.on('data', this.#typed);
    // A terminal that goes away is told by SIGHUP; it must not be a defect, too.
    input.on('error', () => {});
    output.on('resize', this.#draw);
    process.on('SIGCONT', this.#goOn);
    process.on('exit', this.#letGo);
    this.#take();
    return ok(undefined);
  }

  show(lamps: Lamps): void {
    this.#lamps = lamps;
    if (!this.#isTerminal) {
      this.#tell();
      return;
    }
    if (!this.#has) this.#take();
    this.#blinker.show(lamps);
    this.#draw();
  }

  async stop(): Promise<void> {
    this.#stops += 1;
    this.#blinker.stop();
    for (const alarm of this.#alarms) alarm[Symbol.dispose]();
    this.#alarms.clear();
    if (!this.#isTerminal) return;
    const { input, output } = this.#parts;
    process.off('SIGCONT', this.#goOn);
    process.off('exit', this.#letGo);
    output.off('resize', this.#draw);
    input.off('data', this.#typed);
    this.#letGo();
    input.pause();
  }

  /** A terminal of so little skill that nothing can be wiped is none. */
  get #isTerminal(): boolean {
    const { input, output, environment } = this.#parts;
    return input.isTTY && output.isTTY && environment['TERM'] !== 'dumb';
  }

  readonly #take = (): void => {
    const { input, line } = this.#parts;
    // Who had the terminal meanwhile has written over the line.
    line.forget();
    this.#has = inForeground();
    if (!this.#has) {
      input.pause();
      return;
    }
    // Off and on again: a shell may have set other modes, of which the runtime knows nothing.
    input.setRawMode(false);
    input.setRawMode(true);
    input.resume();
    this.#draw();
  };

  readonly #goOn = (): void => {
    this.#stops += 1;
    this.#take();
  };

  readonly #letGo = (): void => {
    if (!this.#has) return;
    this.#has = false;
    this.#parts.line.hide();
    if (inForeground()) this.#parts.input.setRawMode(false);
  };

  #light(lit: ReadonlySet<LampName>): void {
    this.#lit = lit;
    this.#draw();
  }

  readonly #draw = (): void => {
    if (!this.#has) return;
    const { line, output } = this.#parts;
    const terms = { columns: output.columns || 80, unicode: this.#unicode, colour: this.#colour };
    const { text, width } = face([...this.#lamps.keys()], this.#lit, terms);
    line.show(text, width);
  };

  readonly #typed = (typed: string | Buffer): void => {
    for (const deed of keyDeeds(String(typed))) this.#do(deed);
  };

  #do(deed: KeyDeed): void {
    switch (deed.kind) {
      case 'signal':
        this.#signal(deed.signal);
        break;
      case 'press':
        this.#press(deed.held);
        break;
      case 'finger':
        // A finger that a key put there goes by itself.
        if (this.#alarms.size === 0) this.#move(!this.#finger);
        break;
      case 'help':
        this.#parts.line.write(keyHelp);
        break;
      case 'redraw':
        this.#take();
        break;
    }
  }

  /** To all that the terminal would signal: the box may run below npm. */
  #signal(signal: NodeJS.Signals): void {
    if (signal !== 'SIGTSTP') {
      process.kill(0, signal);
      return;
    }
    this.#letGo();
    process.kill(0, signal);
    // Where nobody is there to say `fg` the kernel does not stop a process, and this goes on. Where
    // somebody is, the stop may come a little later, for it is another thread's to take.
    const stop = ++this.#stops;
    const alarm = this.#parts.clock.after(unlessStopped, () => {
      this.#alarms.delete(alarm);
      // After a stop both the alarm and SIGCONT are due; the signal is first, and takes it alone.
      setImmediate(() => {
        if (stop === this.#stops) this.#take();
      });
    });
    this.#alarms.add(alarm);
  }

  #press(held: number): void {
    if (this.#finger) return;
    this.#move(true);
    const alarm = this.#parts.clock.after(held, () => {
      this.#alarms.delete(alarm);
      this.#move(false);
    });
    this.#alarms.add(alarm);
  }

  #move(down: boolean): void {
    this.#finger = down;
    this.#pressed({ button: 'flush', down, at: this.#parts.clock.elapsed() });
  }

  #tell(): void {
    const now = [...this.#lamps].map(([lamp, pattern]) => `${lamp} ${pattern}`).join(', ');
    if (this.#quiet || now === this.#told) return;
    this.#told = now;
    this.#quiet = true;
    const { log, environment } = this.#parts;
    // A journal is on the box's own disk, and nobody looks at lamps there.
    if (environment['JOURNAL_STREAM'] === undefined) log.info(`Lamps: ${now}`);
    else log.debug(`Lamps: ${now}`);
    const alarm = this.#parts.clock.after(betweenLines, () => {
      this.#alarms.delete(alarm);
      this.#quiet = false;
      this.#tell();
    });
    this.#alarms.add(alarm);
  }
}
