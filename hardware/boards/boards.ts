/*
 * All known boards, and which of them this is. The model that the device tree tells decides; where
 * it says nothing that is known here, a chip with a known label does. To add a board, add a file
 * like its neighbours and name it here.
 */
import { failed, ok, type Result, trouble } from '#base/result';
import type { PanelTrouble } from '#panel/panel';
import type { Board } from './board.ts';
import { raspberryPi3 } from './raspberry-pi-3.ts';
import { raspberryPi4 } from './raspberry-pi-4.ts';
import { raspberryPi5 } from './raspberry-pi-5.ts';
import { raspberryPiZero2W } from './raspberry-pi-zero-2-w.ts';

export const boards: readonly Board[] = [
  raspberryPiZero2W,
  raspberryPi3,
  raspberryPi4,
  raspberryPi5,
];

/** A chip with pins, as a driver found it. */
export interface Chip {
  readonly label: string;
  /** How many lines it has. */
  readonly lines: number;
}

/** The chips that a driver can see. `denied`: there are more that this user may not look at. */
export interface Sight<C extends Chip> {
  readonly chips: readonly C[];
  readonly denied: boolean;
}

export interface Header<C extends Chip> {
  readonly board: Board;
  readonly chip: C;
}

/** Finds the chip that carries the header. `model` is empty on machines without a device tree. */
export function findHeader<C extends Chip>(
  model: string,
  sight: Sight<C>,
): Result<Header<C>, PanelTrouble> {
  const named = boards.find((board) => board.model.test(model));
  const candidates = named === undefined ? boards : [named];
  for (const board of candidates) {
    const chip = sight.chips.find(({ label }) => label === board.chip);
    if (chip !== undefined) return ok({ board, chip });
  }
  if (named !== undefined && sight.denied) return failed(noPermission('the GPIO chips'));
  return failed(
    named === undefined ? unknownBoard(model, sight.chips) : noChip(named, sight.chips),
  );
}

/** This user may not use `what`. */
export function noPermission(what: string): PanelTrouble {
  return trouble(
    'no-permission',
    `This user may not use ${what}. Put it into the group gpio (sudo usermod -aG gpio USER) ` +
      'and start the box anew.',
    `EACCES on ${what}`,
    false,
  );
}

function unknownBoard(model: string, chips: readonly Chip[]): PanelTrouble {
  const is = model === '' ? '' : ` (it is: ${model})`;
  return trouble(
    'no-chip',
    `This is no board whose pins are known here${is}. Boards are described in hardware/boards.`,
    `chips: ${labels(chips)}`,
    false,
  );
}

function noChip(board: Board, chips: readonly Chip[]): PanelTrouble {
  return trouble(
    'no-chip',
    `This is a ${board.name}, but its kernel shows no GPIO chip with the label ${board.chip}.`,
    `chips: ${labels(chips)}`,
    false,
  );
}

function labels(chips: readonly Chip[]): string {
  return chips.map(({ label }) => label).join(', ') || 'none';
}
