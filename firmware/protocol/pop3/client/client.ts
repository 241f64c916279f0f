/*
 * The client's side of a POP3 session (RFC 1939 with RFC 2449, RFC 2595, RFC 5034): a state machine
 * without I/O. Octets of the server go in, events come out; `request` gives the octets to send and
 * notes what the answer will look like. Everything that changes state stands in this file; what the
 * commands are stands under commands/.
 *
 *     client.push(octets);
 *     for (let event = client.next(); event !== undefined; event = client.next()) ...
 *
 * It decides nothing: which command comes next, and whether several may be sent ahead, is the
 * caller's. After `nonsense` nothing more comes: who does not understand an answer cannot know
 * which command the next one is for.
 */
import { plainText } from '#base/plain-text';
import { unreachable } from '#base/result';
import { type Line, LineReader } from '../../line/line-reader.ts';
import { DotUnstuffing } from '../dot-unstuffing.ts';
import { type Answer, readAnswer, readChallenge } from './answer.ts';
import { type ClientCommand, greeting } from './command.ts';
import { stls } from './commands/connection.ts';
import { lineOctets, listingOctets, quotedCharacters, requestsAhead } from './limits.ts';

export type ClientEvent =
  /** A command's whole answer: a status line, with nothing to follow. */
  | { readonly kind: 'answer'; readonly command: ClientCommand; readonly answer: Answer }
  /** A positive status line, with more to follow. */
  | { readonly kind: 'begun'; readonly command: ClientCommand; readonly answer: Answer }
  /** A line of a listing; latin1. */
  | { readonly kind: 'line'; readonly line: string }
  /** Octets of a message, dots undone; good until the next call of `push`. */
  | { readonly kind: 'octets'; readonly octets: Buffer }
  /** What was begun has ended. */
  | { readonly kind: 'end'; readonly command: ClientCommand }
  /** Base64; to be answered with `respond`. */
  | { readonly kind: 'challenge'; readonly text: string }
  | { readonly kind: 'nonsense'; readonly detail: string };

type State =
  /** A status line is to come, when there is anything that it could answer. */
  | { readonly kind: 'status' }
  | { readonly kind: 'lines'; readonly command: ClientCommand; lines: number; octets: number }
  | {
      readonly kind: 'message';
      readonly command: ClientCommand;
      readonly unstuffing: DotUnstuffing;
    }
  /** Its last octets were handed out. */
  | { readonly kind: 'ended'; readonly command: ClientCommand }
  /** STLS was accepted: what comes before the handshake is not believed (RFC 2595 §4). */
  | { readonly kind: 'securing' }
  | { readonly kind: 'over' };

const status: State = { kind: 'status' };

export class Pop3Client {
  readonly #lines = new LineReader(lineOctets);
  #state: State = status;
  /** Commands whose status line is to come, oldest first. */
  readonly #asked: ClientCommand[] = [greeting];

  /** Some answer, or the end of one, is to come. */
  get waits(): boolean {
    return this.#asked.length > 0 || this.#state.kind !== 'status';
  }

  /** What to send for this command. */
  request(command: ClientCommand): string {
    if (this.#asked.length >= requestsAhead) throw new Error('too many requests are ahead');
    this.#asked.push(command);
    return `${command.line}\r\n`;
  }

  /** What to send in answer to a challenge; RFC 5034 §4: `*` cancels. */
  respond(text: string): string {
    return `${text}\r\n`;
  }

  /** The handshake that STLS began is done (RFC 2595 §4). */
  secured(): void {
    this.#lines.clear();
    this.#state = status;
  }

  /** Octets of the server, split anywhere. Read in place: call `next` until it says undefined
   * before they change. */
  push(octets: Buffer): void {
    this.#lines.push(octets);
  }

  /** What happens next, or undefined until more comes. Never throws, whatever comes. */
  next(): ClientEvent | undefined {
    const state = this.#state;
    switch (state.kind) {
      case 'status':
        return this.#status();
      case 'lines':
        return this.#line(state);
      case 'message':
        return this.#octets(state.command, state.unstuffing);
      case 'ended':
        this.#state = status;
        return { kind: 'end', command: state.command };
      case 'securing':
      case 'over':
        this.#lines.clear();
        return undefined;
      default:
        return unreachable(state);
    }
  }

  #status(): ClientEvent | undefined {
    // RFC 6856 lets the words of answers be UTF-8.
    const line = this.#text('utf8');
    if (typeof line !== 'string') return line;
    const [command] = this.#asked;
    if (command === undefined) return this.#nonsense(`the server said unasked: ${quoted(line)}`);
    if (command.shape === 'exchange') {
      const text = readChallenge(line);
      if (text !== undefined) return { kind: 'challenge', text };
    }
    const answer = readAnswer(line);
    if (answer === undefined) {
      return this.#nonsense(`the server said ${quoted(line)} in place of +OK or -ERR`);
    }
    this.#asked.shift();
    return this.#answered(command, answer);
  }

  #answered(command: ClientCommand, answer: Answer): ClientEvent {
    if (answer.positive && command.shape === 'lines') {
      this.#state = { kind: 'lines', command, lines: 0, octets: 0 };
      return { kind: 'begun', command, answer };
    }
    if (answer.positive && command.shape === 'message') {
      this.#state = { kind: 'message', command, unstuffing: new DotUnstuffing() };
      return { kind: 'begun', command, answer };
    }
    if (answer.positive && command === stls) {
      this.#lines.clear();
      this.#state = { kind: 'securing' };
    }
    return { kind: 'answer', command, answer };
  }

  #line(state: State & { kind: 'lines' }): ClientEvent | undefined {
    const line = this.#text('latin1');
    if (typeof line !== 'string') return line;
    if (line === '.') {
      this.#state = status;
      return { kind: 'end', command: state.command };
    }
    state.lines++;
    state.octets += line.length;
    const { lines: most = 0, line: asked } = state.command;
    if (state.lines > most || state.octets > listingOctets) {
      return this.#nonsense(`the answer to ${asked} does not end`);
    }
    // RFC 1939 §3: dots are stuffed in every multi-line response.
    return { kind: 'line', line: line.startsWith('.') ? line.slice(1) : line };
  }

  #octets(command: ClientCommand, unstuffing: DotUnstuffing): ClientEvent | undefined {
    if (this.#lines.unread === 0) return undefined;
    const piece = this.#lines.rest();
    const { octets, used, ended } = unstuffing.update(piece);
    if (ended) {
      this.#lines.giveBack(piece.length - used);
      this.#state = { kind: 'ended', command };
    }
    return octets.length > 0 ? { kind: 'octets', octets } : this.next();
  }

  /** The next line of a bounded length; a bare LF ends one, too, for nothing that a stranger wrote
   * stands in these. */
  #text(encoding: 'utf8' | 'latin1'): string | ClientEvent | undefined {
    const line: Line | undefined = this.#lines.line();
    const endless = line === undefined ? this.#lines.pending > lineOctets : line.kind !== 'line';
    if (endless) return this.#nonsense('the server sends a line that does not end');
    return line?.kind === 'line' ? line.octets.toString(encoding) : undefined;
  }

  #nonsense(detail: string): ClientEvent {
    this.#state = { kind: 'over' };
    this.#lines.clear();
    return { kind: 'nonsense', detail };
  }
}

function quoted(line: string): string {
  const text = plainText(line.slice(0, 4 * quotedCharacters));
  return `"${text.length > quotedCharacters ? `${text.slice(0, quotedCharacters)}...` : text}"`;
}
