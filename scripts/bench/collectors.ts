/*
 * Those who collect a mailbox from a provider: fetchmail, getmail6 and Restante, each the quickest
 * safe way. fetchmail hands each message to a program (mda) that writes it into a Maildir: of
 * three ways that was the quickest (README.md). getmail6 writes its Maildir itself, and never does
 * that as root. All keep the mail at the provider, and have it on disk, fsynced, when they are
 * done.
 */
import { chown, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SourceReport } from '#control/types';
import { type Memory, memoryOf, Program, peakResident } from './processes.ts';
import { Restante } from './restante.ts';
import { login, password, type Server } from './rig.ts';

export type Protocol = 'pop3' | 'imap';

/** Where mail is collected from. */
export interface Provider {
  readonly protocol: Protocol;
  readonly port: number;
  readonly user: string;
}

/** For one collection into a folder of its own. */
export interface Collector extends Server {
  /** Everything that is there. */
  collect(provider: Provider): Promise<void>;
  /** Messages that it holds afterwards. */
  count(): Promise<number>;
}

export type MakeCollector = (folder: string) => Collector;

/** Who must not be root runs as this user. */
const nobody = 65534;

export class Fetchmail implements Collector {
  readonly #folder: string;
  #program: Program | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** It runs only while it collects. */
  async start(): Promise<void> {
    const mail = join(this.#folder, 'mail');
    for (const folder of [mail, join(mail, 'new'), join(mail, 'tmp')]) await mkdir(folder);
    await writeFile(join(this.#folder, 'deliver'), deliverer(mail), { mode: 0o700 });
  }

  async stop(): Promise<void> {
    await this.#program?.stop();
  }

  async collect({ protocol, port, user }: Provider): Promise<void> {
    const rc = join(this.#folder, 'fetchmailrc');
    const lines = [
      'set no bouncemail',
      `poll 127.0.0.1 protocol ${protocol} port ${port} ${protocol === 'pop3' ? 'uidl' : ''}`,
      `user "${user}" password "${password}" fetchall keep sslproto ''`,
      `mda "${join(this.#folder, 'deliver')}"`,
    ];
    await writeFile(rc, `${lines.join('\n')}\n`, { mode: 0o600 });
    const files = ['--idfile', join(this.#folder, 'ids'), '--pidfile', join(this.#folder, 'pid')];
    const words = ['--nosyslog', '--silent', '-f', rc, ...files];
    this.#program = new Program('/usr/bin/fetchmail', words, { cwd: this.#folder });
    await this.#program.ended();
  }

  count(): Promise<number> {
    return countFiles(join(this.#folder, 'mail/new'));
  }

  memory(): Memory {
    return memoryOf(pidsOf(this.#program));
  }

  peakResident(): number {
    return peakResident(pidsOf(this.#program));
  }
}

/** Reads a message and answers when it is in the Maildir and fsynced. */
function deliverer(maildir: string): string {
  return `#!/bin/sh
read -r now rest </proc/uptime
name=$now.$$
cat >${maildir}/tmp/$name &&
  mv ${maildir}/tmp/$name ${maildir}/new/$name &&
  exec sync ${maildir}/new/$name ${maildir}/new
`;
}

export class Getmail implements Collector {
  readonly #folder: string;
  #program: Program | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** It runs only while it collects. */
  async start(): Promise<void> {
    for (const name of ['state', 'Maildir', 'Maildir/cur', 'Maildir/new', 'Maildir/tmp']) {
      const folder = join(this.#folder, name);
      await mkdir(folder, { recursive: true });
      await chown(folder, nobody, nobody);
    }
  }

  async stop(): Promise<void> {
    await this.#program?.stop();
  }

  async collect({ protocol, port, user }: Provider): Promise<void> {
    const rc = join(this.#folder, 'getmailrc');
    const lines = [
      '[retriever]',
      `type = Simple${protocol.toUpperCase()}Retriever`,
      'server = 127.0.0.1',
      `port = ${port}`,
      `username = ${user}`,
      `password = ${password}`,
      '[destination]',
      'type = Maildir',
      `path = ${this.#folder}/Maildir/`,
      '[options]',
      'delete = false',
      'read_all = false',
      'verbose = 0',
    ];
    await writeFile(rc, `${lines.join('\n')}\n`);
    this.#program = new Program(
      '/usr/bin/getmail',
      ['--getmaildir', join(this.#folder, 'state'), '--rcfile', rc],
      {
        ...{ cwd: this.#folder, uid: nobody, gid: nobody },
        env: { ...process.env, HOME: this.#folder },
      },
    );
    await this.#program.ended();
  }

  count(): Promise<number> {
    return countFiles(join(this.#folder, 'Maildir/new'));
  }

  memory(): Memory {
    return memoryOf(pidsOf(this.#program));
  }

  peakResident(): number {
    return peakResident(pidsOf(this.#program));
  }
}

export class CollectingRestante extends Restante implements Collector {
  #isNew = true;

  override async start(): Promise<void> {
    await super.start();
    if (this.#isNew) await this.addAccounts(1);
    this.#isNew = false;
  }

  async collect(provider: Provider): Promise<void> {
    await this.addSource(provider);
    await this.command('source collect isp');
  }

  async count(): Promise<number> {
    const sources = (await this.command('source list')) as SourceReport[];
    return sources.reduce((sum, { messages }) => sum + messages, 0);
  }

  async addSource({ protocol, port, user }: Provider): Promise<void> {
    const place = `--host 127.0.0.1 --port ${port} --security none --user ${user}`;
    await this.command(
      `source add isp --account ${login(0)} --protocol ${protocol} ${place} --since all`,
      password,
    );
  }
}

/** getmail6 at times misses the end of its own child, stands still for a minute, and gives up.
 * Such a collection is not counted, but done anew. */
export async function undisturbed<T>(collection: () => Promise<T>): Promise<T> {
  for (let left = 2; left > 0; left -= 1) {
    try {
      return await collection();
    } catch (error) {
      if (!String(error).includes('waiting child')) throw error;
      console.error('getmail6 waited in vain for its child; once more');
    }
  }
  return collection();
}

function pidsOf(program: Program | undefined): readonly number[] {
  return program?.running ? [program.pid] : [];
}

async function countFiles(folder: string): Promise<number> {
  return (await readdir(folder)).length;
}
