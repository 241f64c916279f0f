/*
 * A real box as tests of the way out see it: the verbs of the command, asked over the control
 * socket without a process for each; mail handed in by somebody who signs in, and mailboxes read
 * by POP3. What the box does by itself is waited for by asking it again; nothing here is timed.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Result } from '#base/result';
import { ask, askTelling } from '#control/client';
import { parseCommand } from '#control/parse';
import { controlSocketPath } from '#control/socket-path';
import type {
  FlushReport,
  HistoryReport,
  QueuedReport,
  StatusReport,
  UplinkReport,
} from '#control/types';
import type { BoxVerb } from '#control/verb';
import { verbs } from '#control/verbs/table';
import { waitUntil } from '../../scripts/bench/processes.ts';
import { type BoxOptions, startBox, type TestBox } from './box.ts';
import { NetPeer } from './net-peer.ts';
import { collect } from './smtp-peer.ts';

/** Seconds; nothing here takes longer unless it hangs, or the machine is emulated
 * (test/hardware). */
const patience = Number(process.env['BOX_PATIENCE'] ?? 120_000) / 1_000;

export const password = 'tuna fish';

export interface Letter {
  readonly as?: string;
  readonly from?: string;
  readonly to: readonly string[];
  /** Header section and body, CR LF line ends, dots as they are. */
  readonly text: string | Buffer;
  /** Behind MAIL FROM:<>, such as 'SMTPUTF8'. */
  readonly mail?: string;
  /** Behind each RCPT TO:<>. */
  readonly rcpt?: string;
}

export async function startOutgoingBox(options: BoxOptions = {}): Promise<OutgoingBox> {
  return new OutgoingBox(await startBox(options));
}

export class OutgoingBox {
  readonly box: TestBox;

  constructor(box: TestBox) {
    this.box = box;
  }

  /** Does what the command with these words does; throws what it says when that goes wrong. */
  async command<T>(words: readonly string[], secret?: string): Promise<T> {
    const done = await this.tried<T>(words, secret);
    if (!done.ok) throw new Error(`${words.join(' ')}: ${done.error.say}`);
    return done.value;
  }

  async tried<T>(words: readonly string[], secret?: string): Promise<Result<T>> {
    const parsed = parseCommand([...words], verbs);
    if (parsed.kind !== 'command') throw new Error(`what is "${words.join(' ')}"?`);
    const { verb } = parsed;
    const call = secret === undefined ? parsed.call : { ...parsed.call, secret };
    const read = await withFiles(call, verb as BoxVerb);
    return (await ask(controlSocketPath(this.box.data), verb, read)) as Result<T>;
  }

  /** A flush, with all it tells on the way. */
  async flush(tell: (progress: unknown) => void = () => {}, ...words: string[]) {
    const parsed = parseCommand(['flush', ...words], verbs);
    if (parsed.kind !== 'command') throw new Error('what is flush?');
    const path = controlSocketPath(this.box.data);
    const done = await askTelling(path, parsed.verb, parsed.call, tell);
    if (!done.ok) throw new Error(done.error.say);
    return done.value as FlushReport;
  }

  /** Somebody with `password`, and an address of theirs elsewhere. */
  async person(name: string, outside?: string): Promise<void> {
    await this.command(['account', 'add', name], password);
    if (outside !== undefined) await this.command(['address', 'add', name, outside, '--outside']);
  }

  /** By default a server of the test on loopback, that serves everybody. */
  async uplink(name: string, port: number, ...more: string[]): Promise<UplinkReport> {
    const has = (option: string) => more.includes(option);
    return this.command([
      ...['uplink', 'add', name, '--port', `${port}`],
      ...(has('--host') ? [] : ['--host', '127.0.0.1']),
      ...(has('--security') ? [] : ['--security', 'none']),
      ...(has('--for') ? [] : ['--default']),
      ...more,
    ]);
  }

  /** A certificate authority as a file, for --ca. */
  async pem(name: string, text: string): Promise<string> {
    const path = join(this.box.data, name);
    await writeFile(path, text);
    return path;
  }

  /** Hands a letter in; its id. Throws the refusal. */
  async submit(letter: Letter): Promise<string> {
    const [id] = await this.submitAll([letter]);
    if (id === undefined) throw new Error('no id');
    return id;
  }

  /** One after the other over one connection; their ids. */
  async submitAll(letters: readonly Letter[]): Promise<string[]> {
    const peer = await NetPeer.dial(this.box.ports.submission);
    await peer.hear('220 ');
    peer.say('EHLO laptop.example\r\n');
    await peer.hear('250 HELP\r\n');
    const ids: string[] = [];
    let signedIn = '';
    for (const letter of letters) {
      const { as = 'ann', to, mail = '', rcpt = '' } = letter;
      if (signedIn === '') {
        peer.say(`AUTH PLAIN ${Buffer.from(`\0${as}\0${password}`).toString('base64')}\r\n`);
        await peer.hear('235 ');
        await peer.hear('\r\n');
        signedIn = as;
      }
      if (as !== signedIn) throw new Error('one connection, one person');
      const from = letter.from ?? `${as}@restante.local`;
      const octets = Buffer.from(letter.text);
      peer.say(`MAIL FROM:<${from}>${space(mail)}\r\n`);
      for (const one of to) peer.say(`RCPT TO:<${one}>${space(rcpt)}\r\n`);
      peer.say(`BDAT ${octets.length} LAST\r\n`);
      peer.socket.write(octets);
      const answers: string[] = [];
      for (let left = to.length + 2; left > 0; left -= 1) answers.push(await replyOf(peer));
      const refused = answers.find((answer) => !answer.startsWith('2'));
      if (refused !== undefined) throw new Error(refused);
      ids.push(/Safely stored as (\w+)/.exec(answers.at(-1) ?? '')?.[1] ?? '');
    }
    peer.say('QUIT\r\n');
    await peer.hearEnd();
    return ids;
  }

  status(): Promise<StatusReport> {
    return this.command(['status']);
  }

  queued(): Promise<QueuedReport[]> {
    return this.command(['queue', 'list']);
  }

  /** The history of a message, a line each. */
  async why(id: string): Promise<string[]> {
    const { lines } = await this.command<HistoryReport>(['queue', 'why', id]);
    return lines.map(({ say }) => say);
  }

  async uplinkReport(name: string): Promise<UplinkReport> {
    const all = await this.command<UplinkReport[]>(['uplink', 'list']);
    const found = all.find((one) => one.name === name);
    if (found === undefined) throw new Error(`no uplink ${name}`);
    return found;
  }

  /** Asks until there is an answer. */
  async until<T>(what: string, look: () => Promise<T | undefined | false>): Promise<T> {
    let found: T | undefined | false;
    await waitUntil(
      what,
      async () => {
        found = await look();
        return found !== undefined && found !== false;
      },
      patience,
    );
    return found as T;
  }

  /** Until the history of the message has this line. */
  async untilNoted(id: string, line: RegExp): Promise<string[]> {
    let lines: string[] = [];
    return this.until(`${line} in the history of ${id}`, async () => {
      lines = await this.why(id);
      return lines.some((say) => line.test(say)) && lines;
    }).catch((error: Error) => {
      throw new Error(`${error.message}\n${lines.join('\n')}`);
    });
  }

  untilCondition(name: string, condition: UplinkReport['condition']): Promise<UplinkReport> {
    return this.until(`${name} to be ${condition}`, async () => {
      const report = await this.uplinkReport(name);
      return report.condition === condition && report;
    });
  }

  untilEmpty(): Promise<true> {
    return this.until('an empty queue', async () => {
      const { queue } = await this.status();
      return queue.messages === 0;
    }).then(() => true);
  }

  /** All of somebody's mail, latin1. */
  async inbox(name: string): Promise<string[]> {
    const answers = await collect(this.box.ports.pop3, name, password);
    // RFC 1939 §3: a status line before, a line with a dot behind, dots stuffed.
    return answers.map((answer) => answer.replace(/^.*\r\n|\.\r\n$/g, '').replace(/^\.\./gm, '.'));
  }

  /** Until there is a message in which the pattern is found, and that message. */
  untilMail(name: string, pattern: RegExp): Promise<string> {
    return this.until(`mail for ${name} with ${pattern}`, async () => {
      return (await this.inbox(name)).find((message) => pattern.test(message));
    });
  }

  /** Fails when the box has found a defect in itself, whoever noticed. */
  async [Symbol.asyncDispose](): Promise<void> {
    const defect = this.box.log.find((line) => line.includes('A defect in Restante'));
    await this.box[Symbol.asyncDispose]();
    if (defect !== undefined) throw new Error(defect);
  }
}

/** Options that name a file hand its text on, as the command does. */
async function withFiles<C extends { readonly values: Readonly<Record<string, string>> }>(
  call: C,
  verb: BoxVerb,
): Promise<C> {
  const values = { ...call.values };
  for (const { name, fileText } of verb.options ?? []) {
    const path = values[name];
    if (fileText && path !== undefined) values[name] = await readFile(path, 'utf8');
  }
  return { ...call, values };
}

/** The next reply, without its line end. */
async function replyOf(peer: NetPeer): Promise<string> {
  for (;;) {
    const line = (await peer.hear('\r\n')).slice(0, -2);
    if (line[3] === ' ') return line;
  }
}

function space(words: string): string {
  return words === '' ? '' : ` ${words}`;
}
