/*
 * A provider's POP3 server for tests, over real sockets and TLS. By itself it behaves: it
 * greets, signs in, lists, gives and removes its messages. A script (`answer`) may change each
 * answer, hold it back, never end it, or drop the connection at any point. What it hears is
 * kept.
 *
 *     await using server = await ScriptedPop3Server.listen({
 *       messages: [{ uid: 'a', octets: 'Subject: a\r\n\r\n' }],
 *       answer: ({ at, number }) => (at === 'retr' && number === 2 ? '-ERR gone' : undefined),
 *     });
 *     ... connect to 127.0.0.1, server.port ...
 *     server.commands; server.messages
 *
 * An answer is a line, or several with LF between them; a list needs its "." at the end. In
 * place of one: `{ raw }` sends octets as they are, `{ stream }` as fast as they are taken, `{
 * drop }` hangs up after that, and `silence` never answers. A promise of any of these answers
 * late.
 */
import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import {
  ScriptedServer,
  ScriptedSession,
  type ServerSecurity,
  type Wish,
} from './scripted-server.ts';

export { silence, type Wish } from './scripted-server.ts';

/** What is being answered. `challenge`: a line of a sign-in under way. */
export type Moment =
  | 'greeting'
  | 'capa'
  | 'stls'
  | 'user'
  | 'pass'
  | 'apop'
  | 'auth'
  | 'challenge'
  | 'stat'
  | 'list'
  | 'uidl'
  | 'top'
  | 'retr'
  | 'dele'
  | 'rset'
  | 'noop'
  | 'quit'
  | 'other';

export interface Asked {
  readonly at: Moment;
  /** The command, without its line end; '' where there is none. */
  readonly line: string;
  /** The message-number that it names; 0 where there is none. */
  readonly number: number;
  readonly session: Pop3ServerSession;
  /** 0 for the first connection. */
  readonly connection: number;
}

export interface SourceMessage {
  readonly uid: string;
  /** Canonical: lines end in CR LF, the last one too. */
  readonly octets: string | Buffer;
  /** What LIST says, when it lies. */
  readonly listed?: number;
}

export interface Pop3Script extends ServerSecurity {
  /** CAPA's words; STLS and SASL come by themselves. 'none': CAPA is not known. */
  readonly offers?: readonly string[] | 'none';
  /** Mechanisms it offers; it knows PLAIN, LOGIN and XOAUTH2. USER and PASS always work. */
  readonly mechanisms?: readonly string[];
  /** There is a timestamp, and APOP works. */
  readonly apop?: boolean;
  /** Who may sign in, with the password or access token; ann with 'correct horse' when left out. */
  readonly users?: Readonly<Record<string, string>>;
  readonly messages?: readonly SourceMessage[];
  /** Asked before each answer. */
  readonly answer?: (asked: Asked) => Wish | Promise<Wish>;
  readonly host?: string;
}

const timestamp = '<1896.697170952@pop.example.net>';

export class ScriptedPop3Server extends ScriptedServer<Pop3ServerSession> {
  /** What lies there now. */
  messages: readonly SourceMessage[];
  readonly #script: Pop3Script;

  private constructor(script: Pop3Script) {
    super();
    this.#script = script;
    this.messages = script.messages ?? [];
  }

  static listen(script: Pop3Script = {}): Promise<ScriptedPop3Server> {
    return new ScriptedPop3Server(script).listening(script.host);
  }

  protected override begin(socket: Socket, connection: number): Pop3ServerSession {
    return new Pop3ServerSession(this.#script, socket, connection, this);
  }
}

export class Pop3ServerSession extends ScriptedSession {
  readonly #script: Pop3Script;
  readonly #server: ScriptedPop3Server;
  /** The most commands that lay here unanswered. */
  ahead = 0;
  readonly #messages: readonly SourceMessage[];
  readonly #marked = new Set<SourceMessage>();
  #user = '';

  constructor(script: Pop3Script, socket: Socket, connection: number, server: ScriptedPop3Server) {
    super(socket, connection, script);
    this.#script = script;
    this.#server = server;
    this.#messages = server.messages;
  }

  override async run(): Promise<void> {
    const words = this.#script.apop === true ? ` ${timestamp}` : '';
    let goesOn = await this.#answer('greeting', '', `+OK POP3 ready${words}`);
    while (goesOn) {
      const line = await this.line();
      if (line === undefined) return;
      this.commands.push(line);
      goesOn = await this.#command(line);
    }
  }

  async #command(line: string): Promise<boolean> {
    const [verb = '', first = '', second = ''] = line.split(' ');
    switch (verb.toUpperCase()) {
      case 'CAPA':
        return this.#answer('capa', line, this.#capabilities());
      case 'STLS':
        return this.#startTls(line);
      case 'USER':
        this.#user = line.slice('USER '.length);
        return this.#answer('user', line, '+OK now the password');
      case 'PASS':
        return this.#enter('pass', line, 'USER', this.#user, line.slice('PASS '.length));
      case 'APOP':
        return this.#enter('apop', line, 'APOP', first, second, this.#digest(first));
      case 'AUTH':
        return this.#signIn(line, first, second || undefined);
      case 'QUIT':
        await this.#answer('quit', line, '+OK bye', () => this.#update());
        this.end();
        return false;
      default:
        return this.signedIn === ''
          ? this.#answer('other', line, '-ERR not before the sign-in')
          : this.#transaction(verb.toUpperCase(), line, Number(first), Number(second));
    }
  }

  #transaction(verb: string, line: string, number: number, lines: number): Promise<boolean> {
    const message = this.#messages[number - 1];
    const none = message === undefined || this.#marked.has(message) ? '-ERR no such message' : '';
    const octets = Buffer.from(message?.octets ?? '').toString('latin1');
    switch (verb) {
      case 'STAT':
        return this.#answer('stat', line, `+OK ${this.#left().length} 12345`);
      case 'LIST':
        return this.#answer(
          'list',
          line,
          this.#listed(({ listed, octets: own }) => {
            return `${listed ?? Buffer.byteLength(own)}`;
          }),
        );
      case 'UIDL':
        if (number > 0) return this.#answer('uidl', line, none || `+OK ${number} ${message?.uid}`);
        return this.#answer(
          'uidl',
          line,
          this.#listed(({ uid }) => uid),
        );
      case 'RETR':
        return this.#answer('retr', line, none || multiline(octets));
      case 'TOP':
        return this.#answer('top', line, none || multiline(topOf(octets, lines)));
      case 'DELE':
        return this.#answer('dele', line, none || '+OK marked', () => {
          if (message !== undefined) this.#marked.add(message);
        });
      case 'RSET':
        this.#marked.clear();
        return this.#answer('rset', line, '+OK');
      case 'NOOP':
        return this.#answer('noop', line, '+OK');
      default:
        return this.#answer('other', line, '-ERR what?');
    }
  }

  #left(): SourceMessage[] {
    return this.#messages.filter((message) => !this.#marked.has(message));
  }

  #listed(column: (message: SourceMessage) => string): string {
    const lines = this.#left().map((one) => `${this.#messages.indexOf(one) + 1} ${column(one)}`);
    return ['+OK here they are', ...lines, '.'].join('\n');
  }

  #capabilities(): string {
    const { offers = ['TOP', 'UIDL', 'USER', 'RESP-CODES'], mechanisms = [] } = this.#script;
    if (offers === 'none') return '-ERR unknown command';
    const words = [...offers];
    if (this.#script.security === 'starttls' && !this.secure) words.push('STLS');
    if (mechanisms.length > 0) words.push(`SASL ${mechanisms.join(' ')}`);
    return ['+OK what there is', ...words, '.'].join('\n');
  }

  async #startTls(line: string): Promise<boolean> {
    const offered = this.#script.security === 'starttls' && !this.secure;
    let begins = false;
    const usual = offered ? '+OK go ahead' : '-ERR not here';
    const goesOn = await this.#answer('stls', line, usual, () => {
      begins = offered;
    });
    if (!begins) return goesOn;
    this.startTls();
    return goesOn;
  }

  #secretOf(user: string): string | undefined {
    const { users = { ann: 'correct horse' } } = this.#script;
    return users[user];
  }

  #digest(user: string): string {
    const secret = this.#secretOf(user) ?? '';
    return createHash('md5')
      .update(timestamp + secret)
      .digest('hex');
  }

  #enter(
    at: Moment,
    line: string,
    how: string,
    user: string,
    given: string,
    right = this.#secretOf(user),
  ): Promise<boolean> {
    const usual = given === right ? '+OK welcome' : '-ERR [AUTH] wrong user or password';
    return this.#answer(at, line, usual, () => {
      this.signedIn = `${how} ${user}`;
    });
  }

  async #signIn(line: string, mechanism: string, initial?: string): Promise<boolean> {
    const known = ['PLAIN', 'LOGIN', 'XOAUTH2'].includes(mechanism);
    if (!known || this.#script.mechanisms?.includes(mechanism) !== true) {
      return this.#answer('auth', line, '-ERR unknown mechanism');
    }
    if (mechanism === 'LOGIN') return this.#login(line, initial);
    const answer = initial ?? (await this.#challenge(line, ''));
    if (answer === undefined) return false;
    if (answer === '*') return this.#answer('auth', line, '-ERR cancelled');
    const said = decode(answer);
    if (mechanism === 'PLAIN') {
      const [, user = '', secret = ''] = said.split('\0');
      return this.#enter('auth', line, mechanism, user, secret);
    }
    const [, user = '', token = ''] =
      /^user=([^\x01]*)\x01auth=Bearer ([^\x01]*)\x01\x01$/.exec(said) ?? [];
    if (token !== this.#secretOf(user)) {
      const why = Buffer.from('{"status":"400","schemes":"Bearer"}').toString('base64');
      if ((await this.#challenge(line, why)) === undefined) return false;
    }
    return this.#enter('auth', line, mechanism, user, token);
  }

  /** It asks for the name, then for the password, and takes no initial response. */
  async #login(line: string, initial?: string): Promise<boolean> {
    if (initial !== undefined) return this.#answer('auth', line, '-ERR not now');
    const user = await this.#challenge(line, base64('User Name\0'));
    if (user === undefined) return false;
    const secret = await this.#challenge(line, base64('Password\0'));
    if (secret === undefined) return false;
    return this.#enter('auth', line, 'LOGIN', decode(user), decode(secret));
  }

  async #challenge(line: string, text: string): Promise<string | undefined> {
    if (!(await this.#answer('challenge', line, `+ ${text}`))) return undefined;
    const answer = await this.line();
    if (answer !== undefined) this.commands.push(answer);
    return answer;
  }

  #update(): void {
    const { messages } = this.#server;
    this.#server.messages = messages.filter((message) => !this.#marked.has(message));
  }

  /** Says what the script wants, else the usual. False: the connection is to end. */
  async #answer(
    at: Moment,
    line: string,
    usual: string,
    accepted: () => void = () => {},
  ): Promise<boolean> {
    this.ahead = Math.max(this.ahead, 1 + this.linesAhead);
    const [, digits = '0'] = /^[A-Z]+ (\d+)/i.exec(line) ?? [];
    const number = Number(digits);
    const asked: Asked = { at, line, number, session: this, connection: this.connection };
    const wish = (await this.#script.answer?.(asked)) ?? usual;
    const deed =
      typeof wish === 'string'
        ? { raw: Buffer.from(`${wish.replaceAll(/\r?\n/g, '\r\n')}\r\n`, 'latin1') }
        : wish;
    if (deed.raw?.toString().startsWith('+OK')) accepted();
    return this.perform(deed);
  }
}

/** +OK, the octets with dots stuffed, and the end; line ends are put back by whoever says it. */
function multiline(octets: string): string {
  return `+OK here it is\r\n${octets.replace(/^\./gm, '..')}.`;
}

function topOf(octets: string, lines: number): string {
  const at = octets.indexOf('\r\n\r\n');
  if (at < 0) return octets;
  const body = octets.slice(at + 4).split(/(?<=\r\n)/);
  return octets.slice(0, at + 4) + body.slice(0, lines).join('');
}

function decode(text: string): string {
  return Buffer.from(text, 'base64').toString();
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
