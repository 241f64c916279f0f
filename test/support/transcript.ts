/*
 * Reads and runs transcripts (test/transcripts/README.md has the format): a session of the real
 * protocol on a recorded wire, told line by line what the client sends.
 */
import assert from 'node:assert/strict';
import type { Protocol, Session } from '#protocol/session';
import { House } from './house.ts';
import { RecordedWire } from './recorded-wire.ts';
import { fits, octetsOf, shown } from './transcript-text.ts';

export interface Step {
  readonly kind: 'client' | 'server' | 'servers' | 'server-part' | 'given' | 'when' | 'then';
  readonly text: string;
  /** Line number in the file, for failed tests. */
  readonly at: number;
  /** The `|` lines below, each with whether a line end follows. */
  readonly below: { readonly text: string; readonly ended: boolean }[];
  /** `C~`: no CR LF after it. */
  readonly ended: boolean;
}

export interface Transcript {
  readonly name: string;
  readonly protocol: string;
  readonly lockstep: boolean;
  readonly steps: readonly Step[];
}

export type Pace = 'whole' | 'octets' | 'pipelined';

const kinds = new Map<string, Step['kind']>([
  ['C:', 'client'],
  ['C~', 'client'],
  ['S:', 'server'],
  ['S*:', 'servers'],
  ['S~', 'server-part'],
  ['given', 'given'],
  ['when', 'when'],
  ['then', 'then'],
]);

/** All transcripts in a Markdown file; each is named by the heading above it. */
export function parseTranscripts(markdown: string, file: string): Transcript[] {
  const found: Transcript[] = [];
  let heading = file;
  let steps: Step[] | undefined;
  for (const [index, line] of markdown.split('\n').entries()) {
    const fence = /^```(\w*)( lockstep)?$/.exec(line);
    if (steps === undefined) {
      heading = /^#+ (.*)/.exec(line)?.[1] ?? heading;
      if (fence !== null && /^(smtp|pop3|imap)$/.test(fence[1] ?? '')) {
        steps = [];
        const name = `${file}:${index + 1} ${heading}`;
        found.push({ name, protocol: fence[1] ?? '', lockstep: fence[2] !== undefined, steps });
      }
    } else if (fence !== null) steps = undefined;
    else if (line !== '' && !line.startsWith('#')) addStep(steps, line, index + 1, file);
  }
  return found;
}

function addStep(steps: Step[], line: string, at: number, file: string): void {
  const below = /^\|(~?)(?: (.*))?$/.exec(line);
  if (below !== null) {
    steps.at(-1)?.below.push({ text: below[2] ?? '', ended: below[1] === '' });
    return;
  }
  const match = /^(C:|C~|S:|S\*:|S~|given|when|then)(?: (.*))?$/.exec(line);
  const kind = kinds.get(match?.[1] ?? '');
  if (kind === undefined) throw new Error(`${file}:${at}: not a line of a transcript: ${line}`);
  steps.push({ kind, text: match?.[2] ?? '', at, below: [], ended: match?.[1] !== 'C~' });
}

/** Runs a transcript; throws an AssertionError that names the line where it goes another way. */
export async function runTranscript(
  transcript: Transcript,
  pace: Pace,
  protocolOf: (house: House) => Protocol,
): Promise<void> {
  const stage = new Stage(pace, protocolOf);
  const said: Step[] = [];
  const expected: Step[] = [];
  const catchUp = async () => {
    if (said.length > 0) await stage.clientSays(said.splice(0));
    stage.check(expected.splice(0));
  };
  for (const step of transcript.steps) {
    if (step.kind === 'given') {
      if (stage.isConnected) await catchUp();
      await stage.house.given(step.text, octetsBelow(step));
      continue;
    }
    await stage.connected();
    if (step.kind === 'client') {
      if (expected.length > 0 && pace !== 'pipelined') await catchUp();
      said.push(step);
    } else if (step.kind === 'when' || step.kind === 'then') {
      await catchUp();
      if (step.kind === 'when') await stage.happens(step);
      else await stage.isTrue(step);
    } else expected.push(step);
  }
  await catchUp();
  await stage.end();
}

function octetsBelow(step: Step): string | undefined {
  if (step.below.length === 0) return undefined;
  return step.below.map((line) => octetsOf(line.text) + (line.ended ? '\r\n' : '')).join('');
}

class Stage {
  readonly house = new House();
  readonly #pace: Pace;
  readonly #protocolOf: (house: House) => Protocol;
  readonly #names = new Map<string, string>();
  #protocol: Protocol | undefined;
  #open: { session: Session; wire: RecordedWire; work: Promise<void>; busy: boolean }[] = [];
  #connections = 0;

  constructor(pace: Pace, protocolOf: (house: House) => Protocol) {
    this.#pace = pace;
    this.#protocolOf = protocolOf;
  }

  get isConnected(): boolean {
    return this.#connections > 0;
  }

  async connected(): Promise<void> {
    if (!this.isConnected) await this.#connect();
  }

  async #connect(): Promise<void> {
    this.#protocol ??= this.#protocolOf(this.house);
    const wire = new RecordedWire(this.#pace === 'octets');
    const peer = { ...this.house.peer, session: `s${++this.#connections}` };
    const session = this.#protocol.open(wire, peer);
    this.#open.push({ session, wire, work: Promise.resolve(), busy: false });
    await this.#does(() => session.greet(this.house.tls));
  }

  get #now() {
    const now = this.#open.at(-1);
    if (now === undefined) throw new Error('no line is open');
    return now;
  }

  /** Starts a piece of the session's work and waits until it is done or waits for the clock. */
  async #does(work: () => void | Promise<void>): Promise<void> {
    const now = this.#now;
    now.busy = true;
    now.work = now.work.then(work).then(() => {
      now.busy = false;
    });
    await this.#settled();
  }

  async #settled(): Promise<void> {
    for (let turn = 0; turn < 40; turn++) {
      if (!this.#now.busy) return this.#now.work;
      // Most is done after a few promises; what waits for the clock is given up after a while.
      await (turn < 20 ? undefined : new Promise((resolve) => setImmediate(resolve)));
    }
  }

  async clientSays(steps: Step[]): Promise<void> {
    const text = steps.map((step) => octetsOf(step.text, this.#names) + (step.ended ? '\r\n' : ''));
    const octets = Buffer.from(text.join(''), 'latin1');
    const { session, wire } = this.#now;
    let size = this.#pace === 'octets' ? 1 : octets.length;
    for (let at = 0; at < octets.length && !wire.closed; at += size) {
      // What is long is long for a limit's sake, and would take minutes.
      if (at === 5_000) size = Math.max(size, 97);
      // A fresh buffer that is wiped afterwards, as the net may reuse its own.
      const piece = Buffer.from(octets.subarray(at, at + size));
      await this.#does(async () => {
        if (!wire.closed) await session.receive(piece);
        piece.fill(0);
      });
    }
  }

  /** All that was sent since the last check is what the lines expect. */
  check(expected: Step[]): void {
    const said = this.#now.wire.takeSent().toString('latin1');
    const lines = said.split('\r\n');
    const open = lines.pop() ?? '';
    for (const [i, step] of expected.entries()) {
      const place = `line ${step.at}, expected: ${step.text}`;
      if (step.kind === 'server-part') {
        assert.ok(
          fits(open, step.text, this.#names),
          `${place}\nbut the server said ${shown(open)}`,
        );
      } else if (step.kind === 'servers') {
        const next = expected[i + 1]?.text;
        for (let line = lines[0]; line !== undefined; line = lines[0]) {
          if (next !== undefined && fits(line, next, this.#names)) break;
          if (!fits(line, step.text, this.#names)) break;
          lines.shift();
        }
      } else {
        const line = lines.shift();
        const heard = line === undefined ? 'nothing' : shown(line);
        assert.ok(
          line !== undefined && fits(line, step.text, this.#names),
          `${place}\nbut the server said: ${heard}`,
        );
      }
    }
    assert.deepEqual(lines.map(shown), [], `after line ${expected.at(-1)?.at}: more than expected`);
    if (expected.at(-1)?.kind !== 'server-part') assert.equal(open, '', 'a line without its end');
  }

  async happens({ text, at }: Step): Promise<void> {
    const { session, wire } = this.#now;
    const time = /^(\d+) (second|minute|hour)s? pass(?:es)?$/.exec(text);
    if (time !== null) {
      const unit = { second: 1000, minute: 60_000, hour: 3_600_000 }[time[2] ?? ''] ?? 0;
      this.house.clock.advance(Number(time[1]) * unit);
      await this.#settled();
    } else if (text === 'TLS starts') {
      assert.ok(wire.tlsAsked, `line ${at}: the session did not ask for TLS`);
      wire.tlsAsked = false;
      await this.#does(() => session.secured(House.tls));
    } else if (text === 'the line breaks') {
      wire.lost = true;
      await this.#finish();
    } else if (text === 'a new line opens') await this.#connect();
    else if (text === 'the peer is silent') session.expire();
    else if (text === 'the box stops') session.dismiss('stopping');
    else if (text === 'the box is overloaded') session.dismiss('overload');
    else if (!this.house.storeIs(text)) throw new Error(`line ${at}: not understood: when ${text}`);
  }

  async #finish(): Promise<void> {
    const now = this.#open.pop();
    if (now === undefined) return;
    await now.work;
    await now.session.ended();
    if (this.#open.length === 0) this.#open.push({ ...now, session: ended, busy: false });
  }

  async isTrue(step: Step): Promise<void> {
    const { text, at } = step;
    const history = /^the history of (\S+)'s message (\d+) is$/.exec(text);
    const has = /^(\S+) has (no|\d+) messages?$/.exec(text);
    const is = /^(\S+)'s message (\d+) is(?: (not )?(retrieved))?$/.exec(text);
    if (has?.[1] !== undefined) {
      const count = has[2] === 'no' ? 0 : Number(has[2]);
      assert.equal(this.house.messages(has[1]).length, count, `line ${at}: ${text}`);
    } else if (is?.[1] !== undefined) {
      const message = this.house.messages(is[1])[Number(is[2]) - 1];
      assert.ok(message !== undefined, `line ${at}: there is no such message`);
      if (is[4] !== undefined) assert.equal(message.retrieved, is[3] === undefined, `line ${at}`);
      else this.#isMessage(message.octets.toString('latin1'), step);
    } else if (history?.[1] !== undefined) {
      this.#areLines(await this.house.history(history[1], Number(history[2]) - 1), step);
    } else if (text === 'the queue is') this.#areLines(this.house.queue, step);
    else if (text === 'the queue is empty') this.#areLines(this.house.queue, step);
    else if (/^(?:.*) is flushed$/.test(text)) {
      assert.equal(`${this.house.flushes.splice(0).join(', ')} is flushed`, text, `line ${at}`);
    } else if (text === 'the line is closed')
      assert.ok(this.#now.wire.closed, `line ${at}: it is open`);
    else if (text.startsWith('status says ')) {
      const said = this.house.failingSenders.worries();
      const wanted = text === 'status says nothing' ? [] : [text.slice('status says '.length)];
      assert.deepEqual(said, wanted, `line ${at}`);
    } else if (text === 'the line is open')
      assert.ok(!this.#now.wire.closed, `line ${at}: it is closed`);
    else throw new Error(`line ${at}: not understood: then ${text}`);
  }

  #isMessage(octets: string, step: Step): void {
    const lines = octets.split('\r\n');
    if (lines.at(-1) === '') lines.pop();
    this.#areLines(lines, step);
    const unended = step.below.at(-1)?.ended === false;
    assert.equal(octets.endsWith('\r\n'), !unended && octets !== '', 'the last line end');
  }

  #areLines(lines: readonly string[], step: Step): void {
    for (const [i, line] of step.below.entries()) {
      const found = lines[i];
      assert.ok(
        found !== undefined && fits(found, line.text, this.#names),
        `line ${step.at + 1 + i}, expected: ${line.text}\nbut there is: ${shown(found ?? 'nothing')}`,
      );
    }
    assert.deepEqual(lines.slice(step.below.length).map(shown), [], 'more lines than expected');
  }

  async end(): Promise<void> {
    while (this.#open.length > 0 && this.#now.session !== ended) await this.#finish();
    assert.ok(this.#connections > 0, 'the transcript says nothing');
  }
}

/** Stands where a session has been. */
const ended: Session = {
  greet() {},
  receive: () => assert.fail('the client spoke on a line that is gone'),
  secured() {},
  patience: 0,
  expire() {},
  dismiss() {},
  ended() {},
};
