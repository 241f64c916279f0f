/*
 * One POP3 session (RFC 1939 with the extensions that CAPA names): a state machine from lines to
 * replies. Everything that changes state stands in this file; what each command means stands under
 * commands/, what is allowed when in commands/table.ts.
 *
 * Only QUIT in TRANSACTION deletes. A line that breaks, an idle client, a box that stops, a lock
 * that was lost: each ends the session and deletes nothing.
 *
 * Lines are answered one after the other. As long as nothing has to be waited for, all that came
 * in one piece is answered without giving way, so pipelined commands cost no turns.
 */
import { Cursor, lettersAndDigits } from '#base/cursor';
import type { Log } from '#base/log';
import type { Random } from '#base/random';
import { type Failure, unreachable } from '#base/result';
import type { Soon } from '#base/soon';
import type { Directory, Identity, SignIn, SignInContext } from '#mail/accounts/accounts';
import { type PlaintextRule, plaintextAllowed } from '#mail/accounts/plaintext';
import type { Maildrops } from '#mail/maildrop';
import { type Line, LineReader } from '../line/line-reader.ts';
import { Exchange, type ExchangeStep } from '../sasl/exchange.ts';
import { offeredMechanisms, secretsWork } from '../sasl/mechanism.ts';
import { freshText } from '../sasl/shared-secret.ts';
import type { Peer, Session, TlsFacts, Wire } from '../session.ts';
import type { CapabilityFacts } from './capabilities.ts';
import type { Command, Conversation } from './command.ts';
import { commands } from './commands/table.ts';
import * as limits from './limits.ts';
import { Marks } from './marks.ts';
import { messagesInWords, negative, negativeFor, positive } from './replies.ts';
import type { State, Transaction } from './state.ts';
import { traceOf } from './trace.ts';

export interface Pop3Settings {
  /** `host.name`: what the box calls itself. */
  readonly hostName: string;
  /** `auth.plaintext` */
  readonly plaintext: PlaintextRule;
  /** Somebody here has a recoverable password. */
  readonly sharedSecrets: boolean;
  /** There is a certificate. */
  readonly tlsAvailable: boolean;
  /** `pop3.idle`, in milliseconds. */
  readonly idle: number;
}

/** What a session asks of the rest of the house. */
export interface Pop3Ports {
  readonly signIn: SignIn;
  readonly directory: Pick<Directory, 'stillHas'>;
  readonly maildrops: Maildrops;
  readonly random: Random;
  readonly log: Log;
  /** Read anew where it is needed, for settings change while sessions run. */
  readonly settings: () => Pop3Settings;
}

const open: State = { kind: 'authorization', step: 'open' };
const over: State = { kind: 'over' };

export class Pop3Session implements Session, Conversation {
  readonly wire: Wire;
  readonly #peer: Peer;
  readonly #ports: Pop3Ports;
  readonly #log: Log;
  readonly #lines = new LineReader(limits.responseOctets);
  #state: State = open;
  #encrypted = false;
  #timestamp: string | undefined;
  #badCommands = 0;
  #commandsBeforeSignIn = 0;
  #refusedSignIns = 0;

  constructor(wire: Wire, peer: Peer, ports: Pop3Ports) {
    this.wire = wire;
    this.#peer = peer;
    this.#ports = ports;
    this.#log = ports.log.for(peer.session);
  }

  // What the net calls.

  greet(tls: TlsFacts | undefined): void {
    this.#encrypted = tls !== undefined;
    const { hostName, sharedSecrets } = this.#ports.settings();
    // RFC 1939 §7: a timestamp in the greeting says that APOP works.
    if (secretsWork({ plaintext: this.facts.plaintext, sharedSecrets })) {
      this.#timestamp = freshText(this.#ports.random, hostName);
    }
    const hello = 'Restante has your mail';
    this.accept(this.#timestamp === undefined ? hello : `${hello} ${this.#timestamp}`);
  }

  receive(octets: Buffer): Soon<void> {
    if (this.#state.kind === 'transaction') this.#state.maildrop.working();
    this.#lines.push(octets);
    const pending = this.#untilPending();
    if (pending === undefined) this.#rest();
    else return this.#goOn(pending);
  }

  /** RFC 2595 §4: the session starts anew, nothing that was said in the clear counts. */
  secured(): void {
    this.#encrypted = true;
    this.#lines.clear();
    this.#state = open;
  }

  get patience(): number {
    return this.#ports.settings().idle;
  }

  /** RFC 1939 §3: an autologout closes without a word and does not enter UPDATE. */
  expire(): void {
    this.#end();
  }

  /** The client finds the reason where it looks for the answer to its next command. (The net calls
   * this between commands; in the middle of a reply it would become part of a message.) */
  dismiss(why: 'stopping' | 'overload'): void {
    if (this.#state.kind === 'update' || this.#state.kind === 'over') return;
    const say = why === 'stopping' ? 'The mail box is being switched off' : 'Too much to do now';
    this.#say(negative(`${say}; nothing was deleted`, 'SYS/TEMP'));
    this.#end();
  }

  ended(): void {
    this.#end();
  }

  // From octets to commands.

  /** Answers what has come, until there is something to wait for. */
  #untilPending(): Promise<void> | undefined {
    for (;;) {
      if (this.#state.kind === 'over') return undefined;
      const line = this.#lines.line();
      if (line === undefined) {
        if (this.#lines.pending > limits.endlessLine) this.#refuseEndlessLine();
        return undefined;
      }
      const answering = this.#answer(line);
      // A client that does not read its replies is not given more of them.
      const pending = answering?.then(() => this.wire.drained()) ?? this.wire.drained();
      if (pending !== undefined) return pending;
    }
  }

  async #goOn(first: Promise<void>): Promise<void> {
    for (let pending: Promise<void> | undefined = first; pending !== undefined; ) {
      await pending;
      pending = this.#untilPending();
    }
    this.#rest();
  }

  #rest(): void {
    if (this.#state.kind === 'transaction') this.#state.maildrop.resting();
  }

  /** RFC 2449 §3. A command may end in a bare LF, too: people type into netcat, and a POP3 client
   * sends nothing that could hide behind one. */
  #answer(line: Line): Promise<void> | undefined {
    const state = this.#state;
    if (state.kind === 'update' || state.kind === 'over') return undefined;
    if (state.kind === 'authorization' && state.step === 'challenged') {
      return this.#respond(state.exchange, line);
    }
    if (line.kind === 'too-long' || line.octets.length + 2 > limits.commandOctets) {
      return this.#bad(`A command has at most ${limits.commandOctets} octets`);
    }
    const cursor = new Cursor(line.octets.toString());
    const verb = cursor.takeSome(lettersAndDigits)?.toUpperCase() ?? '';
    this.#trace('C', traceOf(verb, cursor.line));
    if (state.kind === 'transaction') {
      if (!this.#ports.directory.stillHas(state.identity)) return this.#shutOut();
      return this.#perform(commands.transaction.get(verb), verb, cursor, state);
    }
    if (state.step === 'named') this.#state = open;
    this.#commandsBeforeSignIn++;
    if (this.#commandsBeforeSignIn > limits.commandsBeforeSignIn) {
      this.#say(negative('So many commands and nobody signed in, goodbye'));
      this.leave();
      return undefined;
    }
    return this.#perform(commands.authorization.get(verb), verb, cursor, state);
  }

  #perform<S extends State>(
    command: Command<S> | undefined,
    verb: string,
    after: Cursor,
    state: S,
  ): Promise<void> | undefined {
    if (command === undefined) return this.#bad(this.#whyNot(verb, state));
    const pending = command.perform(after, this, state);
    if (pending === 'misused') return this.#bad(`It is written: ${command.usage}`);
    return pending ?? undefined;
  }

  #whyNot(verb: string, state: State): string {
    const elsewhere = commands[state.kind === 'transaction' ? 'authorization' : 'transaction'];
    if (!elsewhere.has(verb)) return 'That command is not known here';
    return state.kind === 'transaction' ? 'You are signed in already' : 'Sign in first';
  }

  /** The password was revoked, or the account removed, while the session was open. */
  #shutOut(): undefined {
    this.#say(
      negative('You were signed out by the owner of this box; nothing was deleted', 'AUTH'),
    );
    this.leave();
  }

  #refuseEndlessLine(): void {
    this.#say(negative('That line does not end, goodbye'));
    this.leave();
  }

  #bad(say: string): undefined {
    this.#badCommands++;
    if (this.#badCommands < limits.badCommands) {
      this.#say(negative(say));
      return;
    }
    this.#say(negative(`${say}. Too many bad commands, goodbye`));
    this.leave();
  }

  // What commands ask for: replies.

  accept(text: string): void {
    this.#say(positive(text));
  }

  refuse(failure: Failure): void {
    if (failure.kind === 'trouble') this.#note(failure);
    this.#say(negativeFor(failure));
  }

  cut(failure: Failure): void {
    this.#note(failure);
    this.leave();
  }

  #say(reply: string): void {
    this.#trace('S', reply.trimEnd());
    this.wire.send(reply);
  }

  #trace(side: 'C' | 'S', line: string): void {
    if (this.#log.keeps('trace')) this.#log.trace(`${side}: ${line}`);
  }

  #note(failure: Failure): void {
    const detail = failure.kind === 'trouble' ? failure.detail : failure.say;
    this.#log.warn('A POP3 command failed', { code: failure.code, detail });
  }

  // What commands ask for: changes of state.

  get facts(): CapabilityFacts {
    const settings = this.#ports.settings();
    const plaintext = plaintextAllowed(settings.plaintext, this.#encrypted, this.#peer.place);
    return {
      state: this.#state.kind === 'transaction' ? 'transaction' : 'authorization',
      encrypted: this.#encrypted,
      tlsAvailable: settings.tlsAvailable,
      plaintext,
      timestamp: this.#timestamp,
      mechanisms: offeredMechanisms({ plaintext, sharedSecrets: settings.sharedSecrets }),
    };
  }

  named(login: string): void {
    this.#state = { kind: 'authorization', step: 'named', login };
  }

  async withPassword(login: string, password: string): Promise<void> {
    const found = await this.#ports.signIn.withPassword(login, password, this.#context);
    return found.ok ? this.#enter(found.value) : this.#refuseSignIn(found.error);
  }

  async withSecret(login: string, proves: (secret: string) => boolean): Promise<void> {
    const found = await this.#ports.signIn.withSecret(login, proves, this.#context);
    return found.ok ? this.#enter(found.value) : this.#refuseSignIn(found.error);
  }

  async authenticate(mechanism: string, initial: string | undefined): Promise<void> {
    const { signIn, random, settings } = this.#ports;
    const ports = { signIn, random, hostName: settings().hostName };
    const exchange = new Exchange(ports, this.#context, this.facts.mechanisms);
    return this.#afterStep(exchange, await exchange.start(mechanism, initial));
  }

  /** RFC 5034 §4: the line after a challenge. */
  async #respond(exchange: Exchange, line: Line): Promise<void> {
    this.#state = open;
    this.#trace('C', '*****');
    if (line.kind === 'too-long') {
      return void this.#bad(`A response has at most ${limits.responseOctets} octets`);
    }
    return this.#afterStep(exchange, await exchange.line(line.octets.toString()));
  }

  async #afterStep(exchange: Exchange, step: ExchangeStep): Promise<void> {
    if (this.#isOver) return;
    switch (step.kind) {
      case 'challenge':
        this.#state = { kind: 'authorization', step: 'challenged', exchange };
        return this.#say(`+ ${step.text}\r\n`);
      case 'done':
        return this.#enter(step.identity);
      case 'failed':
        return this.#refuseSignIn(step.failure);
      case 'cancelled':
        return this.#say(negative('Signing in was cancelled'));
      default:
        return unreachable(step);
    }
  }

  /** AUTHORIZATION to TRANSACTION (RFC 1939 §4): the lock first. */
  async #enter(identity: Identity): Promise<void> {
    if (this.#isOver) return;
    const { session, address } = this.#peer;
    const dispossessed = () => this.#dispossessed();
    const holder = { session, address, identity, protocol: 'POP3', dispossessed };
    const opened = await this.#ports.maildrops.open(holder);
    if (!opened.ok) {
      if (!this.#isOver) this.refuse(opened.error);
      return;
    }
    const maildrop = opened.value;
    // The line may have been lost while the lock was waited for.
    if (this.#isOver) return maildrop.release();
    const { messages, wireOctets } = maildrop;
    this.#state = { kind: 'transaction', identity, maildrop, marks: new Marks(messages) };
    this.#log.info(`${identity.login} signed in`, { messages, octets: wireOctets });
    this.accept(`${messagesInWords(messages)} (${wireOctets} octets)`);
  }

  #refuseSignIn(failure: Failure): void {
    if (this.#isOver) return;
    this.refuse(failure);
    if (failure.kind === 'refusal') this.#refusedSignIns++;
    if (this.#refusedSignIns >= limits.refusedSignIns) this.leave();
  }

  startTls(): void {
    this.#lines.clear();
    this.wire.startTls();
  }

  /** RFC 1939 §6. The lock is back before the client hears that all is done,
   * for it may come again at once. */
  async update({ identity, maildrop, marks }: Transaction): Promise<void> {
    this.#state = { kind: 'update' };
    const updated = await maildrop.update(marks.indexes());
    maildrop.release();
    if (this.#isOver) return;
    if (updated.ok) {
      this.#log.info(`${identity.login} signed out`, { deleted: marks.count });
      const { count } = marks;
      this.accept(count === 0 ? 'Goodbye' : `Goodbye, ${messagesInWords(count)} deleted`);
    } else {
      // RFC 1939 §6: "-ERR some deleted messages not removed"; here it is always all of them.
      this.refuse({ ...updated.error, say: `${updated.error.say}; nothing was deleted` });
    }
    this.leave();
  }

  leave(): void {
    this.#end();
    this.wire.close();
  }

  /** The lock went to somebody else, who is surely the same client come back. */
  #dispossessed(): void {
    this.#log.info('The client came back on another connection; this one ends');
    this.leave();
  }

  /** Whatever ends a session: nothing is deleted. An update under way still finishes. */
  #end(): void {
    const state = this.#state;
    this.#state = over;
    if (state.kind === 'transaction') state.maildrop.release(state.marks.indexes());
    this.#lines.clear();
  }

  get #isOver(): boolean {
    return this.#state.kind === 'over';
  }

  get #context(): SignInContext {
    const { session, address } = this.#peer;
    return { session, address, protocol: 'pop3' };
  }
}
