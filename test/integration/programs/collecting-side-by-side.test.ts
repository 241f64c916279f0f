/*
 * fetchmail, getmail6 and the box collect from mailboxes of the same kind and get the same
 * treatment: connections cut after the same numbers of octets, and SIGKILL at random moments. What
 * is counted is what came twice, what never came, and what came in pieces. Only the box has to be
 * perfect; the figures of the others are told, as they are what people have today.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { asItWas, letters, mailAt, tally } from '../../support/collecting.ts';
import { CompiledFirmware } from '../../support/compiled-firmware.ts';
import { CuttingProxy } from '../../support/cutting-proxy.ts';
import { type OutgoingBox, startOutgoingBox } from '../../support/outgoing-box.ts';
import { missingProgram } from '../../support/programs.ts';
import {
  missingDovecot,
  ProviderDovecot,
  providerPassword,
} from '../../support/provider-dovecot.ts';
import { SeededRandom } from '../../support/seeded-random.ts';

/** How often each is cut and killed. getmail6 takes two seconds for a connection that was cut. */
const times: Readonly<Record<string, { readonly cuts: number; readonly kills: number }>> = {
  fetchmail: { cuts: 20, kills: 10 },
  getmail6: { cuts: 6, kills: 6 },
  Restante: { cuts: 20, kills: 8 },
};
/** SIDE_BY_SIDE=5 does everything five times as often, for the figures in
 * scripts/bench/README.md. */
const often = Number(process.env['SIDE_BY_SIDE'] ?? 1);
const fresh = 10;
const missing = missingDovecot() ?? missingProgram('fetchmail') ?? missingProgram('getmail');

/** Somebody who collects, keeping what is there. */
interface Collector {
  /** Once. Resolves when it has ended, well or not. */
  collect(port: number): Promise<void>;
  /** SIGKILL, while it collects. */
  kill(): Promise<void>;
  /** What it has, as it came from the source. */
  mail(): Promise<Buffer[]>;
}

type Make = (folder: string, port: number) => Promise<Collector & AsyncDisposable>;

const collectors: Readonly<Record<string, Make>> = {
  fetchmail: async (folder) => new Fetchmail(folder),
  getmail6: async (folder) => new Getmail(folder),
  Restante: async () => OurBox.start(),
};

for (const [name, make] of Object.entries(collectors)) {
  const cuts = often * (times[name]?.cuts ?? 0);
  const kills = often * (times[name]?.kills ?? 0);
  test(`${name}, when connections are cut`, { skip: missing ?? false }, (context) =>
    withMailbox(make, async (dovecot, collector, sent) => {
      const random = new SeededRandom('side by side');
      await using proxy = await CuttingProxy.listen(dovecot.port('pop3'), () =>
        cutting ? 1 + random.below(60_000) : Number.POSITIVE_INFINITY,
      );
      let cutting = true;
      for (let round = 0; proxy.cuts < cuts; round += 1) {
        assert.ok(round < 20 * cuts, 'it connects');
        await more(dovecot, sent, `cut-${round}-`);
        await collector.collect(proxy.port);
      }
      cutting = false;
      await collector.collect(proxy.port);
      await report(context, `${name}, ${proxy.cuts} cuts`, collector, sent);
    }),
  );

  test(`${name}, when it is killed`, { skip: missing ?? false }, (context) =>
    withMailbox(make, async (dovecot, collector, sent) => {
      const port = dovecot.port('pop3');
      const began = performance.now();
      await more(dovecot, sent, 'first-');
      await collector.collect(port);
      const usual = performance.now() - began;
      for (let round = 0; round < kills; round += 1) {
        await more(dovecot, sent, `kill-${round}-`);
        const collecting = collector.collect(port);
        await pause(Math.random() * usual);
        await collector.kill();
        await collecting;
      }
      await collector.collect(port);
      await report(context, `${name}, ${kills} kills`, collector, sent);
    }),
  );
}

async function withMailbox(
  make: Make,
  use: (dovecot: ProviderDovecot, collector: Collector, sent: Buffer[]) => Promise<void>,
): Promise<void> {
  await using dovecot = await ProviderDovecot.open();
  const folder = await mkdtemp(join(tmpdir(), 'side-by-side-'));
  try {
    await dovecot.fill('ann', []);
    await using collector = await make(folder, dovecot.port('pop3'));
    await use(dovecot, collector, []);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function more(dovecot: ProviderDovecot, sent: Buffer[], prefix: string): Promise<void> {
  const some = letters(prefix, fresh);
  await dovecot.fill('ann', some);
  sent.push(...some);
}

async function report(
  context: TestContext,
  who: string,
  collector: Collector,
  sent: readonly Buffer[],
): Promise<void> {
  const mail = await collector.mail();
  if (collector instanceof OurBox) {
    const { missing: lost, doubled, strange } = tally(mail, sent);
    assert.deepEqual({ lost, doubled, strange }, { lost: [], doubled: [], strange: [] });
  }
  context.diagnostic(`${who}: of ${sent.length} letters ${inWords(mail, sent)}`);
}

/** getmail and fetchmail write header fields anew, so a letter counts when its end is there. */
function inWords(mail: readonly Buffer[], sent: readonly Buffer[]): string {
  const whole = new Map<string, number>();
  let pieces = 0;
  for (const one of mail) {
    const text = one.toString('latin1');
    const mark = markOf(text);
    if (!text.trimEnd().endsWith(`the end of ${mark}`)) pieces += 1;
    else whole.set(mark, (whole.get(mark) ?? 0) + 1);
  }
  const lost = sent.filter((one) => !whole.has(markOf(one.toString('latin1')))).length;
  const doubles = [...whole.values()].reduce((sum, times) => sum + times - 1, 0);
  return `${lost} lost, ${doubles} doubled, ${pieces} in pieces`;
}

function markOf(text: string): string {
  return /^Subject: (.*)\r$/m.exec(text)?.[1] ?? '';
}

/** A program that is started for each collection. */
abstract class Program implements Collector, AsyncDisposable {
  readonly folder: string;
  #child: ReturnType<typeof spawn> | undefined;

  constructor(folder: string) {
    this.folder = folder;
  }

  abstract collect(port: number): Promise<void>;

  async kill(): Promise<void> {
    this.#child?.kill('SIGKILL');
  }

  protected async run(program: string, words: readonly string[]): Promise<void> {
    const env = { ...process.env, HOME: this.folder, LC_ALL: 'C.UTF-8' };
    const child = spawn(program, words, {
      cwd: this.folder,
      env,
      stdio: 'ignore',
      timeout: 60_000,
    });
    this.#child = child;
    await once(child, 'close');
  }

  /** A program that writes each message into a file of its own. Written once: one that is killed
   * may leave it running. */
  protected async deliverer(): Promise<string> {
    const path = join(this.folder, 'deliver');
    const made = await mkdir(join(this.folder, 'mail'), { recursive: true });
    if (made === undefined) return path;
    const script = `#!/bin/sh\ncat >"$(mktemp ${join(this.folder, 'mail', 'XXXXXXXX')})"\n`;
    await writeFile(path, script, { mode: 0o700 });
    return path;
  }

  async mail(): Promise<Buffer[]> {
    const folder = join(this.folder, 'mail');
    const names = await readdir(folder).catch(() => []);
    return Promise.all(
      names.map(async (name) => {
        const text = await readFile(join(folder, name), 'latin1');
        return Buffer.from(text.replace(/\r?\n/g, '\r\n'), 'latin1');
      }),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}

class Fetchmail extends Program {
  async collect(port: number): Promise<void> {
    const deliver = await this.deliverer();
    const lines = [
      'set no bouncemail',
      'set invisible',
      `poll 127.0.0.1 protocol pop3 port ${port} uidl`,
      `user "ann" password "${providerPassword}" keep no rewrite sslproto '' mda "${deliver}"`,
    ];
    const rc = join(this.folder, 'fetchmailrc');
    await writeFile(rc, `${lines.join('\n')}\n`, { mode: 0o600 });
    await rm(join(this.folder, 'pid'), { force: true }); // of one that was killed
    const files = ['--idfile', join(this.folder, 'ids'), '--pidfile', join(this.folder, 'pid')];
    await this.run('fetchmail', ['--nosyslog', '-f', rc, ...files]);
  }
}

class Getmail extends Program {
  async collect(port: number): Promise<void> {
    await mkdir(join(this.folder, 'getmail'), { recursive: true });
    const lines = [
      '[retriever]',
      'type = SimplePOP3Retriever',
      'server = 127.0.0.1',
      `port = ${port}`,
      'username = ann',
      `password = ${providerPassword}`,
      'timeout = 10',
      '[destination]',
      'type = MDA_external',
      `path = ${await this.deliverer()}`,
      'allow_root_commands = true',
      '[options]',
      'read_all = false',
      'delete = false',
      'delivered_to = false',
      'received = false',
    ];
    const rc = join(this.folder, 'getmailrc');
    await writeFile(rc, `${lines.join('\n')}\n`, { mode: 0o600 });
    await this.run('getmail', ['--getmaildir', join(this.folder, 'getmail'), '--rcfile', rc]);
  }
}

class OurBox implements Collector, AsyncDisposable {
  readonly #firmware: CompiledFirmware;
  readonly #box: OutgoingBox;
  #port = 0;

  private constructor(firmware: CompiledFirmware, box: OutgoingBox) {
    this.#firmware = firmware;
    this.#box = box;
  }

  static async start(): Promise<OurBox> {
    const firmware = await CompiledFirmware.make();
    return new OurBox(firmware, await startOutgoingBox({ dist: firmware.dist }));
  }

  async collect(port: number): Promise<void> {
    if (this.#port !== port) await this.#addSource(port);
    await this.#box.tried(['source', 'collect', 'isp']).catch(() => {}); // it may be killed over it
  }

  async kill(): Promise<void> {
    await this.#box.box.restart('SIGKILL');
  }

  async mail(): Promise<Buffer[]> {
    return (await mailAt(this.#box.box.ports.pop3, 'ann')).map(asItWas);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#box[Symbol.asyncDispose]();
    await this.#firmware[Symbol.asyncDispose]();
  }

  async #addSource(port: number): Promise<void> {
    this.#port = port;
    await this.#box.person('ann');
    await this.#box.command(
      [
        ...[
          'source',
          'add',
          'isp',
          '--account',
          'ann',
          '--protocol',
          'pop3',
          '--host',
          '127.0.0.1',
        ],
        ...['--port', `${port}`, '--security', 'none', '--user', 'ann', '--since', 'all'],
      ],
      providerPassword,
    );
  }
}
