/*
 * Pins by the package onoff, which uses the kernel's old GPIO files: for kernels that show no
 * character device. It cannot pull a button up (the wiring must), debounces by a timer, and leaves
 * lines behind when the process is killed; the next run takes those back. The package is optional
 * and loaded only here.
 */
import { createRequire } from 'node:module';
import type { Clock } from '#base/clock';
import { failed, ok, type Result, trouble } from '#base/result';
import type { ButtonEvent, LampName, PanelTrouble } from '#panel/panel';
import type { LampPin, PinPlan } from '../../boards/board.ts';
import { noPermission, type Sight } from '../../boards/boards.ts';
import { pinWords } from '../../boards/header.ts';
import { debounce, type PinDriver, type PinLines } from '../pins.ts';
import { Notes } from './notes.ts';
import { Sysfs, type SysfsChip } from './sysfs.ts';

/** What is used of the package. Its poller is private, and keeps the process up unless closed. */
interface Gpio {
  writeSync(value: 0 | 1): void;
  watch(seen: (error: Error | null | undefined, value: 0 | 1) => void): void;
  direction(): string;
  unexport(): void;
  readonly _poller: { close(): void };
}

interface GpioOptions {
  readonly activeLow: boolean;
  readonly debounceTimeout?: number;
}

interface Onoff {
  readonly Gpio: new (
    line: number,
    direction: 'in' | 'high' | 'low',
    edge: 'none' | 'both',
    options: GpioOptions,
  ) => Gpio;
}

export class OnoffPins implements PinDriver<SysfsChip> {
  readonly name = 'onoff';
  readonly #clock: Clock;
  readonly #sysfs: Sysfs;
  readonly #notes: Notes;

  /** `notes`: the file that says what was exported; see notes.ts. */
  constructor(clock: Clock, notes: string, sysfs = new Sysfs(clock)) {
    this.#clock = clock;
    this.#sysfs = sysfs;
    this.#notes = new Notes(notes);
  }

  async look(): Promise<Result<Sight<SysfsChip>, PanelTrouble>> {
    return ok({ chips: await this.#sysfs.chips(), denied: false });
  }

  async take(
    chip: SysfsChip,
    plan: PinPlan,
    pressed: (event: ButtonEvent) => void,
  ): Promise<Result<PinLines, PanelTrouble>> {
    const onoff = loadOnoff();
    if (!onoff.ok) return onoff;
    const lines = new OnoffLines(onoff.value, this.#clock, chip.base, this.#sysfs, this.#notes);
    const wrong = (await lines.reserve(plan)) ?? lines.take(plan, pressed);
    if (wrong === undefined) return ok(lines);
    await lines.close();
    return failed(wrong);
  }
}

function loadOnoff(): Result<Onoff, PanelTrouble> {
  try {
    return ok(createRequire(import.meta.url)('onoff') as Onoff);
  } catch (error) {
    const say =
      'The optional package onoff is not installed: it needs g++, make and python3 at set-up. ' +
      'Install those and run scripts/setup --again.';
    return failed(trouble('no-chip', say, String(error), false));
  }
}

/** Lines are exported first, then handed to onoff: onoff would wait for udev without letting
 * anything else happen. */
class OnoffLines implements PinLines {
  readonly #onoff: Onoff;
  readonly #clock: Clock;
  readonly #base: number;
  readonly #sysfs: Sysfs;
  readonly #notes: Notes;
  #exported: number[] = [];
  /** The notes are of this run. */
  #noted = false;
  #lamps: { lamp: LampName; gpio: Gpio }[] = [];
  #buttons: Gpio[] = [];

  constructor(onoff: Onoff, clock: Clock, base: number, sysfs: Sysfs, notes: Notes) {
    this.#onoff = onoff;
    this.#clock = clock;
    this.#base = base;
    this.#sysfs = sysfs;
    this.#notes = notes;
  }

  /** Exports all lines of the plan, after taking back what an earlier run left. */
  async reserve(plan: PinPlan): Promise<PanelTrouble | undefined> {
    const offsets = [...plan.lamps, ...plan.buttons].map(({ gpio }) => gpio);
    try {
      for (const line of await this.#notes.left()) {
        if (await this.#sysfs.isExported(line)) await this.#sysfs.unexport(line);
      }
      // From here on, whoever has them is somebody else.
      await this.#notes.forget();
      for (const offset of offsets) {
        if (await this.#sysfs.isExported(this.#base + offset))
          return this.#exportedByOthers(offset);
      }
      await this.#notes.write(offsets.map((offset) => this.#base + offset));
      this.#noted = true;
    } catch (error) {
      return whyNot(error, 'the notes of exported lines');
    }
    for (const offset of offsets) {
      const wrong = await this.#export(offset);
      if (wrong !== undefined) return wrong;
    }
    return undefined;
  }

  async #export(offset: number): Promise<PanelTrouble | undefined> {
    const line = this.#base + offset;
    try {
      await this.#sysfs.export(line);
    } catch (error) {
      return whyNot(error, pinWords(offset));
    }
    this.#exported.push(line);
    const files = ['value', 'direction', 'active_low', 'edge'];
    return (await this.#sysfs.becomesOurs(line, files))
      ? undefined
      : noPermission(pinWords(offset));
  }

  take(plan: PinPlan, pressed: (event: ButtonEvent) => void): PanelTrouble | undefined {
    try {
      for (const lamp of plan.lamps) {
        this.#lamps.push({ lamp: lamp.lamp, gpio: this.#takeLamp(lamp) });
      }
      for (const { button, gpio, active } of plan.buttons) {
        const options = { activeLow: active === 'low', debounceTimeout: debounce };
        const line = new this.#onoff.Gpio(this.#base + gpio, 'in', 'both', options);
        this.#buttons.push(line);
        line.watch((error, value) => {
          if (error) return;
          pressed({ button, down: value === 1, at: this.#clock.elapsed() - debounce });
        });
      }
      return undefined;
    } catch (error) {
      return whyNot(error, 'the GPIO files in /sys');
    }
  }

  #takeLamp({ gpio, active }: LampPin): Gpio {
    // As directions, high and low are voltages whatever active_low says: this is dark.
    const dark = active === 'low' ? 'high' : 'low';
    const options = { activeLow: active === 'low' };
    const line = new this.#onoff.Gpio(this.#base + gpio, dark, 'none', options);
    // On lines that were exported before, onoff keeps quiet about what went wrong.
    if (line.direction() !== 'out') throw new Error(`${pinWords(gpio)} cannot be an output`);
    return line;
  }

  light(lit: ReadonlySet<LampName>): PanelTrouble | undefined {
    try {
      for (const { lamp, gpio } of this.#lamps) gpio.writeSync(lit.has(lamp) ? 1 : 0);
      return undefined;
    } catch (error) {
      return trouble('lost', 'The lamps of the front panel no longer answer.', String(error));
    }
  }

  /** Every line is given back even when one of them fails: its chip may be gone. What could not be
   * given back stays noted. */
  async close(): Promise<void> {
    const gpios = [...this.#lamps.splice(0).map(({ gpio }) => gpio), ...this.#buttons.splice(0)];
    for (const gpio of gpios) {
      quietly(() => gpio.unexport());
      quietly(() => gpio._poller.close());
    }
    if (!this.#noted) return;
    const left: number[] = [];
    for (const line of this.#exported.splice(0)) {
      if (!(await this.#sysfs.isExported(line))) continue;
      await this.#sysfs.unexport(line).catch(() => left.push(line));
    }
    await (left.length === 0 ? this.#notes.forget() : this.#notes.write(left)).catch(() => {});
  }

  #exportedByOthers(offset: number): PanelTrouble {
    const line = this.#base + offset;
    const say =
      `${pinWords(offset)} is exported by another program. Free it with: echo ${line} | ` +
      'sudo tee /sys/class/gpio/unexport; or choose another pin by the setting panel.pins.';
    return trouble('busy', say, `gpio${line} was there`);
  }
}

function whyNot(error: unknown, what: string): PanelTrouble {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EACCES' || code === 'EPERM') return noPermission(what);
  if (code === 'EBUSY') {
    const say =
      `${what} is in use by another program or by the kernel (sudo cat /sys/kernel/debug/gpio ` +
      'says by whom). End that, or choose another pin by the setting panel.pins.';
    return trouble('busy', say, String(error));
  }
  if (code === 'EINVAL') {
    return trouble('wrong-pin', `The kernel has no ${what}.`, String(error), false);
  }
  return trouble('lost', `There is trouble with ${what}.`, String(error));
}

function quietly(task: () => void): void {
  try {
    task();
  } catch {}
}
