/*
 * The lines between the box and a panel on a serial line; PROTOCOL.md has them in words. Pure. Lines
 * are ASCII and end in LF; what is not understood is not for us, for a microcontroller may print all
 * sorts of things when it starts.
 *
 *   box    = hello / "lamps" *(SP name "=" pattern)       hello  = "restante" SP version
 *   panel  = "panel" SP version [SP text] / ("down" / "up") SP button SP milliseconds
 */
import type { ButtonName, LampName, Lamps, Pattern } from '#panel/panel';

export const version = 1;

/** How often (ms) the lamps are told though nothing changed. */
export const heartbeat = 2_000;
/** After so long (ms) without a word from the box, a panel puts its lamps out. */
export const silence = 6_000;
/** The panel counts milliseconds up to here and begins anew. */
export const clockModulus = 1_000_000_000;
/** Octets of the longest line; a longer one is noise. */
export const longestLine = 200;

/** It begins with a line end: a box that was killed may have left half a line there. */
export const helloLine = `\nrestante ${version}\n`;

export function lampsLine(lamps: Lamps): string {
  return `lamps${[...lampsThatFit(lamps)].map(wordOf).join('')}\n`;
}

/** A line has room for the lamps of some accounts only; those of the box itself go first. */
export function lampsThatFit(lamps: Lamps): Lamps {
  const ofAccounts = (lamp: LampName) => lamp.startsWith('mail.');
  const inOrder = [...lamps].sort(([a], [b]) => Number(ofAccounts(a)) - Number(ofAccounts(b)));
  let octets = 'lamps'.length;
  return new Map(
    inOrder.filter((lamp) => {
      // As long as the longest pattern, so that none goes while another one blinks.
      const length = wordOf([lamp[0], 'pulse']).length;
      if (octets + length > longestLine) return false;
      octets += length;
      return true;
    }),
  );
}

function wordOf([lamp, pattern]: readonly [LampName, Pattern]): string {
  return ` ${encodeURIComponent(lamp)}=${pattern}`;
}

export type PanelLine =
  | { readonly kind: 'panel'; readonly version: number; readonly text: string }
  | {
      readonly kind: 'button';
      readonly button: ButtonName;
      readonly down: boolean;
      /** Of the panel's own clock. */
      readonly at: number;
    };

/** A line from the panel, without its end. */
export function readPanelLine(line: string): PanelLine | undefined {
  const [, hello, text = ''] = /^panel (\d{1,3})(?: ([\x20-\x7e]{0,80}))?$/.exec(line) ?? [];
  if (hello !== undefined) return { kind: 'panel', version: Number(hello), text };
  const [, move, at] = /^(down|up) flush (\d{1,9})$/.exec(line) ?? [];
  if (at === undefined) return undefined;
  return { kind: 'button', button: 'flush', down: move === 'down', at: Number(at) };
}

/** A line from the box: the panel's side, for tests and for programs on a computer. */
export function readLampsLine(line: string): Map<LampName, Pattern> | undefined {
  const [verb, ...words] = line.split(' ');
  if (verb !== 'lamps') return undefined;
  const pairs = words.map((word) => word.split('='));
  return new Map(
    pairs.map(([lamp = '', pattern]) => [decodeURIComponent(lamp), pattern as Pattern]),
  );
}

/** Octets into lines; CR and LF both end one, empty ones are left out. */
export class LineSplitter {
  #begun = '';

  push(octets: Uint8Array): string[] {
    const pieces = (this.#begun + Buffer.from(octets).toString('latin1')).split(/[\r\n]/);
    const rest = pieces.pop() ?? '';
    // A line that is too long is noise; what is left of it up to its end makes no line either.
    this.#begun = rest.length > longestLine ? rest.slice(0, longestLine + 1) : rest;
    return pieces.filter((line) => line !== '' && line.length <= longestLine);
  }
}

/** How long a finger was there, in milliseconds: as the panel counted, unless that cannot be. The
 * panel's count is right though the line or the box was slow, but never longer than what passed
 * here. `here`: what passed between the two lines on our own clock. */
export function heldFor(down: number, up: number, here: number): number {
  const there = (up - down + clockModulus) % clockModulus;
  return there <= here + 1_000 ? there : here;
}
