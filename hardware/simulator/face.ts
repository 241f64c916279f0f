/* The panel as one line of text: pure. It never fills the last column, where terminals differ. */

import { subjectOf } from '#panel/lamps';
import type { LampName } from '#panel/panel';
import type { Subject } from '#panel/patterns';

export interface FaceTerms {
  readonly columns: number;
  /** ● and ○ can be shown; else * and a dot. */
  readonly unicode: boolean;
  readonly colour: boolean;
}

export interface Face {
  readonly text: string;
  /** Columns it takes, without what colours it. */
  readonly width: number;
}

/** SGR parameters (ECMA-48 §8.3.117): yellow, red, green, as hardware/README.md has the LEDs. */
const colours: Readonly<Record<Subject, number>> = { mail: 93, queue: 91, status: 92 };

const hints = ['f flush', 'h hold', '? help'];
const between = '  ';

export function face(
  names: readonly LampName[],
  lit: ReadonlySet<LampName>,
  { columns, unicode, colour }: FaceTerms,
): Face {
  const pieces = names.map((name) => {
    const isLit = lit.has(name);
    const dot = unicode ? (isLit ? '●' : '○') : isLit ? '*' : '.';
    const shown =
      colour && isLit ? `\x1b[${colours[subjectOf(name) ?? 'status']}m${dot}\x1b[0m` : dot;
    return {
      text: `${shown} ${name}`,
      width: widthOf(name) + 2,
      rank: name.startsWith('mail.') ? 1 : 0,
    };
  });
  for (const [index, hint] of hints.entries()) {
    const gap = index === 0 ? '  ' : '';
    const text = `${gap}${colour ? `\x1b[2m${hint}\x1b[0m` : hint}`;
    pieces.push({ text, width: gap.length + hint.length, rank: 2 });
  }
  // Where there is no room for all, the lamps of the box stay, then as many accounts' as there is.
  const fit = new Set<(typeof pieces)[number]>();
  let taken = 0;
  for (const piece of pieces.toSorted((one, other) => one.rank - other.rank)) {
    const more = (taken === 0 ? 0 : between.length) + piece.width;
    if (taken + more >= columns) break;
    fit.add(piece);
    taken += more;
  }
  const shown = pieces.filter((piece) => fit.has(piece));
  return { text: shown.map(({ text }) => text).join(between), width: taken };
}

/** Columns of a name; letters of East Asia take two (Unicode TR 11). */
function widthOf(text: string): number {
  const wide = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;
  const marks = text.replace(/\p{M}/gu, '');
  return [...marks].reduce((width, letter) => width + (wide.test(letter) ? 2 : 1), 0);
}
