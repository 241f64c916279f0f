/*
 * Postfix as a peer: Debian's binaries with a configuration, queue and data folder of their own,
 * on loopback, nothing chrooted, delivering to Maildir by virtual(8). Everything that decides
 * about speed and safety (fsync, process limits) is left as Postfix ships it, but for the limits
 * on message and mailbox size.
 */
import { chown, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  familyOf,
  freePort,
  type Memory,
  memoryOf,
  Program,
  peakResident,
  runProgram,
  waitForGreeting,
  waitUntil,
} from './processes.ts';
import { domain, type Receiver } from './rig.ts';

/** virtual(8) delivers as this user; any number that is not root's will do. */
const owner = 5000;

export class Postfix implements Receiver {
  readonly #folder: string;
  #smtpPort = 0;
  #program: Program | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  get smtpPort(): number {
    return this.#smtpPort;
  }

  async start(): Promise<void> {
    this.#smtpPort = await freePort();
    const configuration = join(this.#folder, 'etc');
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
    return memoryOf(familyOf(this.#running().pid));
  }

  peakResident(): number {
    return peakResident(familyOf(this.#running().pid));
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

  #running(): Program {
    if (this.#program === undefined) throw new Error('Postfix is not running');
    return this.#program;
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
