/*
 * Debian's Dovecot as a provider whose mailboxes are collected: POP3 and IMAP, in the clear on
 * loopback and over TLS, Maildir. Configuration and mail lie in a folder of its own. Letters are
 * put into the Maildirs as Dovecot's own delivery would put them, so that thousands take no time.
 */
import {
  chown,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, Program, runProgram, waitForGreeting } from '../../scripts/bench/processes.ts';
import { TestAuthority } from './certificates.ts';
import { missingProgram } from './programs.ts';

/** Maildirs belong to this user; any number that is not root's will do. */
const owner = 5000;

/** No blanks: Dovecot's static passdb divides its words by them. */
export const providerPassword = 'correct-horse-battery';

/** Why it cannot run here; undefined when it can. */
export function missingDovecot(): string | undefined {
  const missing = missingProgram('dovecot');
  if (missing !== undefined) return missing;
  return process.getuid?.() === 0 ? undefined : 'Dovecot wants to be started by root';
}

export interface DovecotOptions {
  /** As in Dovecot's settings. With apop, its greeting has a timestamp. */
  readonly mechanisms?: string;
}

const listeners = ['pop3', 'pop3s', 'imap', 'imaps'] as const;
export type DovecotListener = (typeof listeners)[number];

export class ProviderDovecot implements AsyncDisposable {
  readonly #folder: string;
  readonly #ports: ReadonlyMap<DovecotListener, number>;
  readonly #authority: TestAuthority;
  readonly #options: DovecotOptions;
  #program: Program | undefined;
  #letters = 0;

  private constructor(
    folder: string,
    ports: ReadonlyMap<DovecotListener, number>,
    authority: TestAuthority,
    options: DovecotOptions,
  ) {
    this.#folder = folder;
    this.#ports = ports;
    this.#authority = authority;
    this.#options = options;
  }

  static async open(options: DovecotOptions = {}): Promise<ProviderDovecot> {
    const folder = await mkdtemp(join(tmpdir(), 'restante-dovecot-'));
    const ports = new Map<DovecotListener, number>();
    for (const name of listeners) ports.set(name, await freePort());
    const provider = new ProviderDovecot(folder, ports, await TestAuthority.make(), options);
    await provider.#prepare();
    await provider.start();
    return provider;
  }

  /** The authority of its certificate, which is for localhost and 127.0.0.1. */
  get ca(): string {
    return this.#authority.pem;
  }

  port(listener: DovecotListener): number {
    return this.#ports.get(listener) ?? 0;
  }

  /** Puts letters (CR LF line ends) into a folder of a mailbox, in this order: '' is INBOX, 'Work'
   * a folder beside it. `arrivedAt` is IMAP's INTERNALDATE; now when left out. */
  async fill(
    user: string,
    letters: Iterable<Buffer>,
    folder = '',
    arrivedAt?: Date,
  ): Promise<void> {
    const maildir = this.#maildir(user, folder);
    // Dovecot moves the files while we look: it gets each as its own, and nothing is walked.
    const home = join(maildir, ...(folder === '' ? ['..'] : ['../..']));
    for (const path of [home, maildir, ...maildirParts.map((part) => join(maildir, part))]) {
      await mkdir(path, { recursive: true });
      await chown(path, owner, owner);
    }
    const writing: Promise<void>[] = [];
    for (const letter of letters) {
      const file = Buffer.from(letter.toString('latin1').replaceAll('\r\n', '\n'), 'latin1');
      this.#letters += 1;
      const number = String(this.#letters).padStart(8, '0');
      const name = `1700000000.M${number}P1.provider,S=${file.length},W=${letter.length}`;
      // tmp, then new (maildir(5)): Dovecot never sees half a letter.
      const draft = join(maildir, 'tmp', name);
      writing.push(deliver(draft, join(maildir, 'new', name), file, arrivedAt));
      if (writing.length >= 64) await Promise.all(writing.splice(0));
    }
    await Promise.all(writing);
  }

  /** All letters of a folder, CR LF line ends, in no order. Dovecot may be moving them from new to
   * cur, and renaming them, meanwhile. */
  async letters(user: string, folder = ''): Promise<Buffer[]> {
    const maildir = this.#maildir(user, folder);
    for (;;) {
      const read = await lettersIn(maildir);
      if (read !== undefined) return read;
    }
  }

  async start(): Promise<void> {
    const program = new Program('/usr/sbin/dovecot', ['-F', '-c', this.#configurationFile]);
    this.#program = program;
    await Promise.all(
      (['pop3', 'imap'] as const).map((name) => waitForGreeting(this.port(name), program)),
    );
  }

  async stop(): Promise<void> {
    await this.#program?.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }

  get #configurationFile(): string {
    return join(this.#folder, 'dovecot.conf');
  }

  #maildir(user: string, folder: string): string {
    const home = join(this.#folder, 'mail', user, 'Maildir');
    return folder === '' ? home : join(home, `.${folder}`);
  }

  async #prepare(): Promise<void> {
    await mkdir(join(this.#folder, 'mail'), { recursive: true });
    await runProgram('chown', [`${owner}:${owner}`, join(this.#folder, 'mail')]);
    await runProgram('chmod', ['755', this.#folder]);
    const { key, cert } = await this.#authority.issue({ names: ['localhost', '127.0.0.1'] });
    await writeFile(join(this.#folder, 'key.pem'), key, { mode: 0o600 });
    await writeFile(join(this.#folder, 'cert.pem'), cert);
    await writeFile(this.#configurationFile, this.#configuration());
  }

  #configuration(): string {
    const { mechanisms = 'plain login scram-sha-256' } = this.#options;
    const listener = (name: DovecotListener) =>
      `inet_listener ${name} {\n    port = ${this.port(name)}\n  }`;
    return `
base_dir = ${this.#folder}/run
state_dir = ${this.#folder}/state
log_path = ${this.#folder}/log
protocols = pop3 imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <${this.#folder}/cert.pem
ssl_key = <${this.#folder}/key.pem
disable_plaintext_auth = no
auth_mechanisms = ${mechanisms}
auth_failure_delay = 0
mail_location = maildir:~/Maildir
mail_max_userip_connections = 100
maildir_very_dirty_syncs = no
passdb {
  driver = static
  args = password=${providerPassword}
}
userdb {
  driver = static
  args = uid=${owner} gid=${owner} home=${this.#folder}/mail/%u
}
service anvil {
  # No growing delays for wrong passwords.
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service pop3-login {
  ${listener('pop3')}
  ${listener('pop3s')}
}
service imap-login {
  ${listener('imap')}
  ${listener('imaps')}
}
protocol imap {
  mail_max_userip_connections = 100
}
`.trimStart();
  }
}

const maildirParts = ['cur', 'new', 'tmp'];

async function deliver(
  draft: string,
  place: string,
  file: Buffer,
  arrivedAt?: Date,
): Promise<void> {
  await writeFile(draft, file);
  await chown(draft, owner, owner);
  // Where Dovecot has no date of its own yet, it is the file's.
  if (arrivedAt !== undefined) await utimes(draft, arrivedAt, arrivedAt);
  await rename(draft, place);
}

/** Undefined: a file went while we looked. */
async function lettersIn(maildir: string): Promise<Buffer[] | undefined> {
  const files = new Map<string, string>();
  // In the order in which they move, so that none is overlooked; one seen twice counts once.
  for (const part of ['new', 'cur']) {
    const names = await readdir(join(maildir, part)).catch(() => []);
    for (const name of names) files.set(name.split(':')[0] ?? name, join(maildir, part, name));
  }
  try {
    const texts = await Promise.all([...files.values()].map((file) => readFile(file, 'latin1')));
    return texts.map((text) => Buffer.from(text.replaceAll('\n', '\r\n'), 'latin1'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
