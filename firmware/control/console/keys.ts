/*
 * Octets of a terminal into keys: letters in UTF-8, control characters, and the escape sequences
 * (ECMA-48 CSI, as VT100s and everything since send them) of the few keys that edit a line. Others
 * are swallowed whole, so that no piece of one ends up in a line. Pure; pieces may end anywhere.
 */
import { StringDecoder } from 'node:string_decoder';

export type Key =
  | { readonly kind: 'letter'; readonly letter: string }
  | { readonly kind: 'enter' | 'erase' | 'delete' | 'left' | 'right' | 'home' | 'finish' }
  | { readonly kind: 'up' | 'down' | 'kill' | 'word' | 'redraw' | 'interrupt' | 'end' };

type Named = Exclude<Key, { kind: 'letter' }>['kind'];

const controls: Readonly<Record<string, Named>> = {
  '\r': 'enter',
  '\n': 'enter',
  '\b': 'erase',
  '\x7f': 'erase',
  '\x01': 'home',
  '\x02': 'left',
  '\x03': 'interrupt',
  '\x04': 'end',
  '\x05': 'finish',
  '\x06': 'right',
  '\x0c': 'redraw',
  '\x0e': 'down',
  '\x10': 'up',
  '\x15': 'kill',
  '\x17': 'word',
};

/** What stands behind ESC [ or ESC O. */
const sequences: Readonly<Record<string, Named>> = {
  A: 'up',
  B: 'down',
  C: 'right',
  D: 'left',
  H: 'home',
  F: 'finish',
  '1~': 'home',
  '3~': 'delete',
  '4~': 'finish',
};

/** A sequence that goes on for longer is noise. */
const longestSequence = 16;

export class KeyReader {
  readonly #decoder = new StringDecoder('utf8');
  /** What came of an escape sequence, without the ESC. */
  #sequence: string | undefined;
  #afterReturn = false;

  push(octets: Uint8Array): Key[] {
    const keys: Key[] = [];
    for (const letter of this.#decoder.write(Buffer.from(octets))) {
      const key = this.#take(letter);
      if (key !== undefined) keys.push(key);
    }
    return keys;
  }

  #take(letter: string): Key | undefined {
    const isLineFeed = letter === '\n' && this.#afterReturn;
    this.#afterReturn = letter === '\r';
    // CR LF is one Enter.
    if (isLineFeed) return undefined;
    if (letter === '\x1b') {
      this.#sequence = '';
      return undefined;
    }
    if (this.#sequence !== undefined) return this.#takeOfSequence(letter);
    const control = controls[letter];
    if (control !== undefined) return { kind: control };
    return /\p{C}/u.test(letter) ? undefined : { kind: 'letter', letter };
  }

  /** ECMA-48 §5.4: parameters and intermediates, then a final character from @ to ~. */
  #takeOfSequence(letter: string): Key | undefined {
    const sequence = (this.#sequence ?? '') + letter;
    const isOpen = /^[[O][0-9;:<=>?!-/ ]*$/.test(sequence) && sequence.length < longestSequence;
    this.#sequence = isOpen ? sequence : undefined;
    if (isOpen) return undefined;
    const known = sequences[sequence.slice(1)];
    return known === undefined ? undefined : { kind: known };
  }
}
