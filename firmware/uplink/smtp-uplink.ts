/*
 * A connection that is signed in, message by message (RFC 5321 §3.3): the envelope for nodemailer,
 * the octets with the question before their end, and from nodemailer's errors to what the server
 * said to each recipient. An answer counts only where it was due: one that comes too early, or
 * makes no sense, breaks the connection, and the message is not taken for sent.
 */
import { Readable } from 'node:stream';
import { domainToASCII } from 'node:url';
import type SMTPConnection from 'nodemailer/lib/smtp-connection';
import { plainText } from '#base/plain-text';
import { failed, ok, type Result } from '#base/result';
import type { Answer } from '#provider/answer';
import { parseAnswer, parseRefusal } from './answers.ts';
import type {
  Broken,
  OutgoingEnvelope,
  SendAnswers,
  UplinkConnection,
  UplinkFacts,
} from './connection.ts';
import { coded, type Dialogue, type Trouble } from './dialogue.ts';
import type { Waits } from './limits.ts';

interface Rejected extends Trouble {
  readonly recipient?: string | undefined;
}

/** An envelope as nodemailer notes in it what the server said. */
interface Noted extends SMTPConnection.Envelope {
  readonly rejectedErrors?: readonly Rejected[] | undefined;
}

/** How far a message came. */
interface Progress {
  /** The server asked for the message. */
  begun: boolean;
  /** The end may be sent. */
  ended: boolean;
  /** The octets could not be read. */
  unread?: Error;
}

export class SmtpUplink implements UplinkConnection {
  readonly facts: UplinkFacts;
  readonly #dialogue: Dialogue;
  readonly #waits: Waits;
  /** The server still knows of a message that it did not take. */
  #unfinished = false;

  constructor(dialogue: Dialogue, facts: UplinkFacts, waits: Waits) {
    this.#dialogue = dialogue;
    this.facts = facts;
    this.#waits = waits;
  }

  get usable(): boolean {
    return this.#dialogue.gone === undefined;
  }

  async send(
    envelope: OutgoingEnvelope,
    message: Readable,
    ending: () => Promise<boolean>,
  ): Promise<Result<SendAnswers, Broken>> {
    const reset = await this.#reset();
    if (reset !== undefined) {
      message.destroy();
      return failed(this.#broken(reset, { begun: false, ended: false }));
    }
    const dialogue = this.#dialogue;
    const noted: Noted = nodemailerEnvelope(envelope, this.facts);
    const progress: Progress = { begun: false, ended: false };
    const octets = Readable.from(this.#octets(message, ending, progress), { objectMode: false });
    dialogue.withUtf8(envelope.utf8 && this.facts.extensions.has('SMTPUTF8'));
    const quiet = this.#waits.envelope;
    const most = quiet * (envelope.recipients.length + 2);
    const sent = await dialogue.ask<SMTPConnection.SentMessageInfo>({ quiet, most }, (done) => {
      dialogue.smtp.send(noted, octets, done);
    });
    message.destroy();
    const last = sent.ok ? final(sent.value?.response) : refusal(sent.error, progress);
    if (last === undefined || (last.code < 400 && !progress.ended)) {
      const trouble = sent.ok ? senseless(sent.value?.response) : sent.error;
      dialogue.cut('EPROTOCOL', trouble.message);
      return failed(this.#broken(trouble, progress));
    }
    // Refused in the middle of the message: the rest was never sent, nothing else can follow.
    if (progress.begun && !progress.ended) dialogue.cut('EPROTOCOL', 'refused before its end');
    this.#unfinished = !progress.begun;
    return ok({ recipients: answersOf(envelope.recipients, noted, last) });
  }

  async close(): Promise<void> {
    const { smtp } = this.#dialogue;
    if (this.usable) {
      await this.#dialogue.ask({ quiet: this.#waits.quit }, (done) => {
        smtp.once('end', () => done());
        smtp.quit();
      });
    }
    this.#dialogue.end();
  }

  /** RFC 5321 §4.1.1.5: after a refused envelope, the next begins anew. */
  async #reset(): Promise<Trouble | undefined> {
    const dialogue = this.#dialogue;
    if (!this.#unfinished) return dialogue.gone;
    this.#unfinished = false;
    const done = await dialogue.ask({ quiet: this.#waits.command }, (answered) => {
      dialogue.smtp.reset(answered);
    });
    if (done.ok) return undefined;
    dialogue.cut('EPROTOCOL', done.error.message);
    return done.error;
  }

  /** nodemailer begins to read when DATA was answered, and sends the end when there is no more. */
  async *#octets(
    message: Readable,
    ending: () => Promise<boolean>,
    progress: Progress,
  ): AsyncGenerator<Uint8Array> {
    const dialogue = this.#dialogue;
    const { block, end } = this.#waits;
    // RFC 5321 §4.1.1.4. nodemailer takes 2yz, too; but then the answers are out of step.
    if (!dialogue.answer.startsWith('354')) throw senseless(dialogue.answer);
    progress.begun = true;
    const pieces: AsyncIterator<Uint8Array> = message[Symbol.asyncIterator]();
    for (;;) {
      dialogue.rest();
      const piece = await pieces.next().catch((error: Error) => {
        progress.unread = error;
        throw coded('EREAD', `the message could not be read (${error.message})`);
      });
      if (piece.done) break;
      dialogue.wait({ quiet: block });
      yield piece.value;
    }
    if (!(await ending())) throw coded('ECUT', 'the end of the message was held back');
    if (dialogue.gone !== undefined) throw dialogue.gone;
    progress.ended = true;
    dialogue.wait({ quiet: end });
  }

  #broken(trouble: Trouble, { ended, unread }: Progress): Broken {
    return {
      doubt: ended,
      detail: plainText(trouble.message),
      ...(unread === undefined ? {} : { unread: true }),
    };
  }
}

/** The answer to the end of the message. */
function final(response: string | undefined): Answer | undefined {
  return response === undefined ? undefined : parseAnswer(response, 'end');
}

/** What the server refused, when that is what happened; undefined: the connection broke. */
function refusal(error: Trouble, progress: Progress): Answer | undefined {
  const { code, command, response } = error;
  if (code === 'EENVELOPE') {
    const to = command === 'MAIL FROM' ? 'mail' : command === 'RCPT TO' ? 'rcpt' : 'data';
    return parseRefusal(response, to);
  }
  if (code === 'EMESSAGE') return parseRefusal(response, 'end');
  // RFC 5321 §3.8: 421 may come at any time, and says that the message was not taken.
  const closing = parseRefusal(response, progress.begun ? 'end' : 'mail');
  return closing?.code === 421 ? closing : undefined;
}

/** Who was refused at RCPT has an answer of their own; the last one is for all others. */
function answersOf(recipients: readonly string[], noted: Noted, last: Answer): Answer[] {
  const refused = new Map<string, Answer>();
  // After a refused MAIL, RCPT is refused too, and says less.
  const errors = last.to === 'mail' ? [] : (noted.rejectedErrors ?? []);
  for (const { recipient, response } of errors) {
    // An answer that makes no sense accepts nobody; it is worth another attempt.
    const text = plainText(response ?? '');
    const answer = parseRefusal(response, 'rcpt') ?? { code: 451, text, to: 'rcpt' };
    if (recipient !== undefined) refused.set(recipient, answer);
  }
  return recipients.map((_, index) => refused.get(addressIn(noted, index)) ?? last);
}

function addressIn({ to }: Noted, index: number): string {
  const address = Array.isArray(to) ? to[index] : undefined;
  return typeof address === 'string' ? address : '';
}

function senseless(response: string | undefined): Trouble {
  return coded('EPROTOCOL', `the server answered out of turn: ${plainText(response ?? '')}`);
}

/** Parameters go out only where the server offers them. nodemailer looks, too, but not as closely
 * as offers.ts. */
function nodemailerEnvelope(envelope: OutgoingEnvelope, facts: UplinkFacts): Noted {
  const { sender, recipients, size, eightBit } = envelope;
  const { extensions } = facts;
  const dsn = extensions.has('DSN') ? envelope.dsn : undefined;
  const { notify, original, reportWith, envelopeId } = dsn ?? {};
  return {
    from: onWire(sender, facts),
    to: recipients.map((recipient) => onWire(recipient, facts)),
    // RFC 1870 §6, RFC 6152 §3
    ...(extensions.has('SIZE') ? { size } : {}),
    use8BitMime: eightBit && extensions.has('8BITMIME'),
    dsn: {
      // RFC 3461 §4.1: NEVER stands for an empty list.
      ...(notify === undefined ? {} : { notify: notify.length === 0 ? ['NEVER'] : [...notify] }),
      ...(original === undefined ? {} : { orcpt: `${original.type};${embedded(original)}` }),
      ...(reportWith === undefined ? {} : { ret: reportWith === 'full' ? 'FULL' : 'HDRS' }),
      ...(envelopeId === undefined ? {} : { envid: envelopeId }),
    },
  };
}

/** RFC 6533 §3: what is not ASCII in an address of type utf-8 is written \x{..}. The rest, xtext,
 * is nodemailer's. */
function embedded({ type, address }: { readonly type: string; readonly address: string }): string {
  const isUtf8 = type.toLowerCase() === 'utf-8' && /[^\0-\x7f]/.test(address);
  if (!isUtf8) return address;
  return address.replace(/[^!-*,-<>-~]/gu, (one) => {
    return `\\x{${one.codePointAt(0)?.toString(16).toUpperCase()}}`;
  });
}

/** RFC 6531 §3.2: without SMTPUTF8, a domain travels as A-labels. */
export function onWire(address: string, { extensions }: Pick<UplinkFacts, 'extensions'>): string {
  const at = address.lastIndexOf('@');
  const [local, domain] = [address.slice(0, at), address.slice(at + 1)];
  const travels = extensions.has('SMTPUTF8') || !/[^\0-\x7f]/.test(domain);
  return travels || /[^\0-\x7f]/.test(local) ? address : `${local}@${domainToASCII(domain)}`;
}
