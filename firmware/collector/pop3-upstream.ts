/*
 * Connects to a POP3 server: the socket, STLS where it is wanted (never where it is only
 * offered, and never without: RFC 2595 §2.4), the sign-in, and what has to be known before
 * anything is collected.
 *
 * CAPA is asked for once the connection is as safe as it will be: what was said before TLS must be
 * forgotten anyhow (RFC 2595 §4), and so STLS is asked for without it. A server that does not know
 * CAPA is tried.
 */
import type { Clock } from '#base/clock';
import type { Log } from '#base/log';
import type { Random } from '#base/random';
import { failed, ok, type Result } from '#base/result';
import { type ConnectStage, dial } from '#net/dial';
import { plainAddress } from '#net/peer';
import type { Answer } from '#protocol/pop3/client/answer';
import { capa, quit, stls, timestampOf } from '#protocol/pop3/client/commands/connection';
import { readStat, stat, uidlOf } from '#protocol/pop3/client/commands/listing';
import { top } from '#protocol/pop3/client/commands/retrieving';
import { type Offers, offersOf } from '#protocol/pop3/client/offers';
import { type Ending, Pop3Dialogue } from './pop3/dialogue.ts';
import { heads } from './pop3/heads.ts';
import { longestLoginDelay, type Pop3Waits, patient } from './pop3/limits.ts';
import type { Naming } from './pop3/listing.ts';
import { signIn } from './pop3/sign-in.ts';
import { type Pop3Terms, Pop3Upstream } from './pop3/upstream.ts';
import type {
  SourceTarget,
  Upstream,
  UpstreamConnector,
  UpstreamConnectTrouble,
  UpstreamFacts,
} from './upstream.ts';

export interface Pop3ConnectorParts {
  readonly clock: Clock;
  readonly random: Random;
  /** Where the conversation is traced; secrets are starred. */
  readonly log?: Log;
}

type Step<T> = Promise<Result<T, UpstreamConnectTrouble>>;

export class Pop3Connector implements UpstreamConnector {
  readonly #parts: Pop3ConnectorParts;
  readonly #waits: Pop3Waits;

  constructor(parts: Pop3ConnectorParts, waits: Pop3Waits = patient) {
    this.#parts = parts;
    this.#waits = waits;
  }

  async connect(target: SourceTarget, signal?: AbortSignal): Step<Upstream> {
    if (signal?.aborted === true) return failed(givenUp('connect'));
    const { clock, log } = this.#parts;
    const dialling = dial(target, this.#waits, clock);
    const dialled = await orAborted(dialling, signal);
    if (dialled === 'aborted') {
      void dialling.then((late) => late.ok && late.value.destroy());
      return failed(givenUp('connect'));
    }
    if (!dialled.ok) return dialled;
    const dialogue = new Pop3Dialogue(dialled.value, clock, log);
    const abort = () => dialogue.cut(givenUp('connect'));
    signal?.addEventListener('abort', abort, { once: true });
    const opened = await this.#open(dialogue, target);
    signal?.removeEventListener('abort', abort);
    if (opened.ok) return opened;
    // Nobody waits for the answer.
    if (dialogue.gone === undefined) dialogue.send([quit]);
    dialogue.close();
    return opened;
  }

  async #open(dialogue: Pop3Dialogue, target: SourceTarget): Step<Upstream> {
    const greeted = await this.#greeted(dialogue);
    if (!greeted.ok) return greeted;
    if (target.security === 'starttls') {
      const secured = await this.#secured(dialogue, target);
      if (!secured.ok) return secured;
    }
    const before = await this.#offers(dialogue);
    if (!before.ok) return before;
    // RFC 1939 §7: APOP's timestamp is in the greeting, and STLS does not make it void. But one
    // that was said in the clear is not needed once the connection is encrypted.
    const timestamp = dialogue.encrypted ? undefined : timestampOf(greeted.value.text);
    const { random } = this.#parts;
    const parts = { dialogue, random, wait: this.#waits.command, timestamp };
    const refused = await signIn(target, { ...parts, offers: before.value });
    if (refused !== undefined) return failed(refused);
    const offers = await this.#offersInside(dialogue, before.value);
    if (!offers.ok) return offers;
    const terms = await this.#terms(dialogue, offers.value);
    if (!terms.ok) return terms;
    return ok(new Pop3Upstream(dialogue, factsOf(dialogue, offers.value), terms.value));
  }

  async #greeted(dialogue: Pop3Dialogue): Step<Answer> {
    const said = await dialogue.answer(this.#waits.greeting);
    if (!said.ok) return failed(troubleAt('greeting', said.error));
    return said.value.positive ? said : failed(refusedAt('greeting', said.value));
  }

  async #secured(dialogue: Pop3Dialogue, target: SourceTarget): Step<void> {
    const { command } = this.#waits;
    const said = await dialogue.ask(stls, command);
    if (!said.ok) return failed(troubleAt('tls', said.error));
    if (!said.value.positive) {
      return failed({ ...refusedAt('tls', said.value), code: 'NO-STARTTLS' });
    }
    const secured = await dialogue.secure(target, command);
    return secured.ok ? secured : failed(troubleAt('tls', secured.error));
  }

  /** RFC 2449 §5. Undefined: it does not know CAPA. */
  async #offers(dialogue: Pop3Dialogue): Step<Offers | undefined> {
    const said = await dialogue.lines(capa, this.#waits.command);
    if (!said.ok) return failed(troubleAt('hello', said.error));
    return ok(said.value.answer.positive ? offersOf(said.value.lines) : undefined);
  }

  /** RFC 2449 §5: who has signed in may be told more; asked for where something is missing. */
  async #offersInside(
    dialogue: Pop3Dialogue,
    before: Offers | undefined,
  ): Step<Offers | undefined> {
    if (before === undefined) return ok(undefined);
    const { uidl, top: hasTop, pipelining, differs } = before;
    if (uidl && hasTop && pipelining && !differs) return ok(before);
    const inside = await this.#offers(dialogue);
    return inside.ok ? ok(inside.value ?? before) : inside;
  }

  async #terms(dialogue: Pop3Dialogue, offers: Offers | undefined): Step<Pop3Terms> {
    const waits = this.#waits;
    const said = await dialogue.ask(stat, waits.command);
    if (!said.ok) return failed(troubleAt('hello', said.error));
    if (!said.value.positive) return failed(refusedAt('hello', said.value));
    const messages = readStat(said.value.text)?.messages;
    if (messages === undefined) {
      const detail = `it answers STAT with "${said.value.text}"`;
      return failed({ stage: 'hello', code: 'EPROTOCOL', detail });
    }
    const naming = await this.#naming(dialogue, offers, messages);
    if (!naming.ok) return naming;
    const pipelining = offers?.pipelining === true;
    const known = offers?.top === true || naming.value === 'top';
    const terms = { messages, pipelining, waits, naming: naming.value };
    return ok({ ...terms, top: known ? 'works' : 'unsure' });
  }

  /** How messages are told apart here. An empty maildrop has none to tell apart. */
  async #naming(
    dialogue: Pop3Dialogue,
    offers: Offers | undefined,
    messages: number,
  ): Step<Naming> {
    if (offers?.uidl === true || messages === 0) return ok('uidl');
    const wait = this.#waits.command;
    const said = await dialogue.ask(uidlOf(1), wait);
    if (!said.ok) return failed(troubleAt('hello', said.error));
    if (said.value.positive) return ok('uidl');
    // A code tells of something else than of a command that is not known. Nothing may follow from a
    // bad moment: to be named otherwise makes every message look new.
    if (said.value.code !== undefined) return failed(refusedAt('hello', said.value));
    let hasTop = false;
    const terms = { numbers: [1], pipelining: false, wait };
    const tried = await heads(dialogue, terms, (_, head) => {
      hasTop = head.ok;
    });
    if (!tried.ok) return failed(troubleAt('hello', tried.error));
    if (hasTop) return ok('top');
    const detail = `it knows neither ${uidlOf(1).line} nor ${top(1, 0).line}`;
    return failed({ stage: 'hello', code: 'NO-UIDL', detail });
  }
}

function factsOf(dialogue: Pop3Dialogue, offers: Offers | undefined): UpstreamFacts {
  const { encrypted, tls } = dialogue;
  const loginDelay = offers?.loginDelay;
  return {
    with: encrypted ? 'POP3S' : 'POP3',
    address: plainAddress(dialogue.address),
    ...(tls === undefined ? {} : { tls }),
    ...(loginDelay === undefined
      ? {}
      : { loginDelay: 1000 * Math.min(loginDelay, longestLoginDelay) }),
    tells: false,
  };
}

function troubleAt(stage: ConnectStage, { code, detail }: Ending): UpstreamConnectTrouble {
  return { stage, code, detail };
}

function refusedAt(stage: ConnectStage, { code, text }: Answer): UpstreamConnectTrouble {
  const answer = { ...(code === undefined ? {} : { code }), text };
  return { stage, code: 'REFUSED', detail: text, answer };
}

function givenUp(stage: ConnectStage): UpstreamConnectTrouble {
  return { stage, code: 'ABORTED', detail: 'it was given up' };
}

function orAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T | 'aborted'> {
  if (signal === undefined) return work;
  const { promise, resolve } = Promise.withResolvers<'aborted'>();
  const abort = () => resolve('aborted');
  signal.addEventListener('abort', abort, { once: true });
  return Promise.race([work, promise]).finally(() => signal.removeEventListener('abort', abort));
}
