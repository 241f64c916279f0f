/*
 * A provider's SMTP server for tests, over real sockets and TLS. By itself it behaves: it greets,
 * signs in, takes mail. A script (`answer`) may change each answer, hold it back, answer before it
 * is asked, or drop the connection at any point. What it hears is kept octet for octet.
 *
 *     await using server = await ScriptedSmtpServer.listen({
 *       offers: ['PIPELINING', 'SIZE 1000'],
 *       answer: ({ at, line }) => (at === 'rcpt' && line.includes('bob') ? '550 5.1.1 who?' : undefined),
 *     });
 *     ... connect to 127.0.0.1, server.port ...
 *     server.taken[0].octets; server.sessions[0].heard
 *
 * An answer is a line, or several with LF between them (the first ones get their '-'). Instead of
 * one: `{ raw }` sends octets as they are, `{ drop: 'end' | 'reset' }` hangs up after that, and
 * `silence` never answers. A promise of any of these answers late.
 */
import { createHmac } from 'node:crypto';
import type { Socket } from 'node:net';
import {
  ScriptedServer,
  ScriptedSession,
  type ServerSecurity,
  type Wish,
} from './scripted-server.ts';

export { silence, type Wish } from './scripted-server.ts';

/** What is being answered. `part`: some octets of a message have come, the end has not.
 * `challenge`: a line of a sign-in under way. */
export type Moment =
  | 'greeting'
  | 'hello'
  | 'starttls'
  | 'auth'
  | 'challenge'
  | 'mail'
  | 'rcpt'
  | 'data'
  | 'part'
  | 'end'
  | 'rset'
  | 'quit'
  | 'other';

export interface Asked {
  readonly at: Moment;
  /** The command, without its line end; '' where there is none. */
  readonly line: string;
  readonly session: SmtpSession;
  /** 0 for the first connection. */
  readonly connection: number;
}

export interface ServerScript extends ServerSecurity {
  /** EHLO keywords; STARTTLS and AUTH come by themselves. */
  readonly offers?: readonly string[];
  /** Mechanisms it offers and knows: PLAIN, LOGIN, CRAM-MD5, XOAUTH2. None: no sign-in. */
  readonly mechanisms?: readonly string[];
  /** Who may sign in, with the password or access token. */
  readonly users?: Readonly<Record<string, string>>;
  /** Asked before each answer. */
  readonly answer?: (asked: Asked) => Wish | Promise<Wish>;
  readonly host?: string;
}

/** A message that came to its end. */
export interface TakenMessage {
  /** As in MAIL and RCPT, with their parameters: '<ann@example.org> SIZE=100'. */
  readonly mail: string;
  /** Accepted ones only. */
  readonly rcpt: readonly string[];
  /** Dot-stuffing undone. */
  readonly octets: Buffer;
  /** What was answered: '250 ...' for the ones that were taken. */
  readonly answer: string;
}

export class ScriptedSmtpServer extends ScriptedServer<SmtpSession> {
  readonly script: ServerScript;

  private constructor(script: ServerScript) {
    super();
    this.script = script;
  }

  static listen(script: ServerScript = {}): Promise<ScriptedSmtpServer> {
    return new ScriptedSmtpServer(script).listening(script.host);
  }

  /** The messages that were answered with 2yz, of all connections. */
  get taken(): TakenMessage[] {
    return this.sessions.flatMap(({ messages }) => messages.filter((one) => one.answer[0] === '2'));
  }

  protected override begin(socket: Socket, connection: number): SmtpSession {
    return new SmtpSession(this.script, socket, connection);
  }
}

export class SmtpSession extends ScriptedSession {
  readonly #script: ServerScript;
  readonly messages: TakenMessage[] = [];
  #mail: string | undefined;
  #rcpt: string[] = [];

  constructor(script: ServerScript, socket: Socket, connection: number) {
    super(socket, connection, script);
    this.#script = script;
  }

  override async run(): Promise<void> {
    let goesOn = await this.#answer('greeting', '', '220 mx.example.net ESMTP');
    while (goesOn) {
      const line = await this.line();
      if (line === undefined) return;
      this.commands.push(line);
      goesOn = await this.#command(line);
    }
  }

  async #command(line: string): Promise<boolean> {
    const [verb = '', ...words] = line.split(' ');
    switch (verb.toUpperCase()) {
      case 'EHLO':
        return this.#answer('hello', line, this.#offers());
      case 'HELO':
        return this.#answer('hello', line, '250 mx.example.net');
      case 'STARTTLS':
        return this.#startTls(line);
      case 'AUTH':
        return this.#signIn(line, words[0] ?? '', words[1]);
      case 'MAIL':
        this.#mail = line.slice('MAIL FROM:'.length);
        this.#rcpt = [];
        return this.#answer('mail', line, '250 2.1.0 Ok', (code) => {
          if (code !== '2') this.#mail = undefined;
        });
      case 'RCPT':
        return this.#answer('rcpt', line, this.#noMail() ?? '250 2.1.5 Ok', (code) => {
          if (code === '2') this.#rcpt.push(line.slice('RCPT TO:'.length));
        });
      case 'DATA':
        return this.#data(line);
      case 'RSET':
        this.#mail = undefined;
        return this.#answer('rset', line, '250 2.0.0 Ok');
      case 'QUIT':
        await this.#answer('quit', line, '221 2.0.0 Bye');
        this.end();
        return false;
      default:
        return this.#answer('other', line, '502 5.5.2 What?');
    }
  }

  #offers(): string {
    const { security = 'none', offers = [], mechanisms = [] } = this.#script;
    const lines = ['250 mx.example.net', ...offers.map((offer) => `250 ${offer}`)];
    if (security === 'starttls' && !this.secure) lines.push('250 STARTTLS');
    if (mechanisms.length > 0) lines.push(`250 AUTH ${mechanisms.join(' ')}`);
    return lines.join('\n');
  }

  async #startTls(line: string): Promise<boolean> {
    const offered = this.#script.security === 'starttls' && !this.secure;
    const usual = offered ? '220 2.0.0 Go ahead' : '502 5.5.1 Not here';
    let begins = false;
    const goesOn = await this.#answer('starttls', line, usual, (code) => {
      begins = code === '2' && offered;
    });
    if (!begins) return goesOn;
    this.startTls();
    return goesOn;
  }

  async #signIn(line: string, mechanism: string, initial?: string): Promise<boolean> {
    if (!this.#script.mechanisms?.includes(mechanism)) {
      return this.#answer('auth', line, '504 5.5.4 Unknown mechanism');
    }
    const said = await this.#exchange(line, mechanism, initial);
    if (said === undefined) return false;
    const { user, secret, expected = this.#script.users?.[user] } = said;
    const good = expected !== undefined && secret === expected;
    if (!good && mechanism === 'XOAUTH2') {
      const why = encode('{"status":"401","schemes":"bearer","scope":"https://mail.example/"}');
      if ((await this.#challenge(line, why)) === undefined) return false;
    }
    const usual = good ? '235 2.7.0 Welcome' : '535 5.7.8 Wrong user or password';
    return this.#answer('auth', line, usual, (code) => {
      if (code === '2') this.signedIn = `${mechanism} ${user}`;
    });
  }

  /** What the client says about itself; undefined when it went away. */
  async #exchange(
    line: string,
    mechanism: string,
    initial?: string,
  ): Promise<{ user: string; secret: string; expected?: string } | undefined> {
    if (mechanism === 'LOGIN') {
      const user = initial ?? (await this.#challenge(line, encode('Username:')));
      const secret = user && (await this.#challenge(line, encode('Password:')));
      return secret === undefined ? undefined : { user: decode(user), secret: decode(secret) };
    }
    if (mechanism === 'CRAM-MD5') {
      const challenge = '<17.23@mx.example.net>';
      const answer = await this.#challenge(line, encode(challenge));
      const [user = '', secret = ''] = decode(answer).split(' ');
      const password = this.#script.users?.[user] ?? '';
      const expected = createHmac('md5', password).update(challenge).digest('hex');
      return answer === undefined ? undefined : { user, secret, expected };
    }
    const answer = initial ?? (await this.#challenge(line, ''));
    if (answer === undefined) return undefined;
    if (mechanism === 'PLAIN') {
      const [, user = '', secret = ''] = decode(answer).split('\0');
      return { user, secret };
    }
    const [, user = '', secret = ''] =
      /^user=([^\x01]*)\x01auth=Bearer ([^\x01]*)\x01\x01$/.exec(decode(answer)) ?? [];
    return { user, secret };
  }

  async #challenge(line: string, text: string): Promise<string | undefined> {
    if (!(await this.#answer('challenge', line, `334 ${text}`))) return undefined;
    const answer = await this.line();
    if (answer !== undefined) this.commands.push(answer);
    return answer;
  }

  #noMail(): string | undefined {
    return this.#mail === undefined ? '503 5.5.1 MAIL first' : undefined;
  }

  async #data(line: string): Promise<boolean> {
    const none = this.#rcpt.length === 0 ? '554 5.5.1 No valid recipients' : undefined;
    let begins = false;
    const usual = this.#noMail() ?? none ?? '354 Go ahead';
    const goesOn = await this.#answer('data', line, usual, (code) => {
      begins = code === '3';
    });
    if (!begins || !goesOn) return goesOn;
    const octets = await this.#message();
    if (octets === undefined) return false;
    const [mail = '', rcpt] = [this.#mail, this.#rcpt];
    this.#mail = undefined;
    this.#rcpt = [];
    return this.#answer('end', '.', '250 2.0.0 Ok: queued as 4711', (_, answer) => {
      this.messages.push({ mail, rcpt, octets, answer });
    });
  }

  /** The message, up to its end; undefined when the connection ended before. */
  async #message(): Promise<Buffer | undefined> {
    const lines: Buffer[] = [];
    for (;;) {
      const line = this.lineThere();
      if (line === undefined) {
        if (!(await this.#answer('part', '', ''))) return undefined;
        if (!(await this.more())) return undefined;
        continue;
      }
      if (line.equals(dot)) return Buffer.concat(lines);
      lines.push(line[0] === dot[0] ? line.subarray(1) : line);
    }
  }

  /** Says what the script wants, else the usual. False: the connection is to end. */
  async #answer(
    at: Moment,
    line: string,
    usual: string,
    said: (code: string, answer: string) => void = () => {},
  ): Promise<boolean> {
    const asked: Asked = { at, line, session: this, connection: this.connection };
    const wish = (await this.#script.answer?.(asked)) ?? usual;
    const deed = typeof wish === 'string' ? { raw: reply(wish) } : wish;
    const answer = deed.raw === undefined ? undefined : String(deed.raw);
    if (answer !== undefined) said(answer.charAt(0), answer.trimEnd());
    return this.perform(deed);
  }
}

const dot = Buffer.from('.\r\n');

/** '250 a\n250 b' as it goes out: '250-a', '250 b'. */
function reply(text: string): string {
  if (text === '') return '';
  const lines = text.split('\n');
  return lines
    .map((line, index) => (index < lines.length - 1 ? line.replace(' ', '-') : line))
    .map((line) => `${line}\r\n`)
    .join('');
}

function encode(text: string): string {
  return Buffer.from(text).toString('base64');
}

function decode(text: string | undefined): string {
  return Buffer.from(text ?? '', 'base64').toString();
}
