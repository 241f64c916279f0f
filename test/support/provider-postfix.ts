/*
 * Debian's Postfix as a provider: submission with STARTTLS and with TLS from the first octet, AUTH by
 * Dovecot's SASL service, mail delivered to a Maildir. Configuration, queue and data lie in a folder
 * of its own; nothing is chrooted. One port for each thing a client has to cope with.
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
import { type Certificate, TestAuthority } from './certificates.ts';
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

export class ProviderPostfix implements AsyncDisposable {
  readonly #folder: string;
  readonly #programs: Program[] = [];
  readonly #ports: Record<Service, number>;
  readonly #authority: TestAuthority;

  private constructor(folder: string, ports: Record<Service, number>, authority: TestAuthority) {
    this.#folder = folder;
    this.#ports = ports;
    this.#authority = authority;
  }

  static async start(): Promise<ProviderPostfix> {
    const folder = await mkdtemp(join(tmpdir(), 'restante-provider-'));
    const ports = { starttls: 0, tls: 0, login: 0, 'cram-md5': 0, plainest: 0 };
    for (const name of Object.keys(services) as Service[]) ports[name] = await freePort();
    const authority = await TestAuthority.make();
    const provider = new ProviderPostfix(folder, ports, authority);
    await provider.#start(await authority.issue({ names: ['localhost', '127.0.0.1'] }));
    return provider;
  }

  /** The authority of its certificate. */
  get ca(): string {
    return this.#authority.pem;
  }

  port(service: Service): number {
    return this.#ports[service];
  }

  /** The messages in the Maildir, as Postfix wrote them, once there are so many. */
  async delivered(count: number): Promise<string[]> {
    const inbox = join(this.#folder, 'mail', 'inbox', 'new');
    const names = () => readdir(inbox).catch(() => []);
    await waitUntil(`${count} messages`, async () => (await names()).length >= count, 30);
    const files = (await names()).map((name) => readFile(join(inbox, name), 'latin1'));
    return Promise.all(files);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const program of this.#programs.reverse()) {
      const children = familyOf(program.pid).slice(1);
      const stopped = program.stop();
      // Postfix's would wait for their clients.
      for (const pid of children) signal(pid);
      await stopped;
    }
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #start(certificate: Certificate): Promise<void> {
    const path = (name: string) => join(this.#folder, name);
    for (const name of ['etc', 'mail', 'queue', 'dovecot']) await mkdir(path(name));
    await chmod(this.#folder, 0o755);
    await chown(path('mail'), owner, owner);
    const { key, cert } = certificate;
    await writeFile(path('etc/server.pem'), `${key}\n${cert}\n`, { mode: 0o600 });
    await writeFile(path('etc/main.cf'), this.#main());
    await writeFile(path('etc/master.cf'), this.#master());
    // Makes the folders of the queue, among them the one where Dovecot's socket will lie.
    await runProgram('/usr/sbin/postfix', ['-c', path('etc'), 'check']);
    await writeFile(path('dovecot/users'), `${user}:{PLAIN}${password}\n`, { mode: 0o644 });
    await writeFile(path('dovecot/dovecot.conf'), this.#dovecot());
    const dovecot = new Program('/usr/sbin/dovecot', ['-F', '-c', path('dovecot/dovecot.conf')]);
    this.#programs.push(dovecot);
    await waitUntil('the socket of Dovecot', async () => {
      if (!dovecot.running) throw new Error(`Dovecot ended: ${dovecot.output}`);
      return (await readdir(path('queue/private')).catch(() => [''])).includes('auth');
    });
    const master = new Program('/usr/lib/postfix/sbin/master', ['-c', path('etc'), '-d']);
    this.#programs.push(master);
    await waitForGreeting(this.#ports.starttls, master);
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

  #master(): string {
    const lines = (Object.keys(services) as Service[]).map(
      (name) => `127.0.0.1:${this.#ports[name]} inet n - n - - smtpd ${services[name]}`,
    );
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

function signal(pid: number): void {
  try {
    process.kill(pid, 'SIGTERM');
  } catch {} // it has ended
}
