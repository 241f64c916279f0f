/*
 * Pins by the GPIO character device: /dev/gpiochipN, uAPI version 2. The kernel debounces and pulls
 * the button, stamps its events with their time, names who holds a line, and frees all lines when
 * this process ends in whatever way. Needs no package and no compiler.
 */
import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { getSystemErrorName } from 'node:util';
import type { Clock } from '#base/clock';
import { failed, ok, type Result, trouble } from '#base/result';
import type { ButtonEvent, LampName, PanelTrouble } from '#panel/panel';
import type { ButtonPin, PinPlan } from '../../boards/board.ts';
import { type Chip, noPermission, type Sight } from '../../boards/boards.ts';
import { pinWords } from '../../boards/header.ts';
import { consumer, debounce, type PinDriver, type PinLines } from '../pins.ts';
import { type Kernel, openKernel } from './kernel.ts';
import * as uapi from './uapi.ts';

export interface DeviceChip extends Chip {
  /** /dev/gpiochip0 */
  readonly path: string;
}

export class Chardev implements PinDriver<DeviceChip> {
  readonly name = 'chardev';
  readonly #clock: Clock;
  #kernel: Kernel | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async look(): Promise<Result<Sight<DeviceChip>, PanelTrouble>> {
    try {
      this.#kernel ??= await openKernel();
    } catch (error) {
      return failed(noWay('This Node cannot call the kernel.', String(error)));
    }
    const chips: DeviceChip[] = [];
    let denied = false;
    for (const path of devices()) {
      const seen = readChip(this.#kernel, path);
      if (seen === 'denied') denied = true;
      else if (seen !== undefined) chips.push(seen);
    }
    return ok({ chips, denied });
  }

  async take(
    chip: DeviceChip,
    plan: PinPlan,
    pressed: (event: ButtonEvent) => void,
  ): Promise<Result<PinLines, PanelTrouble>> {
    const kernel = this.#kernel;
    if (kernel === undefined) throw new Error('take before look');
    const lines = new ChardevLines(kernel, this.#clock, plan);
    // Lines stay taken when the device is closed.
    const fd = openSync(chip.path, 'r+');
    const wrong = lines.take(fd, pressed);
    closeSync(fd);
    if (wrong === undefined) return ok(lines);
    await lines.close();
    return failed(wrong);
  }
}

/** Lines that were taken, each group by its file descriptor. */
class ChardevLines implements PinLines {
  readonly #kernel: Kernel;
  readonly #clock: Clock;
  readonly #plan: PinPlan;
  #lamps: number | undefined;
  #watches: AsyncDisposable[] = [];

  constructor(kernel: Kernel, clock: Clock, plan: PinPlan) {
    this.#kernel = kernel;
    this.#clock = clock;
    this.#plan = plan;
  }

  /** `chip` is the open device. */
  take(chip: number, pressed: (event: ButtonEvent) => void): PanelTrouble | undefined {
    const { lamps, buttons } = this.#plan;
    if (lamps.length > 0) {
      const request = uapi.outputRequest(lamps, consumer);
      const errno = this.#kernel.ioctl(chip, uapi.requests.line, request);
      if (errno !== 0) return this.#why(chip, lamps, errno);
      this.#lamps = uapi.readLineFd(request);
    }
    for (const button of buttons) {
      const request = uapi.inputRequest(button, debounce, consumer);
      const errno = this.#kernel.ioctl(chip, uapi.requests.line, request);
      if (errno !== 0) return this.#why(chip, [button], errno);
      this.#listen(uapi.readLineFd(request), button, pressed);
    }
    return undefined;
  }

  light(lit: ReadonlySet<LampName>): PanelTrouble | undefined {
    if (this.#lamps === undefined) return undefined;
    const values = uapi.lineValues(this.#plan.lamps.map(({ lamp }) => lit.has(lamp)));
    const errno = this.#kernel.ioctl(this.#lamps, uapi.requests.setValues, values);
    if (errno === 0) return undefined;
    return trouble('lost', 'The lamps of the front panel no longer answer.', nameOf(errno));
  }

  async close(): Promise<void> {
    if (this.#lamps !== undefined) closeSync(this.#lamps);
    this.#lamps = undefined;
    await Promise.all(this.#watches.splice(0).map((watch) => watch[Symbol.asyncDispose]()));
  }

  #listen(fd: number, { button }: ButtonPin, pressed: (event: ButtonEvent) => void): void {
    const room = Buffer.alloc(16 * uapi.lineEventSize);
    const ready = () => {
      let events: Buffer;
      try {
        events = room.subarray(0, readSync(fd, room));
      } catch (error) {
        // EAGAIN: nothing there after all. Anything else stays so, and would wake us for ever.
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') void watch[Symbol.asyncDispose]();
        return;
      }
      // The kernel's stamps, on the clock of the box: how late we read them does not matter.
      const [now, here] = [this.#kernel.monotonic(), this.#clock.elapsed()];
      for (const { at, active } of uapi.readLineEvents(events)) {
        pressed({ button, down: active, at: here - Number(now - at) / 1e6 });
      }
    };
    const watch = this.#kernel.watch(fd, ready);
    this.#watches.push(watch);
  }

  /** Why the kernel did not give these lines. */
  #why(chip: number, lines: readonly { gpio: number }[], errno: number): PanelTrouble {
    const code = nameOf(errno);
    if (code === 'EACCES' || code === 'EPERM') return noPermission('the GPIO chip');
    if (code !== 'EBUSY') return noWay('The kernel does not give the lines of the panel.', code);
    for (const { gpio } of lines) {
      const info = uapi.lineInfo(gpio);
      if (this.#kernel.ioctl(chip, uapi.requests.lineInfo, info) !== 0) continue;
      const holder = uapi.readConsumer(info);
      if (holder !== undefined) return inUse(gpio, holder);
    }
    return trouble('busy', 'A pin of the panel is in use by another program.', code);
  }
}

function devices(): string[] {
  try {
    const names = readdirSync('/dev').filter((name) => /^gpiochip\d+$/.test(name));
    return names
      .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
      .map((n) => `/dev/${n}`);
  } catch {
    return [];
  }
}

/** Looking at a chip changes nothing on it. */
function readChip(kernel: Kernel, path: string): DeviceChip | 'denied' | undefined {
  let fd: number;
  try {
    fd = openSync(path, 'r+');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'EACCES' || code === 'EPERM' ? 'denied' : undefined;
  }
  try {
    const info = Buffer.alloc(uapi.chipInfoSize);
    if (kernel.ioctl(fd, uapi.requests.chipInfo, info) !== 0) return undefined;
    return { path, ...uapi.readChipInfo(info) };
  } finally {
    closeSync(fd);
  }
}

function inUse(gpio: number, holder: string): PanelTrouble {
  const by = holder === '' ? 'the kernel' : `"${holder}"`;
  const remedy =
    holder === 'sysfs'
      ? `Free it with: echo NUMBER | sudo tee /sys/class/gpio/unexport (or restart the board).`
      : 'End that, or choose another pin by the setting panel.pins.';
  return trouble('busy', `${pinWords(gpio)} is in use by ${by}. ${remedy}`, `held by ${holder}`);
}

/** Another driver may still do. */
function noWay(say: string, detail: string): PanelTrouble {
  return trouble('no-chip', say, detail, false);
}

function nameOf(errno: number): string {
  return getSystemErrorName(-errno);
}
