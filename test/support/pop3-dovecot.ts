/*
 * Debian's Dovecot as a source of mail by POP3: in the clear with APOP and SCRAM-SHA-256, with
 * STLS, and with TLS from the first octet. Mail lies in a Maildir that tests fill;
 * configuration and data in a folder of its own.
 */
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, Program, runProgram, waitForGreeting } from '../../scripts/bench/processes.ts';
import { TestAuthority } from './certificates.ts';
import { missingProgram } from './programs.ts';

const owner = 5000;

export const user = 'ann';
export const password = 'correct horse battery';

/** Why it cannot run here; undefined when it can. */
export function missingDovecot(): string | undefined {
  const missing = missingProgram('dovecot') ?? missingPop3();
  if (missing !== undefined) return missing;
  return process.getuid?.() === 0 ? undefined : 'Dovecot wants to be started by root';
}

/** It comes in a package of its own, and is on no PATH. */
function missingPop3(): string | undefined {
  if (existsSync('/usr/lib/dovecot/pop3')) return undefined;
  const why = "Dovecot's POP3 is not installed";
  if (process.env['CI'] === 'true') throw new Error(why);
  return why;
}

export interface Pop3DovecotOptions {
  /** As in Dovecot's settings; 'plain apop scram-sha-256' when left out. */
  readonly mechanisms?: string;
}

export class Pop3Dovecot implements AsyncDisposable {
  readonly #folder: string;
  readonly #authority: TestAuthority;
  readonly #options: Pop3DovecotOptions;
  #program: Program | undefined;
  /** In the clear, and STLS. */
  port = 0;
  tlsPort = 0;

  private constructor(folder: string, authority: TestAuthority, options: Pop3DovecotOptions) {
    this.#folder = folder;
    this.#authority = authority;
    this.#options = options;
  }

  static async start(options: Pop3DovecotOptions = {}): Promise<Pop3Dovecot> {
    const folder = await mkdtemp(join(tmpdir(), 'restante-pop3-'));
    const dovecot = new Pop3Dovecot(folder, await TestAuthority.make(), options);
    await dovecot.#start();
    return dovecot;
  }

  /** The authority of its certificate. */
  get ca(): string {
    return this.#authority.pem;
  }

  /** Puts letters into the Maildir as Dovecot's own delivery would: lines end in LF alone, and the
   * name holds both sizes. Their order is the order in which they are listed. */
  async fill(letters: Iterable<Buffer>): Promise<void> {
    let number = 0;
    for (const letter of letters) {
      number += 1;
      const file = Buffer.from(letter.toString('latin1').replaceAll('\r\n', '\n'), 'latin1');
      const name = `${1_700_000_000 + number}.M${number}P1.test,S=${file.length},W=${letter.length}`;
      await writeFile(join(this.#maildir, 'cur', `${name}:2,S`), file);
    }
    await runProgram('chown', ['-R', `${owner}:${owner}`, this.#maildir]);
  }

  /** How many messages are in the Maildir. */
  async count(): Promise<number> {
    const names = await readdir(join(this.#maildir, 'cur'));
    return names.length + (await readdir(join(this.#maildir, 'new'))).length;
  }

  get #maildir(): string {
    return join(this.#folder, 'mail', user, 'Maildir');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#program?.running === true) await this.#program.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #start(): Promise<void> {
    this.port = await freePort();
    this.tlsPort = await freePort();
    for (const name of ['cur', 'new', 'tmp']) {
      await mkdir(join(this.#maildir, name), { recursive: true });
    }
    await runProgram('chown', ['-R', `${owner}:${owner}`, join(this.#folder, 'mail')]);
    await chmod(this.#folder, 0o755);
    const { key, cert } = await this.#authority.issue();
    const path = (name: string) => join(this.#folder, name);
    await writeFile(path('server.pem'), `${key}\n${cert}\n`, { mode: 0o600 });
    await writeFile(path('users'), `${user}:{PLAIN}${password}\n`, { mode: 0o644 });
    await writeFile(path('dovecot.conf'), this.#configuration());
    this.#program = new Program('/usr/sbin/dovecot', ['-F', '-c', path('dovecot.conf')]);
    await waitForGreeting(this.port, this.#program);
  }

  #configuration(): string {
    const { mechanisms = 'plain apop scram-sha-256' } = this.#options;
    return `
base_dir = ${this.#folder}/run
state_dir = ${this.#folder}/state
log_path = ${this.#folder}/log
protocols = pop3
listen = 127.0.0.1
ssl = yes
ssl_cert = <${this.#folder}/server.pem
ssl_key = <${this.#folder}/server.pem
disable_plaintext_auth = no
auth_mechanisms = ${mechanisms}
auth_failure_delay = 0
mail_location = maildir:~/Maildir
pop3_lock_session = yes
passdb {
  driver = passwd-file
  args = ${this.#folder}/users
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
  inet_listener pop3 {
    port = ${this.port}
  }
  inet_listener pop3s {
    port = ${this.tlsPort}
  }
}
`.trimStart();
  }
}
