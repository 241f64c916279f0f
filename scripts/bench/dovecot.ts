/*
 * Dovecot as a peer: Debian's binaries with a configuration and folders of their own, POP3 (and
 * IMAP when asked) on loopback without TLS, passwords kept in plain (the quickest for it),
 * Maildir. Process model, locking and caching are left as Dovecot ships them.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort, type Memory, Program, runProgram, waitForGreeting } from './processes.ts';
import { type Giver, login, password } from './rig.ts';

const owner = 5000;

export class Dovecot implements Giver {
  readonly #folder: string;
  readonly #imap: boolean;
  #pop3Port = 0;
  #imapPort = 0;
  #program: Program | undefined;

  constructor(folder: string, { imap = false } = {}) {
    this.#folder = folder;
    this.#imap = imap;
  }

  get pop3Port(): number {
    return this.#pop3Port;
  }

  /** 0 when it was not asked for. */
  get imapPort(): number {
    return this.#imapPort;
  }

  /** Puts letters into an account's Maildir as Dovecot's own delivery would: lines end in LF
   * alone, and the name holds both sizes, so that it never has to open a file to learn them. */
  async fill(account: number, letters: Iterable<Buffer>): Promise<void> {
    const maildir = join(this.#folder, 'mail', login(account), 'Maildir');
    for (const name of ['cur', 'new', 'tmp']) await mkdir(join(maildir, name), { recursive: true });
    let number = 0;
    const writing = new Set<Promise<void>>();
    for (const letter of letters) {
      number += 1;
      const file = Buffer.from(letter.toString('latin1').replaceAll('\r\n', '\n'), 'latin1');
      const name = `1700000000.M${number}P1.bench,S=${file.length},W=${letter.length}:2,S`;
      const done = writeFile(join(maildir, 'cur', name), file).finally(() => {
        writing.delete(done);
      });
      writing.add(done);
      if (writing.size >= 64) await Promise.race(writing);
    }
    await Promise.all(writing);
  }

  async start(): Promise<void> {
    this.#pop3Port = await freePort();
    if (this.#imap) this.#imapPort = await freePort();
    await mkdir(join(this.#folder, 'mail'), { recursive: true });
    await runProgram('chown', ['-R', `${owner}:${owner}`, join(this.#folder, 'mail')]);
    await runProgram('chmod', ['755', this.#folder]);
    const file = join(this.#folder, 'dovecot.conf');
    await writeFile(file, this.#configuration());
    this.#program = new Program('/usr/sbin/dovecot', ['-F', '-c', file]);
    await waitForGreeting(this.#pop3Port, this.#program);
  }

  async stop(): Promise<void> {
    await this.#program?.stop();
  }

  memory(): Memory {
    return this.#running().memory();
  }

  peakResident(): number {
    return this.#running().peakResident();
  }

  #running(): Program {
    if (this.#program === undefined) throw new Error('Dovecot is not running');
    return this.#program;
  }

  #configuration(): string {
    return `
base_dir = ${this.#folder}/run
state_dir = ${this.#folder}/state
log_path = ${this.#folder}/log
protocols = pop3${this.#imap ? ' imap' : ''}
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
mail_location = maildir:~/Maildir
passdb {
  driver = static
  args = password=${password}
}
userdb {
  driver = static
  args = uid=${owner} gid=${owner} home=${this.#folder}/mail/%u
}
service pop3-login {
  inet_listener pop3 {
    port = ${this.#pop3Port}
  }
  inet_listener pop3s {
    port = 0
  }
}
${this.#imap ? imapLogin(this.#imapPort) : ''}`.trimStart();
  }
}

function imapLogin(port: number): string {
  return `service imap-login {
  inet_listener imap {
    port = ${port}
  }
  inet_listener imaps {
    port = 0
  }
}
`;
}
