/*
 * Postfix as a peer: Debian's binaries with a configuration, queue and data folder of their own,
 * on loopback, nothing chrooted, delivering to Maildir by virtual(8). Everything that decides
 * about speed and safety (fsync, process limits) is left as Postfix ships it, but for the limits
 * on message and mailbox size.
 */
import { chown, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  freePort,
  type Memory,
  Program,
  runProgram,
  waitForGreeting,
  waitUntil,
} from './processes.ts';
import { domain, type Forwarder, type Receiver } from './rig.ts';

/** virtual(8) delivers as this user; any number that is not root's will do. */
const owner = 5000;

/** Where mail for other domains goes. */
export interface Relaying {
  readonly port: number;
  /** All mail that comes in is put on hold, as `postsuper -h` does. */
  readonly hold: boolean;
}

export class Postfix implements Receiver, Forwarder {
  readonly #folder: string;
  readonly #relaying: Relaying | undefined;
  #smtpPort = 0;
  #program: Program | undefined;

  constructor(folder: string, relaying?: Relaying) {
    this.#folder = folder;
    this.#relaying = relaying;
  }

  get smtpPort(): number {
    return this.#smtpPort;
  }

  async start(): Promise<void> {
    this.#smtpPort = await freePort();
    const configuration = this.#configuration;
    const mail = join(this.#folder, 'mail');
    for (const folder of [configuration, mail, join(this.#folder, 'queue')]) {
      await mkdir(folder, { recursive: true });
    }
    await chown(mail, owner, owner);
    await writeFile(join(configuration, 'main.cf'), this.#main());
    await writeFile(join(configuration, 'master.cf'), services(this.#smtpPort));
    await runProgram('/usr/sbin/postfix', ['-c', configuration, 'check']);
    this.#program = new Program('/usr/lib/postfix/sbin/master', ['-c', configuration, '-d']);
    await waitForGreeting(this.#smtpPort, this.#program);
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

  async settle(): Promise<void> {
    await waitUntil('an empty queue', async () => {
      for (const name of ['maildrop', 'incoming', 'active', 'deferred']) {
        const items = await readdir(join(this.#folder, 'queue', name), {
          recursive: true,
          withFileTypes: true,
        }).catch(() => []); // a file went away while it was listed
        if (items.some((item) => item.isFile())) return false;
      }
      return true;
    });
  }

  /** Held mail goes to the deferred queue, which waits for the next run of the queue. */
  async beforeDrain(): Promise<void> {
    await runProgram('/usr/sbin/postsuper', ['-c', this.#configuration, '-H', 'ALL']);
  }

  async drain(): Promise<void> {
    await runProgram('/usr/sbin/postqueue', ['-c', this.#configuration, '-f']);
    await this.settle();
  }

  get #configuration(): string {
    return join(this.#folder, 'etc');
  }

  #running(): Program {
    if (this.#program === undefined) throw new Error('Postfix is not running');
    return this.#program;
  }

  #main(): string {
    return `${relayingMain(this.#relaying)}
compatibility_level = 3.6
queue_directory = ${this.#folder}/queue
data_directory = ${this.#folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = bench.example.org
mydestination =
mynetworks = 127.0.0.0/8
alias_maps =
virtual_mailbox_domains = ${domain}
virtual_mailbox_base = ${this.#folder}/mail
virtual_mailbox_maps = static:inbox/
virtual_uid_maps = static:${owner}
virtual_gid_maps = static:${owner}
message_size_limit = 104857600
virtual_mailbox_limit = 0
smtpd_client_connection_count_limit = 0
biff = no
`.trimStart();
  }
}

function relayingMain(relaying: Relaying | undefined): string {
  if (relaying === undefined) return '';
  const hold = relaying.hold ? '\nsmtpd_client_restrictions = check_client_access static:HOLD' : '';
  return `
relayhost = [127.0.0.1]:${relaying.port}
smtp_host_lookup = native${hold}`;
}

function services(port: number): string {
  return `
127.0.0.1:${port} inet n - n - - smtpd
pickup    unix  n - n 60   1 pickup
cleanup   unix  n - n -    0 cleanup
qmgr      unix  n - n 300  1 qmgr
rewrite   unix  - - n -    - trivial-rewrite
bounce    unix  - - n -    0 bounce
defer     unix  - - n -    0 bounce
trace     unix  - - n -    0 bounce
verify    unix  - - n -    1 verify
flush     unix  n - n 1000? 0 flush
proxymap  unix  - - n -    - proxymap
smtp      unix  - - n -    - smtp
relay     unix  - - n -    - smtp
showq     unix  n - n -    - showq
error     unix  - - n -    - error
retry     unix  - - n -    - error
virtual   unix  - n n -    - virtual
anvil     unix  - - n -    1 anvil
scache    unix  - - n -    1 scache
`.trimStart();
}
