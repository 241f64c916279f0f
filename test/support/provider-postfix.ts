/*
 * Debian's Postfix as a provider: submission with STARTTLS and with TLS from the first octet, AUTH
 * by Dovecot's SASL service, mail delivered to a Maildir. Configuration, queue and data lie in a
 * folder of its own; nothing is chrooted. One port for each thing a client has to cope with.
 */
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  familyOf,
  freePort,
  Program,
  runProgram,
  waitForGreeting,
  waitUntil,
} from '../../scripts/bench/processes.ts';
import { type Certificate, selfSigned, TestAuthority } from './certificates.ts';
import { missingProgram } from './programs.ts';

/** virtual(8) delivers as this user; any number that is not root's will do. */
const owner = 5000;

export const user = 'ann@example.org';
export const password = 'correct horse battery';
/** Postfix delivers mail for anybody here. */
export const domain = 'example.net';

/** Why it cannot run here; undefined when it can. */
export function missingPostfix(): string | undefined {
  const missing = missingProgram('postfix') ?? missingProgram('dovecot');
  if (missing !== undefined) return missing;
  return process.getuid?.() === 0 ? undefined : 'Postfix wants to be started by root';
}

/** `starttls` and `tls` know all mechanisms; `plainest` offers neither 8BITMIME nor DSN. */
const services = {
  starttls: '-o smtpd_tls_security_level=encrypt',
  tls: '-o smtpd_tls_wrappermode=yes',
  login: '-o smtpd_tls_wrappermode=yes -o smtpd_sasl_mechanism_filter=login',
  'cram-md5': '-o smtpd_tls_wrappermode=yes -o smtpd_sasl_mechanism_filter=cram-md5',
  plainest:
    '-o smtpd_tls_wrappermode=yes -o smtpd_discard_ehlo_keywords=8bitmime,dsn,pipelining,chunking',
} as const;

export type Service = keyof typeof services;

/** TLS with a certificate that is wrong in one way. */
const illnesses = ['expired', 'self-signed', 'wrong-name'] as const;
export type Illness = (typeof illnesses)[number];

type PortName = Service | Illness;
const portNames = [...(Object.keys(services) as Service[]), ...illnesses];

export interface ProviderOptions {
  /** The box's port for SMTP: mail to restante.local goes there, and so does mail to `homeward`. */
  readonly boxPort?: number;
  /** Of `user`. */
  readonly password?: string;
}

/** What is sent to this address comes home. */
export const homeward = `homeward@${domain}`;

export class ProviderPostfix implements AsyncDisposable {
  readonly #folder: string;
  readonly #ports: ReadonlyMap<PortName, number>;
  readonly #authority: TestAuthority;
  readonly #options: ProviderOptions;
  #dovecotProgram: Program | undefined;
  #master: Program | undefined;

  private constructor(
    folder: string,
    ports: ReadonlyMap<PortName, number>,
    authority: TestAuthority,
    options: ProviderOptions,
  ) {
    this.#folder = folder;
    this.#ports = ports;
    this.#authority = authority;
    this.#options = options;
  }

  static async start(options: ProviderOptions = {}): Promise<ProviderPostfix> {
    const folder = await mkdtemp(join(tmpdir(), 'restante-provider-'));
    const ports = new Map<PortName, number>();
    for (const name of portNames) ports.set(name, await freePort());
    const authority = await TestAuthority.make();
    const provider = new ProviderPostfix(folder, ports, authority, options);
    await provider.#start();
    return provider;
  }

  /** The authority of its certificate. */
  get ca(): string {
    return this.#authority.pem;
  }

  port(name: PortName): number {
    return this.#ports.get(name) ?? 0;
  }

  /** How many messages are in the Maildir. */
  async count(): Promise<number> {
    return (await this.#names()).length;
  }

  /** The messages in the Maildir, as Postfix wrote them, once there are so many. */
  async delivered(count: number): Promise<string[]> {
    await waitUntil(`${count} messages`, async () => (await this.count()) >= count);
    const files = (await this.#names()).map((name) => readFile(join(this.#inbox, name), 'latin1'));
    return Promise.all(files);
  }

  /** As a power cut would: every process of Postfix at once. Its queue stays. */
  async kill(): Promise<void> {
    const master = this.#master;
    if (master === undefined) return;
    const family = familyOf(master.pid);
    for (const pid of family) signal(pid, 'SIGKILL');
    await waitUntil('the end of Postfix', () => !master.running);
  }

  /** Starts Postfix, on the same ports. */
  async startPostfix(): Promise<void> {
    const master = new Program('/usr/lib/postfix/sbin/master', ['-c', this.#path('etc'), '-d']);
    this.#master = master;
    await waitForGreeting(this.port('starttls'), master);
  }

  get #inbox(): string {
    return this.#path('mail/inbox/new');
  }

  #names(): Promise<string[]> {
    return readdir(this.#inbox).catch(() => []);
  }

  #path(name: string): string {
    return join(this.#folder, name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const program of [this.#master, this.#dovecotProgram]) {
      if (program?.running !== true) continue;
      const children = familyOf(program.pid).slice(1);
      const stopped = program.stop();
      // Postfix's would wait for their clients.
      for (const pid of children) signal(pid);
      await stopped;
    }
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #start(): Promise<void> {
    const path = (name: string) => this.#path(name);
    for (const name of ['etc', 'mail', 'queue', 'dovecot']) await mkdir(path(name));
    await chmod(this.#folder, 0o755);
    await chown(path('mail'), owner, owner);
    const names = ['localhost', '127.0.0.1'];
    const authority = this.#authority;
    await this.#certificate('server', await authority.issue({ names }));
    await this.#certificate('expired', await authority.issue({ names, from: -60, to: -3 }));
    await this.#certificate('self-signed', await selfSigned({ names }));
    await this.#certificate('wrong-name', await authority.issue({ names: ['mail.example.com'] }));
    await writeFile(path('etc/main.cf'), this.#main());
    await writeFile(path('etc/master.cf'), this.#services());
    // Makes the folders of the queue, among them the one where Dovecot's socket will lie.
    await runProgram('/usr/sbin/postfix', ['-c', path('etc'), 'check']);
    await writeFile(
      path('dovecot/users'),
      `${user}:{PLAIN}${this.#options.password ?? password}\n`,
      {
        mode: 0o644,
      },
    );
    await writeFile(path('dovecot/dovecot.conf'), this.#dovecot());
    const dovecot = new Program('/usr/sbin/dovecot', ['-F', '-c', path('dovecot/dovecot.conf')]);
    this.#dovecotProgram = dovecot;
    await waitUntil('the socket of Dovecot', async () => {
      if (!dovecot.running) throw new Error(`Dovecot ended: ${dovecot.output}`);
      return (await readdir(path('queue/private')).catch(() => [''])).includes('auth');
    });
    await this.startPostfix();
  }

  #certificate(name: string, { key, cert }: Certificate): Promise<void> {
    return writeFile(this.#path(`etc/${name}.pem`), `${key}\n${cert}\n`, { mode: 0o600 });
  }

  #main(): string {
    return `
compatibility_level = 3.6
queue_directory = ${this.#folder}/queue
data_directory = ${this.#folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = provider.example.org
mydestination =
mynetworks =
alias_maps =
virtual_mailbox_domains = ${domain}
virtual_alias_maps = inline:{ ${homeward}=club@restante.local }
transport_maps = inline:{ restante.local=smtp:[127.0.0.1]:${this.#options.boxPort ?? 9} }
smtp_host_lookup = native
virtual_mailbox_base = ${this.#folder}/mail
virtual_mailbox_maps = static:inbox/
virtual_uid_maps = static:${owner}
virtual_gid_maps = static:${owner}
message_size_limit = 1000000
biff = no
smtpd_peername_lookup = no
smtpd_error_sleep_time = 0
smtputf8_enable = yes
smtpd_tls_chain_files = ${this.#folder}/etc/server.pem
smtpd_tls_security_level = may
smtpd_tls_auth_only = yes
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = private/auth
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_recipient_restrictions =
  check_recipient_access inline:{{nobody@${domain} = 550 5.1.1 Nobody of that name}}
  permit_sasl_authenticated, reject
smtpd_sender_login_maps = static:${user}
`.trimStart();
  }

  #services(): string {
    const line = (name: PortName, words: string) =>
      `127.0.0.1:${this.port(name)} inet n - n - - smtpd ${words}`;
    const ill = (name: Illness) =>
      `-o smtpd_tls_wrappermode=yes -o smtpd_tls_chain_files=${this.#path(`etc/${name}.pem`)}`;
    const lines = [
      ...(Object.keys(services) as Service[]).map((name) => line(name, services[name])),
      ...illnesses.map((name) => line(name, ill(name))),
    ];
    return `
${lines.join('\n')}
cleanup   unix  n - n -    0 cleanup
qmgr      unix  n - n 300  1 qmgr
rewrite   unix  - - n -    - trivial-rewrite
bounce    unix  - - n -    0 bounce
defer     unix  - - n -    0 bounce
trace     unix  - - n -    0 bounce
flush     unix  n - n 1000? 0 flush
proxymap  unix  - - n -    - proxymap
error     unix  - - n -    - error
retry     unix  - - n -    - error
virtual   unix  - n n -    - virtual
smtp      unix  - - n -    - smtp
anvil     unix  - - n -    1 anvil
tlsmgr    unix  - - n 1000? 1 tlsmgr
`.trimStart();
  }

  #dovecot(): string {
    return `
base_dir = ${this.#folder}/dovecot/run
state_dir = ${this.#folder}/dovecot/state
log_path = ${this.#folder}/dovecot/log
protocols =
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login cram-md5
auth_failure_delay = 0
passdb {
  driver = passwd-file
  args = ${this.#folder}/dovecot/users
}
userdb {
  driver = static
  args = uid=${owner} gid=${owner} home=${this.#folder}
}
service anvil {
  # No growing delays for wrong passwords.
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service auth {
  unix_listener ${this.#folder}/queue/private/auth {
    mode = 0666
  }
}
`.trimStart();
  }
}

function signal(pid: number, name: NodeJS.Signals = 'SIGTERM'): void {
  try {
    process.kill(pid, name);
  } catch {} // it has ended
}
