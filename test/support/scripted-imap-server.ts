/*
 * An IMAP server for tests, over real sockets and TLS. By itself it behaves (RFC 9051, one user's
 * folders, UIDPLUS, IDLE). A script (`answer`) may change each answer, hold it back, flood, or drop
 * the connection at any point.
 *
 *     await using server = await ScriptedImapServer.listen({
 *       folders: { INBOX: folderOf([letter, letter]) },
 *       answer: ({ verb }) => (verb === 'SELECT' ? '$tag NO [UNAVAILABLE] Later' : undefined),
 *     });
 *     ... connect to 127.0.0.1, server.port ...
 *     server.commands
 *
 * An answer is a line, or several with LF between them; '$tag' is the command's tag. Instead of
 * one: `{ raw }` sends octets as they are, `{ flood }` asks for octets again and again and sends
 * them as fast as they are taken, `{ drop }` hangs up, each after the ones before; `silence` never
 * answers. A promise of any of these answers late.
 */
import type { Socket } from 'node:net';
import { fetchRow, numbersOf, type ScriptedFolder } from './scripted-imap-folder.ts';
import {
  type Deed,
  ScriptedServer,
  ScriptedSession,
  type ServerSecurity,
} from './scripted-server.ts';

export { silence } from './scripted-server.ts';

export interface Asked {
  /** Without 'UID', in capitals; 'GREETING' before all, 'DONE' at the end of IDLE. */
  readonly verb: string;
  /** The whole command without its tag and line end. */
  readonly line: string;
  readonly session: ImapSession;
  /** 0 for the first connection. */
  readonly connection: number;
}

export type Wish =
  | string
  | (Omit<Deed, 'stream'> & { readonly flood?: () => string | Buffer })
  /** The usual answer. */
  | undefined;

export interface ImapScript extends ServerSecurity {
  /** Before and after the sign-in; STARTTLS comes by itself. */
  readonly capabilities?: readonly string[];
  readonly capabilitiesSignedIn?: readonly string[];
  /** Who may sign in, with the password or access token. */
  readonly users?: Readonly<Record<string, string>>;
  readonly folders?: Readonly<Record<string, ScriptedFolder>>;
  readonly delimiter?: string;
  /** Before the names of all folders but INBOX. */
  readonly prefix?: string;
  /** Asked before each answer. */
  readonly answer?: (asked: Asked) => Wish | Promise<Wish>;
}

export const usualCapabilities: readonly string[] = [
  ...['IMAP4rev1', 'LITERAL+', 'SASL-IR', 'ID', 'ENABLE', 'NAMESPACE', 'IDLE', 'UIDPLUS'],
  ...['CONDSTORE', 'SPECIAL-USE', 'AUTH=PLAIN', 'AUTH=XOAUTH2'],
];

export class ScriptedImapServer extends ScriptedServer<ImapSession> {
  readonly script: ImapScript;

  private constructor(script: ImapScript) {
    super();
    this.script = script;
  }

  static listen(script: ImapScript = {}): Promise<ScriptedImapServer> {
    return new ScriptedImapServer(script).listening();
  }

  protected override begin(socket: Socket, connection: number): ImapSession {
    return new ImapSession(this.script, socket, connection);
  }
}

export class ImapSession extends ScriptedSession {
  readonly #script: ImapScript;
  #folder: ScriptedFolder | undefined;

  constructor(script: ImapScript, socket: Socket, connection: number) {
    super(socket, connection, script);
    this.#script = script;
  }

  override async run(): Promise<void> {
    let goesOn = await this.#answer('GREETING', '', '', '* OK ready');
    while (goesOn) {
      const line = await this.#command();
      if (line === undefined) return;
      const [tag = '', ...words] = line.split(' ');
      const command = words.join(' ');
      this.commands.push(command);
      goesOn = await this.#obey(tag, command);
    }
  }

  #obey(tag: string, line: string): boolean | Promise<boolean> {
    const verb = line.replace(/^UID /i, '').split(' ')[0]?.toUpperCase() ?? '';
    if (verb === 'STARTTLS') return this.#startTls(tag, line);
    if (verb === 'AUTHENTICATE') return this.#authenticate(tag, line);
    if (verb === 'LOGOUT') return this.#logout(tag, line);
    if (verb === 'IDLE') return this.#idle(tag, line);
    return this.#answer(verb, tag, line, () => this.#usual(verb, line));
  }

  #usual(verb: string, line: string): string | Buffer {
    switch (verb) {
      case 'CAPABILITY':
        return `* CAPABILITY ${this.#capabilities()}\n$tag OK done`;
      case 'ID':
        return '* ID ("name" "Scripted")\n$tag OK done';
      case 'NAMESPACE':
        return `* NAMESPACE (("${this.#prefix}" "${this.#delimiter}")) NIL NIL\n$tag OK done`;
      case 'ENABLE':
        return '* ENABLED CONDSTORE\n$tag OK done';
      case 'LOGIN':
        return this.#login(line);
      case 'LIST':
        return this.#list(line);
      case 'SELECT':
        return this.#select(line);
      case 'FETCH':
        return this.#fetch(line);
      case 'STORE':
      case 'EXPUNGE':
      case 'SEARCH':
        return this.#change(verb, line);
      case 'NOOP':
      case 'LSUB':
        return '$tag OK done';
      default:
        return '$tag BAD What?';
    }
  }

  get #delimiter(): string {
    return this.#script.delimiter ?? '/';
  }

  get #prefix(): string {
    return this.#script.prefix ?? '';
  }

  #capabilities(): string {
    const { security, capabilities = usualCapabilities } = this.#script;
    if (this.signedIn) return (this.#script.capabilitiesSignedIn ?? capabilities).join(' ');
    const offersTls = security === 'starttls' && !this.secure;
    return [...capabilities, ...(offersTls ? ['STARTTLS'] : [])].join(' ');
  }

  #login(line: string): string {
    const [, user = '', password = ''] = strings(line);
    if (this.#script.users?.[user] !== password) return badSignIn;
    this.signedIn = `LOGIN ${user}`;
    return '$tag OK signed in';
  }

  #list(line: string): string {
    const pattern = strings(line)[2] ?? '';
    const inbox = ['INBOX', ...Object.keys(this.#script.folders ?? {})];
    const names = [...new Set(inbox)].filter((name) => pattern === '*' || pattern === name);
    const rows = names.map((name) => {
      const use = this.#script.folders?.[name]?.specialUse;
      return `* LIST (${use ?? ''}) "${this.#delimiter}" "${name}"`;
    });
    return [...rows, '$tag OK done'].join('\n');
  }

  #select(line: string): string {
    const name = strings(line)[1] ?? '';
    const folder = this.#script.folders?.[name.toUpperCase() === 'INBOX' ? 'INBOX' : name];
    this.#folder = folder;
    if (folder === undefined) return '$tag NO [NONEXISTENT] No such folder';
    return [
      '* FLAGS (\\Seen \\Deleted)',
      '* OK [PERMANENTFLAGS (\\Seen \\Deleted \\*)] kept',
      `* ${folder.messages.length} EXISTS`,
      `* OK [UIDVALIDITY ${folder.uidValidity}] valid`,
      `* OK [UIDNEXT ${folder.uidNext}] next`,
      '* OK [HIGHESTMODSEQ 7] highest',
      '$tag OK [READ-WRITE] open',
    ].join('\n');
  }

  #fetch(line: string): Buffer {
    const [, , set = '', items = ''] = /^(UID )?FETCH (\S+) \((.*)\)/i.exec(line) ?? [];
    const folder = this.#folder;
    const wanted = numbersOf(set);
    const rows = [...(folder?.messages ?? []).entries()].flatMap(([at, message]) =>
      wanted(message.uid) ? fetchRow(at + 1, message, items) : [],
    );
    return Buffer.concat([...rows, Buffer.from('$tag OK done\r\n')]);
  }

  #change(verb: string, line: string): string {
    const folder = this.#folder;
    if (folder === undefined) return '$tag BAD no folder';
    if (verb === 'SEARCH') {
      const marked = folder.messages.filter(({ deleted }) => deleted).map(({ uid }) => ` ${uid}`);
      return `* SEARCH${marked.join('')}\n$tag OK done`;
    }
    const isUid = line.startsWith('UID ');
    const chosen = isUid ? numbersOf(line.split(' ')[2] ?? '') : () => true;
    const rows: string[] = [];
    for (const [at, message] of [...folder.messages.entries()].reverse()) {
      if (!chosen(message.uid)) continue;
      if (verb === 'STORE') message.deleted = /\\Deleted/i.test(line);
      else if (message.deleted) {
        folder.messages.splice(at, 1);
        rows.push(`* ${at + 1} EXPUNGE`);
      }
    }
    return [...rows, '$tag OK done'].join('\n');
  }

  async #startTls(tag: string, line: string): Promise<boolean> {
    const offered = this.#script.security === 'starttls' && !this.secure;
    const usual = offered ? '$tag OK go ahead' : '$tag BAD not here';
    let said = '';
    const goesOn = await this.#answer('STARTTLS', tag, line, usual, (text) => {
      said = text;
    });
    if (!goesOn || !said.startsWith(`${tag} OK`)) return goesOn;
    this.startTls();
    return true;
  }

  async #authenticate(tag: string, line: string): Promise<boolean> {
    const [, mechanism = '', initial] = line.split(' ');
    let given = initial;
    if (given === undefined) {
      this.say('+ \r\n');
      given = await this.line();
      if (given === undefined) return false;
      this.commands.push(given);
    }
    const words = Buffer.from(given, 'base64').toString();
    const [user = '', secret = ''] =
      mechanism === 'PLAIN' ? words.split('\0').slice(1) : (token.exec(words)?.slice(1) ?? []);
    const isGood = this.#script.users?.[user] === secret && secret !== '';
    if (!isGood && mechanism === 'XOAUTH2') {
      this.say(`+ ${Buffer.from('{"status":"400"}').toString('base64')}\r\n`);
      if ((await this.line()) === undefined) return false;
    }
    return this.#answer('AUTHENTICATE', tag, line, isGood ? '$tag OK in' : badSignIn, (text) => {
      if (text.startsWith(`${tag} OK`)) this.signedIn = `${mechanism} ${user}`;
    });
  }

  async #logout(tag: string, line: string): Promise<boolean> {
    await this.#answer('LOGOUT', tag, line, '* BYE so long\n$tag OK done');
    this.end();
    return false;
  }

  async #idle(tag: string, line: string): Promise<boolean> {
    let said = '';
    const goesOn = await this.#answer('IDLE', tag, line, '+ idling', (text) => {
      said = text;
    });
    if (!goesOn || !said.startsWith('+')) return goesOn;
    const done = await this.line();
    if (done === undefined) return false;
    this.commands.push(done);
    return this.#answer('DONE', tag, done, '$tag OK done');
  }

  /** Says what the script wants, else the usual. False: the connection is to end. */
  async #answer(
    verb: string,
    tag: string,
    line: string,
    usual: string | (() => string | Buffer),
    said: (text: string) => void = () => {},
  ): Promise<boolean> {
    const asked = { verb, line, session: this, connection: this.connection };
    const wish = (await this.#script.answer?.(asked)) ?? made(usual);
    const { flood, ...deed }: Exclude<Wish, string | undefined> =
      typeof wish === 'string' || Buffer.isBuffer(wish) ? { raw: octetsOf(wish, tag) } : wish;
    if (deed.raw !== undefined) said(String(deed.raw).trimEnd());
    const stream = flood === undefined ? [] : forever(flood);
    return (await this.perform({ ...deed, stream })) && !this.closed;
  }

  /** A command with its literals, as one line. */
  async #command(): Promise<string | undefined> {
    let command = '';
    for (;;) {
      const line = await this.line();
      if (line === undefined) return undefined;
      const [, octets, plus] = /\{(\d+)(\+?)\}$/.exec(line) ?? [];
      if (octets === undefined) return command + line;
      if (plus === '') this.say('+ go on\r\n');
      const literal = await this.octets(Number(octets));
      if (literal === undefined) return undefined;
      command += line.replace(/\{\d+\+?\}$/, JSON.stringify(literal.toString()));
    }
  }
}

/** XOAUTH2, and OAUTHBEARER (RFC 7628 §3.1). */
const token =
  /^(?:user=|n,a=)([^\x01,]*)(?:,\x01host=127\.0\.0\.1\x01port=\d+)?\x01auth=Bearer ([^\x01]*)\x01\x01$/;

const badSignIn = '$tag NO [AUTHENTICATIONFAILED] Wrong user or password';

function* forever(flood: () => string | Buffer): Generator<string | Buffer> {
  for (;;) yield flood();
}

function made(usual: string | (() => string | Buffer)): string | Buffer {
  return typeof usual === 'function' ? usual() : usual;
}

/** Lines with their ends, and the tag where it belongs, which is never within a literal. */
function octetsOf(answer: string | Buffer, tag: string): Buffer {
  if (typeof answer === 'string') {
    const lines = answer === '' ? [] : answer.split('\n');
    return Buffer.from(lines.map((line) => `${line.replace('$tag', tag)}\r\n`).join(''));
  }
  const at = answer.lastIndexOf('$tag');
  return Buffer.concat([answer.subarray(0, at), Buffer.from(tag), answer.subarray(at + 4)]);
}

/** The words of a command: atoms and strings. */
function strings(line: string): string[] {
  const words = line.match(/"(?:[^"\\]|\\.)*"|[^\s"]+/g) ?? [];
  return words.map((word) =>
    word.startsWith('"') ? word.slice(1, -1).replace(/\\(.)/g, '$1') : word,
  );
}
