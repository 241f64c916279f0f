/*
 * The person at the other end of a line: asks for lines, shows text, notices Ctrl-C, silence and the
 * end of the line. What is typed ahead is kept, but not for a password: whoever asks for one wants
 * what is typed after the question. Text is made harmless first, for it may quote strangers.
 */
import type { Clock } from '#base/clock';
import type { ByteStream } from './byte-stream.ts';
import { type Key, KeyReader } from './keys.ts';
import { LineEditor } from './line-editor.ts';

/** What came of asking. `away`: nothing was typed for too long. */
export type Typed =
  | { readonly kind: 'line'; readonly text: string }
  | { readonly kind: 'interrupt' }
  | { readonly kind: 'end' }
  | { readonly kind: 'away' }
  | { readonly kind: 'gone' };

/** Keys that are kept while nobody asks. */
const mostAhead = 4_096;
const mostHistory = 50;
/** Octets that are written before the line is waited for. */
const piece = 1_024;

export class Typist {
  readonly #stream: ByteStream;
  readonly #clock: Clock;
  readonly #patience: number;
  readonly #keys = new KeyReader();
  readonly #ahead: Key[] = [];
  readonly #history: string[] = [];
  #take: ((key: Key | 'away' | 'gone') => void) | undefined;
  #interrupted: (() => void) | undefined;
  #isGone = false;

  /** `patience`: after how many milliseconds of silence a question is given up. */
  constructor(stream: ByteStream, clock: Clock, patience: number) {
    this.#stream = stream;
    this.#clock = clock;
    this.#patience = patience;
    stream.read((octets) => this.#came(octets));
    void stream.dropped.then(() => {
      this.#isGone = true;
      this.#interrupted?.();
      this.#take?.('gone');
    });
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  /** Waits for Enter, however long. */
  async enter(): Promise<'enter' | 'gone'> {
    for (;;) {
      const key = await this.#next(Number.POSITIVE_INFINITY);
      if (key === 'gone') return 'gone';
      if (key !== 'away' && key.kind === 'enter') return 'enter';
    }
  }

  /** Waits until nothing has come for so long (ms). What comes meanwhile is not kept. */
  async silence(ms: number): Promise<void> {
    let key: Key | 'away' | 'gone';
    do key = await this.#next(ms);
    while (key !== 'away' && key !== 'gone');
  }

  async ask(prompt: string): Promise<Typed> {
    const typed = await this.#line(prompt, new LineEditor(false, this.#history));
    if (typed.kind === 'line' && typed.text.trim() !== '' && typed.text !== this.#history[0]) {
      this.#history.unshift(typed.text);
      this.#history.length = Math.min(this.#history.length, mostHistory);
    }
    return typed;
  }

  /** Asks for something that is no command, and is not offered again. */
  askOnce(prompt: string): Promise<Typed> {
    return this.#line(prompt, new LineEditor());
  }

  askHidden(prompt: string): Promise<Typed> {
    this.#ahead.length = 0;
    return this.#line(prompt, new LineEditor(true));
  }

  /** Shows text as whole lines; 'cut' when Ctrl-C was typed before all of it was through. */
  async show(text: string): Promise<'shown' | 'cut'> {
    if (text === '') return 'shown';
    const lines = Buffer.from(harmless(text.endsWith('\n') ? text : `${text}\n`));
    using cut = this.interruption();
    for (let at = 0; at < lines.length; at += piece) {
      this.#stream.write(lines.subarray(at, at + piece));
      await Promise.race([this.#stream.drained(), cut.happened]);
      if (cut.isOver) return 'cut';
    }
    return 'shown';
  }

  /** A line that the next one takes the place of. */
  showInPlace(text: string): void {
    if (this.#stream.waiting < piece) this.#stream.write(`\r\x1b[K${harmless(text)}`);
  }

  /** Text of which some may be left out when the line is too slow for it. */
  showIfRoom(text: string): void {
    if (this.#stream.waiting < 64 * piece) this.#stream.write(harmless(`${text}\n`));
  }

  /** Resolves at Ctrl-C, or when the line drops. Dispose of it when it no longer matters. */
  interruption(): Disposable & { readonly happened: Promise<void>; readonly isOver: boolean } {
    const before = this.#interrupted;
    let isOver = this.#isGone;
    const { promise, resolve } = Promise.withResolvers<void>();
    const interrupt = () => {
      isOver = true;
      before?.();
      resolve();
    };
    this.#interrupted = interrupt;
    if (isOver) resolve();
    return {
      happened: promise,
      get isOver() {
        return isOver;
      },
      [Symbol.dispose]: () => {
        this.#interrupted = before;
      },
    };
  }

  async #line(prompt: string, editor: LineEditor): Promise<Typed> {
    this.#stream.write(harmless(prompt));
    for (;;) {
      // Nobody waits for what is there already: noise may come in by the megabyte.
      const key = this.#soon() ?? (await this.#next(this.#patience));
      if (key === 'gone') return { kind: 'gone' };
      if (key === 'away') return this.#ended('away');
      switch (key.kind) {
        case 'enter':
          this.#stream.write('\r\n');
          return { kind: 'line', text: editor.text };
        case 'interrupt':
          return this.#ended('interrupt');
        case 'end':
          if (editor.text === '') return this.#ended('end');
          break;
        case 'redraw':
          this.#stream.write(`\r\x1b[K${harmless(prompt)}${editor.redraw()}`);
          break;
        default: {
          const echo = editor.take(key);
          if (echo !== '') this.#stream.write(echo);
        }
      }
    }
  }

  #ended(kind: 'interrupt' | 'end' | 'away'): Typed {
    this.#stream.write('\r\n');
    return { kind };
  }

  #came(octets: Uint8Array): void {
    for (const key of this.#keys.push(octets)) {
      if (key.kind === 'interrupt' && this.#interrupted !== undefined) {
        this.#ahead.length = 0;
        this.#interrupted();
      } else if (this.#take !== undefined) {
        this.#take(key);
      } else if (this.#ahead.length < mostAhead) {
        this.#ahead.push(key);
      }
    }
  }

  /** What is there already; undefined: somebody has to type. */
  #soon(): Key | 'gone' | undefined {
    return this.#isGone ? 'gone' : this.#ahead.shift();
  }

  #next(patience: number): Promise<Key | 'away' | 'gone'> {
    const soon = this.#soon();
    if (soon !== undefined) return Promise.resolve(soon);
    return new Promise((resolve) => {
      const alarm = Number.isFinite(patience)
        ? this.#clock.after(patience, () => this.#take?.('away'))
        : undefined;
      this.#take = (key) => {
        this.#take = undefined;
        alarm?.[Symbol.dispose]();
        resolve(key);
      };
    });
  }
}

// Controls of C0 and C1 and the marks that turn the direction of writing: with these a sender's name
// could move the cursor, or ring for ever.
const unprintable = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Cs}]/gu;

function harmless(text: string): string {
  return text.replace(unprintable, (one) => (one === '\n' ? '\r\n' : one === '\t' ? ' ' : '?'));
}
