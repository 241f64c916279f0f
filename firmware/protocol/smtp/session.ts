/*
 * An SMTP server's session (RFC 5321, RFC 6409): a state machine that is fed octets. It frames
 * lines, runs one command at a time, and is the only place where the state changes. What a command
 * means stands in commands/, what may be said when in their `states` and commands/order.ts.
 *
 * Whatever is at hand is worked off at once; only AUTH and the end of a message wait for somebody.
 */
import { Cursor } from '#base/cursor';
import type { Log } from '#base/log';
import { type Soon, whenThere } from '#base/soon';
import { LineReader } from '../line/line-reader.ts';
import type { Session, TlsFacts, Wire } from '../session.ts';
import { authOutcome } from './commands/auth.ts';
import { outOfOrder } from './commands/order.ts';
import { isKnownElsewhere } from './commands/session-control.ts';
import { commands } from './commands/table.ts';
import * as limits from './limits.ts';
import type { Reception } from './reception.ts';
import { type Reply, reply } from './reply.ts';
import type { CommandState, Desk, Outcome, State, StateOf } from './state.ts';
import { newlineRule } from './terms.ts';

/** What a step of the session was: 'waiting' for more octets, or 'done', perhaps later. */
type Step = Soon<'waiting' | 'done'>;

export class SmtpSession implements Session {
  readonly #wire: Wire;
  readonly #log: Log;
  readonly #lines = new LineReader(limits.commandLine);
  #desk: Desk;
  #state: State = { kind: 'connected' };
  #badCommands = 0;
  #refusedRecipients = 0;
  #failedSignIns = 0;
  #idleCommands = 0;

  constructor(wire: Wire, desk: Desk, log: Log) {
    this.#wire = wire;
    this.#desk = desk;
    this.#log = log;
  }

  /** RFC 5321 §4.5.3.2.7. A peer that drips an octet now and then is silent, too: the net knows. */
  get patience(): number {
    return this.#desk.terms.idle;
  }

  greet(tls: TlsFacts | undefined): void {
    this.#desk = { ...this.#desk, tls };
    // RFC 5321 §4.2: Greeting = "220 " ( Domain / address-literal ) [ SP textstring ] CRLF
    this.#say(reply(220, '', `${this.#desk.terms.hostName} ESMTP Restante`));
  }

  receive(octets: Buffer): void | Promise<void> {
    this.#lines.push(octets);
    return this.#goOn();
  }

  secured(tls: TlsFacts): void {
    // RFC 3207 §4.2: nothing that was said before counts, and there is no new greeting.
    this.#lines.clear();
    this.#desk = { ...this.#desk, tls, identity: undefined };
    this.#state = { kind: 'connected' };
  }

  expire(): void {
    // RFC 5321 §3.8
    this.#say(
      reply(421, '4.4.2', `${this.#desk.terms.hostName} closes: nothing was heard for long.`),
    );
    const state = this.#state;
    if (state.kind !== 'data') return;
    this.#leaveUnfinished(state.reception, 'silence');
    this.#become({ kind: 'closed' });
  }

  dismiss(why: 'stopping' | 'overload'): void {
    const because = why === 'stopping' ? 'the box is being stopped' : 'the box is too busy';
    this.#say(
      reply(421, '4.3.2', `${this.#desk.terms.hostName} closes: ${because}; try again later.`),
    );
  }

  async ended(): Promise<void> {
    const state = this.#state;
    this.#state = { kind: 'closed' };
    if (state.kind === 'data') this.#leaveUnfinished(state.reception, 'gone');
    await receptionOf(state)?.abandon();
  }

  /** The end of a message will never come. */
  #leaveUnfinished(reception: Reception, why: 'silence' | 'gone'): void {
    const { peer, intake } = this.#desk;
    const facts = { address: peer.address, octets: reception.octets };
    if (reception.endsWrongly) {
      // Some old devices end a message with LF . LF and wait for ever; their owner should know.
      this.#log.warn(neverEnded, facts);
      intake.unfinished(peer, 'bare-newlines');
    } else {
      this.#log.info('The connection ended in the middle of a message.', facts);
      if (why === 'silence') intake.unfinished(peer, 'silence');
    }
  }

  /** Works off what is there. */
  #goOn(): void | Promise<void> {
    for (;;) {
      const step = this.#step();
      if (step === 'waiting') return undefined;
      if (step !== 'done') return step.then((what) => (what === 'done' ? this.#goOn() : undefined));
    }
  }

  #step(): Step {
    const state = this.#state;
    switch (state.kind) {
      case 'securing':
      case 'closed':
        this.#lines.clear();
        return 'waiting';
      case 'data':
        return this.#data(state);
      case 'chunk':
        return this.#chunk(state);
      case 'authenticating':
        return this.#response(state);
      default:
        return this.#command(state);
    }
  }

  /** A line, or the answer to what is none. */
  #line(): string | 'waiting' | Outcome {
    const line = this.#lines.line();
    if (line === undefined) {
      if (this.#lines.pending > limits.endlessLine) return { reply: endlessLine, effect: 'close' };
      if (this.#lines.begins(tlsHello)) return { reply: tlsTooEarly, effect: 'close' };
      return 'waiting';
    }
    if (line.kind === 'too-long') return { reply: tooLong };
    if (line.octets.indexOf(tlsHello) === 0) return { reply: tlsTooEarly, effect: 'close' };
    const { terms, peer, identity } = this.#desk;
    if (
      line.bare &&
      newlineRule(terms.bareNewline, peer.place, identity !== undefined) === 'refuse'
    ) {
      return { reply: bareLine };
    }
    return line.octets.toString();
  }

  #command(state: CommandState): Step {
    const line = this.#line();
    if (line === 'waiting') return 'waiting';
    if (typeof line !== 'string') return this.#apply(line);
    // RFC 5321 §4.1.1: white space at the end of a command is tolerated.
    const text = line.trimEnd();
    const space = text.indexOf(' ');
    const word = space < 0 ? text : text.slice(0, space);
    const verb = word.toUpperCase();
    const command = commands.get(verb);
    // What is no command may be a password that a program sends although AUTH was refused.
    this.#trace('C', command === undefined ? '*****' : verb === 'AUTH' ? 'AUTH *****' : text);
    if (command === undefined) return this.#apply(unknown(verb, text));
    if (!command.states.includes(state.kind)) {
      return this.#apply({ reply: outOfOrder(verb, state.kind) });
    }
    const cursor = new Cursor(text);
    cursor.back(word.length);
    const outcome = command.run(cursor, state, this.#desk);
    return whenThere(outcome, (there) => this.#apply(there, verb));
  }

  /** RFC 4954 §4: a line of an AUTH exchange. */
  #response({ hello, exchange }: StateOf<'authenticating'>): Step {
    const line = this.#line();
    if (line === 'waiting') return 'waiting';
    if (typeof line !== 'string') return this.#apply({ ...line, state: { kind: 'ready', hello } });
    this.#trace('C', '*****');
    return exchange
      .line(line)
      .then((step) => this.#apply(authOutcome(step, hello, exchange), 'AUTH'));
  }

  #data({ hello, reception, transparency }: StateOf<'data'>): Step {
    if (this.#lines.unread === 0) return 'waiting';
    const octets = this.#lines.rest();
    const { content, ended, used } = transparency.decode(octets);
    if (ended) this.#lines.giveBack(octets.length - used);
    const taken = content.length > 0 ? reception.take(content) : undefined;
    return whenThere(taken, () => {
      if (ended) return this.#finish(hello, reception);
      return reception.endless ? this.#apply({ reply: endless, effect: 'close' }) : 'done';
    });
  }

  #chunk(state: StateOf<'chunk'>): Step {
    const { size, last, into } = state;
    if (state.left > 0) {
      const octets = this.#lines.take(state.left);
      if (octets.length === 0) return 'waiting';
      this.#state = { ...state, left: state.left - octets.length };
      if ('refused' in into) return 'done';
      return whenThere(into.reception.take(octets), () => 'done' as const);
    }
    if ('refused' in into) return this.#apply({ reply: into.refused, state: into.back }, 'BDAT');
    const { hello, reception } = into;
    if (reception.refused !== undefined) {
      // RFC 3030 §2: after a failure the message is over, and what follows it is out of order.
      return this.#apply({ reply: reception.refused, state: { kind: 'ready', hello } });
    }
    if (last) return this.#finish(hello, reception);
    const received = reply(250, '2.0.0', `${size} octets received`);
    const outcome: Outcome = { reply: received, state: { kind: 'chunks', hello, reception } };
    return this.#apply(outcome, size > 0 ? 'BDAT' : '');
  }

  /** All of a message is there. */
  async #finish(hello: StateOf<'ready'>['hello'], reception: Reception): Promise<'done'> {
    const answer = await reception.finish();
    // Kept or forgotten already: nothing of it is left to drop.
    this.#state = { kind: 'ready', hello };
    if (answer.code === 250) this.#idleCommands = 0;
    this.#log.info(answer.code === 250 ? 'A message was taken in.' : 'A message was not taken.', {
      ...reception.facts,
      reply: answer.text.trimEnd(),
    });
    return this.#apply({ reply: answer });
  }

  /** Says the reply, and becomes what the outcome says. */
  #apply(outcome: Outcome, verb = ''): 'done' {
    if (outcome.state !== undefined) this.#become(outcome.state);
    if (outcome.identity !== undefined) {
      this.#desk = { ...this.#desk, identity: outcome.identity };
    }
    if (outcome.reply !== undefined) this.#say(outcome.reply);
    if (outcome.effect === 'start-tls') {
      this.#lines.clear();
      this.#wire.startTls();
    } else if (outcome.effect === 'close') this.#close();
    else if (outcome.reply !== undefined) this.#count(outcome.reply, verb);
    return 'done';
  }

  /** A message that no state holds any more is forgotten. */
  #become(state: State): void {
    const dropped = receptionOf(this.#state);
    this.#state = state;
    if (dropped !== undefined && receptionOf(state) !== dropped) void dropped.abandon();
  }

  /** Patience with peers that get nothing done (limits.ts says why). */
  #count(answer: Reply, verb: string): void {
    // Recipients and octets are getting something done, and have limits of their own.
    if (verb !== 'RCPT' && verb !== 'BDAT') this.#idleCommands++;
    if (answer.code === 535) this.#failedSignIns++;
    else if (answer.code >= 500 && verb === 'RCPT') this.#refusedRecipients++;
    else if (answer.code >= 500) this.#badCommands++;
    const enough =
      this.#badCommands > limits.badCommands ||
      this.#refusedRecipients > limits.refusedRecipients ||
      this.#failedSignIns >= limits.failedSignIns ||
      this.#idleCommands > limits.idleCommands;
    if (!enough) return;
    this.#log.info('The peer went on without getting anything done; closing.');
    this.#say(reply(421, '4.7.0', `${this.#desk.terms.hostName} closes: this leads nowhere.`));
    this.#close();
  }

  #say(answer: Reply): void {
    this.#trace('S', answer.text.trimEnd());
    if (this.#state.kind !== 'closed') this.#wire.send(answer.text);
  }

  #trace(side: 'C' | 'S', line: string): void {
    if (this.#log.keeps('trace')) this.#log.trace(`${side}: ${line}`);
  }

  #close(): void {
    this.#become({ kind: 'closed' });
    this.#wire.close();
  }
}

function receptionOf(state: State): Reception | undefined {
  if (state.kind === 'data' || state.kind === 'chunks') return state.reception;
  return state.kind === 'chunk' && 'reception' in state.into ? state.into.reception : undefined;
}

const neverEnded =
  'This device ends its lines with LF or CR alone and never ends its message with CR LF . CR LF; ' +
  'the message was not taken.';
/** RFC 8446 §5.1: how a TLS handshake begins. */
const tlsHello = Buffer.of(0x16, 0x03);
const tlsTooEarly = reply(
  554,
  '5.7.0',
  'This port begins without TLS: choose STARTTLS in your program, or another port.',
);
// RFC 5321 §4.5.3.1.9
const tooLong = reply(500, '5.5.2', 'That line is too long.');
const endlessLine = reply(421, '4.7.0', 'That line does not end; closing.');
const endless = reply(552, '5.3.4', 'This message is much too large; closing.');
const bareLine = reply(500, '5.5.2', 'Lines end in CR LF here, not in LF alone.');

function unknown(verb: string, line: string): Outcome {
  // A web page can make a browser send mail commands inside an HTTP request.
  if (/ HTTP\/\d/.test(line) || verb === 'HOST:') return { reply: noWeb, effect: 'close' };
  if (isKnownElsewhere(verb)) return { reply: reply(502, '5.5.1', `${verb} is not done here.`) };
  return { reply: reply(500, '5.5.1', 'I do not know that command; HELP lists those I know.') };
}

const noWeb = reply(554, '5.5.1', 'This is a mail server, not a web server.');
