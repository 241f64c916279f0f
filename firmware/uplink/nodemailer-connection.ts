/*
 * The port connection.ts over nodemailer's SMTP connection, which does the talking: EHLO, STARTTLS,
 * AUTH, PIPELINING, dot-stuffing. Beside it stand the socket (dial.ts), what it may not do (limits,
 * dialogue.ts) and here what its errors mean: an answer, or a connection that broke. nodemailer is
 * loaded when the first mail leaves; it adds about 1.5 MB of resident memory.
 */
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { Clock } from '#base/clock';
import { failed, ok, type Result } from '#base/result';
import { dial, tlsTerms, troubleOf } from '#net/dial';
import type { Answer } from '#provider/answer';
import { parseRefusal } from './answers.ts';
import type {
  Connector,
  ConnectTrouble,
  UplinkConnection,
  UplinkFacts,
  UplinkTarget,
} from './connection.ts';
import { Dialogue, type Trouble } from './dialogue.ts';
import { answerOctets, patient, type Waits } from './limits.ts';
import { type Offers, offersOf } from './offers.ts';
import { signInPlan, tokenMethod, xoauth2 } from './sign-in.ts';
import { SmtpUplink } from './smtp-uplink.ts';

export class NodemailerConnector implements Connector {
  readonly #clock: Clock;
  readonly #waits: Waits;
  #library: Promise<typeof import('nodemailer/lib/smtp-connection')> | undefined;

  constructor(clock: Clock, waits: Waits = patient) {
    this.#clock = clock;
    this.#waits = waits;
  }

  /** Loads the library: done by itself when it is needed, and ahead of that to save a flush the
   * fifth of a second. */
  load(): Promise<typeof import('nodemailer/lib/smtp-connection')> {
    this.#library ??= import('nodemailer/lib/smtp-connection');
    return this.#library;
  }

  async connect(target: UplinkTarget): Promise<Result<UplinkConnection, ConnectTrouble>> {
    const [dialled, { default: Connection }] = await Promise.all([
      dial(target, this.#waits, this.#clock),
      this.load(),
    ]);
    if (!dialled.ok) return dialled;
    if (dialled.value.destroyed) {
      return failed({ stage: 'greeting', code: 'ECLOSED', detail: 'the server hung up' });
    }
    const smtp = new Connection(this.#options(target, dialled.value));
    const dialogue = new Dialogue(smtp, this.#clock);
    const trouble = await this.#open(dialogue, target, dialled.value);
    if (trouble !== undefined) {
      dialogue.end();
      return failed(trouble);
    }
    const offers = offersOf(dialogue.answer);
    const refused = await this.#signIn(dialogue, target, offers);
    if (refused !== undefined) {
      dialogue.end();
      return failed(refused);
    }
    return ok(new SmtpUplink(dialogue, factsOf(offers, dialogue.socket), this.#waits));
  }

  /** Greeting, EHLO, and STARTTLS where it is wanted. */
  async #open(
    dialogue: Dialogue,
    { security }: UplinkTarget,
    socket: Socket,
  ): Promise<ConnectTrouble | undefined> {
    const { greeting, command } = this.#waits;
    dialogue.begin(socket);
    const most = greeting + 4 * command;
    const opened = await dialogue.ask({ quiet: greeting, most }, (done) => {
      dialogue.smtp.connect((error) => done(error));
    });
    if (!opened.ok) return this.#troubleOf(dialogue, opened.error);
    // What nodemailer was told to see to; whoever reads this need not trust it.
    if (security !== 'none' && !dialogue.smtp.secure) {
      return { stage: 'tls', code: 'NO-STARTTLS', detail: 'the connection is not encrypted' };
    }
    return undefined;
  }

  async #signIn(
    dialogue: Dialogue,
    target: UplinkTarget,
    { mechanisms }: Offers,
  ): Promise<ConnectTrouble | undefined> {
    const encrypted = dialogue.smtp.secure;
    const remote = dialogue.socket?.remoteAddress ?? '';
    const plan = signInPlan(target, { encrypted, remote, mechanisms });
    if (plan.kind === 'none') return undefined;
    if (plan.kind === 'cannot') return { stage: 'sign-in', ...plan };
    const { user = '', secret } = target;
    const pass = secret !== undefined && 'password' in secret ? secret.password : '';
    const method = plan.mechanism === 'XOAUTH2' ? tokenMethod : plan.mechanism;
    const { command } = this.#waits;
    const signedIn = await dialogue.ask({ quiet: command, most: 2 * command }, (done) => {
      dialogue.smtp.login({ user, pass, method }, done);
    });
    return signedIn.ok ? undefined : this.#troubleOf(dialogue, signedIn.error);
  }

  #troubleOf(dialogue: Dialogue, error: Trouble): ConnectTrouble {
    const { stage } = dialogue;
    const trouble = troubleOf(stage, error);
    const answer = parseRefusal(error.response, answered[stage]);
    if (answer === undefined) return trouble;
    // nodemailer asks for STARTTLS even where it is not offered; the refusal says the same.
    const code = stage === 'tls' && answer.code >= 500 ? 'NO-STARTTLS' : 'REFUSED';
    return { ...trouble, code, answer };
  }

  #options(target: UplinkTarget, socket: Socket): SMTPConnection.Options {
    const { host, port, security, helloName, user, secret } = target;
    const { greeting, command, end } = this.#waits;
    const isTls = security === 'tls';
    return {
      host,
      port,
      name: helloName,
      connection: socket,
      secure: isTls,
      secured: isTls,
      requireTLS: security === 'starttls',
      ignoreTLS: security === 'none',
      tls: tlsTerms(target),
      // The dialogue waits more exactly; these are behind it.
      connectionTimeout: greeting + 4 * command,
      greetingTimeout: greeting + command,
      socketTimeout: 2 * end,
      socketCloseTimeout: this.#waits.quit,
      maxResponseSize: answerOctets,
      ...(user !== undefined && secret !== undefined && 'accessToken' in secret
        ? { customAuth: { [tokenMethod]: xoauth2(user, secret.accessToken) } }
        : {}),
    };
  }
}

/** What is answered at each stage. */
const answered: Readonly<Record<ConnectTrouble['stage'], Answer['to']>> = {
  name: 'greeting',
  connect: 'greeting',
  greeting: 'greeting',
  hello: 'hello',
  tls: 'hello',
  'sign-in': 'sign-in',
};

function factsOf({ extensions, largest }: Offers, socket: Socket | undefined): UplinkFacts {
  const tls = socket === undefined ? undefined : tlsOf(socket);
  return {
    extensions,
    ...(largest === undefined ? {} : { largest }),
    ...(tls === undefined ? {} : { tls }),
  };
}

function tlsOf(socket: Socket): string | undefined {
  if (!('getCipher' in socket)) return undefined;
  const secure = socket as TLSSocket;
  return `${secure.getProtocol()} ${secure.getCipher().standardName}`;
}
