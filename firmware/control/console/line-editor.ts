/*
 * A line while it is typed: pure. Takes keys, says what the terminal must be sent so that it shows
 * the line, and when it is done. What is hidden (a password) is never echoed, not even as stars. It
 * moves the cursor with backspaces alone, which every terminal understands.
 */
import type { Key } from './keys.ts';

/** Room for the address that a browser ended at after a sign-in, code and all; what is typed beyond is
 * not taken. */
const longest = 4_000;

export class LineEditor {
  readonly #hidden: boolean;
  /** Earlier lines, last one first; the line under way stands in front of them. */
  readonly #lines: string[][];
  #row = 0;
  #letters: string[] = [];
  #at = 0;

  constructor(hidden = false, history: readonly string[] = []) {
    this.#hidden = hidden;
    this.#lines = [[], ...history.map((line) => [...line])];
  }

  get text(): string {
    return this.#letters.join('');
  }

  /** What to send to the terminal. Enter, interrupt and end are the reader's affair. */
  take(key: Key): string {
    const echo = this.#edit(key);
    return this.#hidden ? '' : echo;
  }

  /** The line as it stands, for a terminal that has lost it. */
  redraw(): string {
    return this.#hidden ? '' : this.text + back(this.#letters.length - this.#at);
  }

  #edit(key: Key): string {
    switch (key.kind) {
      case 'letter':
        return this.#insert(key.letter);
      case 'erase':
        return this.#erase(1);
      case 'word': {
        const before = this.#letters.slice(0, this.#at).join('');
        return this.#erase([...(/\S*\s*$/u.exec(before)?.[0] ?? '')].length);
      }
      case 'kill':
        return this.#erase(this.#at);
      case 'delete':
        return this.#at < this.#letters.length ? this.#move(this.#at + 1) + this.#erase(1) : '';
      case 'left':
        return this.#move(this.#at - 1);
      case 'right':
        return this.#move(this.#at + 1);
      case 'home':
        return this.#move(0);
      case 'finish':
        return this.#move(this.#letters.length);
      case 'up':
        return this.#recall(this.#row + 1);
      case 'down':
        return this.#recall(this.#row - 1);
      default:
        return '';
    }
  }

  #insert(letter: string): string {
    if (this.#letters.length >= longest) return '';
    this.#letters.splice(this.#at, 0, letter);
    this.#at += 1;
    const rest = this.#letters.slice(this.#at);
    return letter + rest.join('') + back(rest.length);
  }

  /** Takes letters before the cursor away. */
  #erase(count: number): string {
    const gone = Math.min(count, this.#at);
    if (gone === 0) return '';
    this.#at -= gone;
    this.#letters.splice(this.#at, gone);
    const rest = this.#letters.slice(this.#at);
    return back(gone) + rest.join('') + ' '.repeat(gone) + back(rest.length + gone);
  }

  #move(to: number): string {
    const from = this.#at;
    this.#at = Math.max(0, Math.min(to, this.#letters.length));
    return this.#at < from ? back(from - this.#at) : this.#letters.slice(from, this.#at).join('');
  }

  #recall(row: number): string {
    const line = this.#lines[row];
    if (line === undefined || this.#hidden) return '';
    this.#lines[this.#row] = this.#letters;
    this.#row = row;
    const shown = this.#letters.length;
    const wiped = `${back(this.#at)}${' '.repeat(shown)}${back(shown)}`;
    this.#letters = [...line];
    this.#at = line.length;
    return wiped + line.join('');
  }
}

function back(count: number): string {
  return '\b'.repeat(Math.max(0, count));
}
