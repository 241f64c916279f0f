/*
 * A front panel on the pins of a board: finds the board's header, lays the owner's pins over the
 * board's, takes the lines through a PinDriver, and blinks. Lamps go dark and lines free when it
 * stops and when the process ends by itself; what a killed process leaves behind depends on the
 * driver and stands in hardware/README.md.
 */
import type { Clock } from '#base/clock';
import type { Log } from '#base/log';
import { failed, ok, type Result } from '#base/result';
import type { ButtonEvent, Lamps, PanelDriver, PanelTrouble } from '#panel/panel';
import type { Chip } from '../boards/boards.ts';
import { findHeader } from '../boards/boards.ts';
import { type OwnPin, planPins } from '../boards/own-pins.ts';
import { Blinker } from './blinker.ts';
import type { PinDriver, PinLines } from './pins.ts';

export interface PinPanelParts {
  readonly clock: Clock;
  readonly log: Log;
  /** What the device tree says this machine is; boards/model.ts reads it. */
  readonly model: () => Promise<string>;
  /** The setting panel.pins. */
  readonly own: readonly OwnPin[];
}

export class PinPanel<C extends Chip> implements PanelDriver {
  readonly name: string;
  readonly #driver: PinDriver<C>;
  readonly #parts: PinPanelParts;
  readonly #blinker: Blinker;
  #lines: PinLines | undefined;
  #down = new Set<string>();
  #lost = false;

  constructor(driver: PinDriver<C>, parts: PinPanelParts) {
    this.name = driver.name;
    this.#driver = driver;
    this.#parts = parts;
    this.#blinker = new Blinker(parts.clock, (lit) => this.#light(lit));
  }

  async start(pressed: (event: ButtonEvent) => void): Promise<Result<void, PanelTrouble>> {
    const { log, own } = this.#parts;
    const sight = await this.#driver.look();
    if (!sight.ok) return sight;
    const header = findHeader(await this.#parts.model(), sight.value);
    if (!header.ok) return header;
    const { board, chip } = header.value;
    const plan = planPins(board, own, chip.lines);
    if (!plan.ok) return plan;
    const lines = await this.#driver.take(chip, plan.value, (event) => this.#press(event, pressed));
    if (!lines.ok) return failed(lines.error);
    this.#lines = lines.value;
    process.once('exit', this.#letGo);
    const { lamps, buttons } = plan.value;
    log.info(`The front panel is on the header of this ${board.name}`, {
      driver: this.name,
      chip: chip.label,
      ...Object.fromEntries(lamps.map(({ lamp, gpio }) => [lamp, `GPIO ${gpio}`])),
      ...Object.fromEntries(buttons.map(({ button, gpio }) => [button, `GPIO ${gpio}`])),
    });
    return ok(undefined);
  }

  show(lamps: Lamps): void {
    if (this.#lines !== undefined) this.#blinker.show(lamps);
  }

  async stop(): Promise<void> {
    process.removeListener('exit', this.#letGo);
    this.#blinker.stop();
    const lines = this.#lines;
    this.#lines = undefined;
    await lines?.close();
  }

  /** Also at an exit that nobody planned. Nothing is awaited any more then; see PinLines.close. */
  readonly #letGo = (): void => {
    this.#blinker.stop();
    void this.#lines?.close();
  };

  /** A line may tell of an edge twice, or of the end of a press that began before we listened. */
  #press(event: ButtonEvent, pressed: (event: ButtonEvent) => void): void {
    if (this.#lines === undefined || this.#down.has(event.button) === event.down) return;
    if (event.down) this.#down.add(event.button);
    else this.#down.delete(event.button);
    pressed(event);
  }

  #light(lit: ReadonlySet<string>): void {
    const trouble = this.#lines?.light(lit);
    if (trouble !== undefined && !this.#lost) {
      this.#parts.log.warn(trouble.say, { detail: trouble.detail });
    }
    this.#lost = trouble !== undefined;
  }
}
