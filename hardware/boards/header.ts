/*
 * The header of 40 pins that every Raspberry Pi since 2014 has: what each position carries. The odd
 * positions are the inner row, the even ones the row at the board's edge; 1 is marked on the board.
 */

export type HeaderPin = number | '3.3 V' | '5 V' | 'ground';

/** By position, from 1; numbers are BCM numbers. */
export const header: readonly HeaderPin[] = [
  ...(['3.3 V', '5 V', 2, '5 V', 3, 'ground', 4, 14, 'ground', 15] as const),
  ...([17, 18, 27, 'ground', 22, 23, '3.3 V', 24, 10, 'ground'] as const),
  ...([9, 25, 11, 8, 'ground', 7, 0, 1, 5, 'ground'] as const),
  ...([6, 12, 13, 'ground', 19, 16, 26, 20, 'ground', 21] as const),
];

/** The position of a BCM number on the header, from 1. */
export function positionOf(gpio: number): number | undefined {
  const index = header.indexOf(gpio);
  return index < 0 ? undefined : index + 1;
}

/** "GPIO 17 (pin 11 of the header)" */
export function pinWords(gpio: number): string {
  const position = positionOf(gpio);
  return position === undefined ? `GPIO ${gpio}` : `GPIO ${gpio} (pin ${position} of the header)`;
}
