/*
 * What a driver of pins must be able to do: see chips, take the lines of one, light lamps, tell
 * when a button goes down or up. Patterns, boards and the owner's wishes are none of its business;
 * pin-panel.ts knows them.
 */
import type { Result } from '#base/result';
import type { ButtonEvent, LampName, PanelTrouble } from '#panel/panel';
import type { PinPlan } from '../boards/board.ts';
import type { Chip, Sight } from '../boards/boards.ts';

/** Milliseconds for which a button must be quiet until it counts; cheap ones chatter for 10. */
export const debounce = 15;

/** How our lines are called where the kernel lists them. */
export const consumer = 'restante';

export interface PinDriver<C extends Chip> {
  /** 'chardev', 'onoff' */
  readonly name: string;
  look(): Promise<Result<Sight<C>, PanelTrouble>>;
  /** Takes the lines, all lamps dark; either all of them or none. */
  take(
    chip: C,
    plan: PinPlan,
    pressed: (event: ButtonEvent) => void,
  ): Promise<Result<PinLines, PanelTrouble>>;
}

export interface PinLines {
  /** Lights these lamps and no others, before it returns. */
  light(lit: ReadonlySet<LampName>): PanelTrouble | undefined;
  /** Gives the lines back: before it first waits for anything, so that it can be called at exit. */
  close(): Promise<void>;
}
