/*
 * Debian's Dovecot as an IMAP source: in the clear, STARTTLS and TLS on ports of its own, Maildir,
 * no growing delays for wrong passwords. Messages are laid into the Maildir as Dovecot's delivery
 * would, or delivered by dovecot-lda, which also wakes those who IDLE.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { familyOf, freePort, Program, waitForGreeting } from '../../scripts/bench/processes.ts';
import { TestAuthority } from './certificates.ts';
import { missingProgram } from './programs.ts';

const owner = 5000;

export const dovecotUser = 'ann@example.org';
export const dovecotPassword = 'correct "horse\\ battery';

/** Why it cannot run here; undefined when it can. */
export function missingDovecot(): string | undefined {
  const missing = missingProgram('dovecot');
  if (missing !== undefined) return missing;
  return process.getuid?.() === 0 ? undefined : 'Dovecot wants to be started by root';
}

export class ImapDovecot implements AsyncDisposable {
  readonly #folder: string;
  readonly #authority: TestAuthority;
  readonly #more: string;
  readonly port: number;
  readonly tlsPort: number;
  #program: Program | undefined;
  #number = 0;

  private constructor(
    folder: string,
    authority: TestAuthority,
    port: number,
    tlsPort: number,
    more: string,
  ) {
    this.#folder = folder;
    this.#authority = authority;
    this.port = port;
    this.tlsPort = tlsPort;
    this.#more = more;
  }

  /** `more`: further lines of configuration. */
  static async start(more = ''): Promise<ImapDovecot> {
    const folder = await mkdtemp(join(tmpdir(), 'restante-imap-'));
    await chmod(folder, 0o755);
    const authority = await TestAuthority.make();
    const dovecot = new ImapDovecot(folder, authority, await freePort(), await freePort(), more);
    await dovecot.#begin();
    return dovecot;
  }

  /** The authority of its certificate. */
  get ca(): string {
    return this.#authority.pem;
  }

  /** Where a folder's messages are: '' is INBOX, '.Archive.2024' a nested one. */
  maildir(name = ''): string {
    return join(this.#folder, 'mail/Maildir', name);
  }

  async makeFolder(name: string): Promise<void> {
    await this.#makeMaildir(name);
    await writeFile(join(this.maildir(name), 'maildirfolder'), '');
    await chown(join(this.maildir(name), 'maildirfolder'), owner, owner);
  }

  /** Lays messages there as they are, lines ending in LF alone. */
  async fill(letters: Iterable<Buffer>, name = ''): Promise<void> {
    const folder = join(this.maildir(name), 'cur');
    const writing: Promise<void>[] = [];
    for (const letter of letters) {
      this.#number += 1;
      const file = Buffer.from(letter.toString('latin1').replaceAll('\r\n', '\n'), 'latin1');
      const path = join(folder, `17000${String(this.#number).padStart(5, '0')}.M1P1.test:2,`);
      writing.push(writeFile(path, file).then(() => chown(path, owner, owner)));
      if (writing.length >= 64) await Promise.all(writing.splice(0));
    }
    await Promise.all(writing);
  }

  /** The files of a folder, as a server sends them: lines end in CRLF. By file name. */
  async held(name = ''): Promise<Buffer[]> {
    const folders = [join(this.maildir(name), 'cur'), join(this.maildir(name), 'new')];
    const held: Buffer[] = [];
    for (const folder of folders) {
      for (const file of (await readdir(folder)).sort()) {
        const text = await readFile(join(folder, file), 'latin1');
        held.push(Buffer.from(text.replaceAll(/\r?\n/g, '\r\n'), 'latin1'));
      }
    }
    return held;
  }

  /** Delivers a message to INBOX, as mail that comes in does. */
  async deliver(letter: Buffer): Promise<void> {
    const lda = '/usr/lib/dovecot/dovecot-lda';
    const child = spawn(lda, ['-c', this.#path('dovecot.conf'), '-d', dovecotUser], {
      stdio: ['pipe', 'ignore', 'inherit'],
    });
    child.stdin.end(letter);
    const [code] = await once(child, 'exit');
    if (code !== 0) throw new Error(`dovecot-lda ended with ${code}`);
  }

  /** As after a restore: all unique-ids are void, and UIDVALIDITY is another one. */
  async renumber(name = ''): Promise<void> {
    for (const file of await readdir(this.maildir(name))) {
      if (/^dovecot[.-]/.test(file)) await rm(join(this.maildir(name), file));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const program = this.#program;
    if (program?.running) {
      const children = familyOf(program.pid).slice(1);
      const stopped = program.stop();
      // They would wait for their clients.
      for (const pid of children) end(pid);
      await stopped;
    }
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #begin(): Promise<void> {
    await mkdir(this.#path('mail'));
    await chown(this.#path('mail'), owner, owner);
    await this.#makeMaildir('');
    const { key, cert } = await this.#authority.issue({ names: ['localhost', '127.0.0.1'] });
    await writeFile(this.#path('key.pem'), key, { mode: 0o600 });
    await writeFile(this.#path('cert.pem'), cert);
    await writeFile(this.#path('users'), `${dovecotUser}:{PLAIN}${dovecotPassword}\n`);
    await writeFile(this.#path('dovecot.conf'), this.#configuration());
    const program = new Program('/usr/sbin/dovecot', ['-F', '-c', this.#path('dovecot.conf')]);
    this.#program = program;
    await waitForGreeting(this.port, program);
  }

  async #makeMaildir(name: string): Promise<void> {
    const maildir = this.maildir(name);
    for (const sub of ['cur', 'new', 'tmp']) await mkdir(join(maildir, sub), { recursive: true });
    for (const sub of ['', 'cur', 'new', 'tmp']) await chown(join(maildir, sub), owner, owner);
  }

  #path(name: string): string {
    return join(this.#folder, name);
  }

  #configuration(): string {
    return `
base_dir = ${this.#folder}/run
state_dir = ${this.#folder}/state
log_path = ${this.#folder}/log
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <${this.#folder}/cert.pem
ssl_key = <${this.#folder}/key.pem
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_failure_delay = 0
mail_location = maildir:~/Maildir
mailbox_idle_check_interval = 1 secs
mail_fsync = never
passdb {
  driver = passwd-file
  args = ${this.#folder}/users
}
userdb {
  driver = static
  args = uid=${owner} gid=${owner} home=${this.#folder}/mail
}
namespace inbox {
  inbox = yes
  separator = /
  mailbox Gesendet {
    special_use = \\Sent
  }
}
service anvil {
  # No growing delays for wrong passwords.
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service imap-login {
  inet_listener imap {
    port = ${this.port}
  }
  inet_listener imaps {
    port = ${this.tlsPort}
    ssl = yes
  }
}
${this.#more}
`.trimStart();
  }
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGTERM');
  } catch {} // it has ended
}
