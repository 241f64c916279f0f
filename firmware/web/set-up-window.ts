/*
 * The set-up window: for ten minutes, whoever has the one-time code may set the owner's password;
 * or whoever is first, when the window was opened by the button of the box, for that takes somebody
 * in the room. The code works once; wrong ones are counted for each address, and too many in all
 * close the window.
 */
import { timingSafeEqual } from 'node:crypto';
import type { Clock } from '#base/clock';
import { networkOf } from '#base/network-of';
import type { Random } from '#base/random';
import { failed, type Result, refusal } from '#base/result';
import { Watchers } from '#base/watchers';

export const openFor = 10 * 60_000;
/** From one address; a slip of the finger is not one of many. */
const mostWrong = 8;
/** From everywhere: of the 23^8 codes a guesser sees next to nothing. */
const mostWrongInAll = 200;
/** Letters that cannot be taken for one another when they are read aloud or typed from paper. */
const letters = 'abcdefghjkmnpqrstuvwxyz';
const codeLetters = 8;

interface Window {
  /** Undefined: opened by the button, no code is asked for. */
  readonly code: string | undefined;
  /** Milliseconds since 1970, to be shown. */
  readonly until: number;
  readonly alarm: Disposable;
  readonly wrong: Map<string, number>;
  wrongInAll: number;
  busy: boolean;
}

/** What a page may know of the window. */
export type WindowState = 'closed' | 'wants code' | 'open';

export class SetUpWindow {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #watchers = new Watchers();
  #window: Window | undefined;

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  get state(): WindowState {
    if (this.#window === undefined) return 'closed';
    return this.#window.code === undefined ? 'open' : 'wants code';
  }

  /** Until when it is open; undefined: it is not. */
  get until(): number | undefined {
    return this.#window?.until;
  }

  /** Opens it anew; a code from before is good no more. */
  openWithCode(): { readonly code: string; readonly until: number } {
    const code = this.#invent();
    return { code, until: this.#open(code) };
  }

  /** For whoever pressed the button. */
  openByButton(): void {
    this.#open(undefined);
  }

  close(): void {
    if (this.#window === undefined) return;
    this.#window.alarm[Symbol.dispose]();
    this.#window = undefined;
    this.#tell();
  }

  /** Does the job for whoever may, one at a time; when it has succeeded the window is closed. */
  async use(
    code: string,
    address: string,
    job: () => Promise<Result<void>>,
  ): Promise<Result<void>> {
    const window = this.#window;
    if (window === undefined) return failed(closed);
    const admitted = this.#admit(window, code, networkOf(address));
    if (!admitted.ok) return admitted;
    window.busy = true;
    try {
      const done = await job();
      if (done.ok && this.#window === window) this.close();
      return done;
    } finally {
      window.busy = false;
    }
  }

  /** Calls `changed` when it opens or closes. */
  watch(changed: () => void): Disposable {
    return this.#watchers.add(changed);
  }

  #admit(window: Window, code: string, network: string): Result<void> {
    if (window.busy) return failed(refusal('busy', 'Somebody else is setting up just now'));
    if (window.code === undefined) return { ok: true, value: undefined };
    const before = window.wrong.get(network) ?? 0;
    if (before >= mostWrong) return failed(tooOften);
    if (sameText(bare(code), bare(window.code))) return { ok: true, value: undefined };
    window.wrong.set(network, before + 1);
    window.wrongInAll += 1;
    if (window.wrongInAll >= mostWrongInAll) this.close();
    return failed(wrongCode);
  }

  #open(code: string | undefined): number {
    this.#window?.alarm[Symbol.dispose]();
    const until = this.#clock.now() + openFor;
    const alarm = this.#clock.after(openFor, () => this.close());
    this.#window = { code, until, alarm, wrong: new Map(), wrongInAll: 0, busy: false };
    this.#tell();
    return until;
  }

  #invent(): string {
    const fair = 256 - (256 % letters.length);
    let text = '';
    while (text.length < codeLetters) {
      for (const octet of this.#random.octets(16)) {
        if (octet < fair && text.length < codeLetters) text += letters[octet % letters.length];
      }
    }
    return text.replace(/.{4}(?=.)/g, '$&-');
  }

  #tell(): void {
    this.#watchers.tell();
  }
}

const closed = refusal(
  'closed',
  'Set-up is not open: its ten minutes are over, or it was used already',
);
const wrongCode = refusal('code', 'That is not the code');
const tooOften = refusal('locked', 'Too many wrong codes came from here; open set-up again');

/** As people write it: in capitals, with or without the dash. */
function bare(code: string): string {
  return code.toLowerCase().replaceAll(/[\s-]/g, '').slice(0, 64);
}

function sameText(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
