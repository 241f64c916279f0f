/*
 * Where the tests of this folder drive real mail programs: one box, and a home folder that is all
 * a program knows of its user, so that nobody's own settings take part. Gone when the file's tests
 * are over.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BoxOptions, startBox, type TestBox } from '../../support/box.ts';
import { NetPeer } from '../../support/net-peer.ts';

/** No program here takes longer than this (ms) unless it hangs. */
const patience = 120_000;

/** A program that has ended. */
export interface Ran {
  readonly status: number | null;
  readonly stdout: Buffer;
  /** Standard output and error, for people and for matching. */
  readonly said: string;
}

export interface Errand {
  readonly input?: string | Buffer;
  readonly env?: Readonly<Record<string, string>>;
  /** The program is killed as soon as what it says matches. */
  readonly killedAt?: RegExp;
}

export async function openTestbed(set: BoxOptions['set'] = {}): Promise<Testbed> {
  const home = await mkdtemp(join(tmpdir(), 'programs-'));
  return new Testbed(await startBox({ set }), home);
}

export class Testbed {
  readonly box: TestBox;
  readonly home: string;

  constructor(box: TestBox, home: string) {
    this.box = box;
    this.home = home;
  }

  /** Ends the box; fails when it has found a defect in itself meanwhile, whoever noticed. */
  async close(): Promise<void> {
    const defects = this.box.log.filter((line) => line.includes('A defect in Restante'));
    await this.box[Symbol.asyncDispose]();
    await rm(this.home, { recursive: true, force: true });
    assert.deepEqual(defects, []);
  }

  /** A file in the home folder that only its owner may read, as programs want it for passwords. */
  async write(name: string, octets: string | Buffer): Promise<string> {
    const path = this.path(name);
    await writeFile(path, octets, { mode: 0o600 });
    return path;
  }

  path(name: string): string {
    return join(this.home, name);
  }

  /** Runs a program until it ends. */
  async run(program: string, words: readonly string[], errand: Errand = {}): Promise<Ran> {
    const env = { ...process.env, HOME: this.home, LC_ALL: 'C.UTF-8', ...errand.env };
    const child = spawn(program, words, { cwd: this.home, env, timeout: patience });
    const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
    let heard = '';
    const hear = (into: Buffer[]) => (octets: Buffer) => {
      into.push(octets);
      if (errand.killedAt === undefined) return;
      heard += octets.toString('latin1');
      if (errand.killedAt.test(heard)) child.kill('SIGKILL');
    };
    child.stdout.on('data', hear(stdout));
    child.stderr.on('data', hear(stderr));
    child.stdin.on('error', () => {});
    child.stdin.end(errand.input ?? '');
    const [status] = await once(child, 'close');
    const said = Buffer.concat([...stdout, ...stderr]).toString('latin1');
    return { status, stdout: Buffer.concat(stdout), said };
  }

  /**
   * Hands a message in, exactly these octets: by BDAT (RFC 3030), which changes nothing, so that
   * even bare line ends come to lie in the store.
   */
  async deliver(to: string, octets: Buffer): Promise<void> {
    const peer = await NetPeer.dial(this.box.ports.smtp);
    await peer.hear('220 ');
    peer.say(`EHLO test.example\r\nMAIL FROM:<world@example.com>\r\nRCPT TO:<${to}>\r\n`);
    await peer.hear('250 2.1.5');
    peer.say(`BDAT ${octets.length} LAST\r\n`);
    peer.socket.write(octets);
    await peer.hear('250 2.0.0');
    peer.say('QUIT\r\n');
    await peer.hearEnd();
  }

  /** STAT's answer to somebody who has just signed in: messages and octets. */
  async stat(name: string, password: string): Promise<{ messages: number; octets: number }> {
    const peer = await NetPeer.dial(this.box.ports.pop3);
    peer.say(`USER ${name}\r\nPASS ${password}\r\nSTAT\r\nQUIT\r\n`);
    const [, messages, octets] = /^\+OK (\d+) (\d+)\r$/m.exec(await peer.hearEnd()) ?? [];
    return { messages: Number(messages), octets: Number(octets) };
  }
}
