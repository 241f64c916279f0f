/*
 * Postfix's smtp-sink as a provider with every fault it can play: it hangs up, puts off or refuses
 * at each command, is slow, or speaks an older language. Each message arrives, stays, or goes back
 * to its sender; when the fault is over, what stayed arrives.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chown, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { UplinkReport } from '#control/types';
import { freePort, Program, waitUntil } from '../../../scripts/bench/processes.ts';
import { type OutgoingBox, startOutgoingBox } from '../../support/outgoing-box.ts';
import { missingProgram } from '../../support/programs.ts';

interface Fault {
  readonly words: readonly string[];
  /** `either`: each message stays, or is returned. */
  readonly becomes: 'sent' | 'returned' | 'stays' | 'either';
  /** Of the uplink, when mail stays. */
  readonly condition?: UplinkReport['condition'];
}

const stays = (...words: string[]): Fault => ({ words, becomes: 'stays', condition: 'paused' });
const putsOff = (...words: string[]): Fault => ({ words, becomes: 'stays', condition: 'well' });
const sends = (...words: string[]): Fault => ({ words, becomes: 'sent' });
const returns = (...words: string[]): Fault => ({ words, becomes: 'returned' });
const staysOrReturns = (...words: string[]): Fault => ({ words, becomes: 'either' });
const noSuchUser = ['-B', '550 5.1.1 No such user'];

const faults: readonly Fault[] = [
  sends(),
  // Hangs up.
  ...['CONNECT', 'EHLO', 'MAIL', 'RCPT', 'DATA', '.'].map((at) => stays('-q', at)),
  sends('-q', 'QUIT'),
  // Says 421 and hangs up.
  ...['CONNECT', 'EHLO', 'MAIL', 'RCPT', 'DATA', '.'].map((at) => stays('-Q', at)),
  // Not now.
  stays('-r', 'CONNECT'),
  ...['MAIL', 'RCPT', 'DATA', '.'].map((at) => putsOff('-r', at)),
  sends('-r', 'QUIT'),
  // Never: but 500 to a command that every server has is a slip of the moment.
  stays('-f', 'CONNECT'),
  ...['MAIL', 'RCPT', 'DATA'].map((at) => putsOff('-f', at)),
  returns('-f', '.'),
  ...['MAIL', 'RCPT', 'DATA', '.'].map((at) => returns('-f', at, ...noSuchUser)),
  sends('-f', 'RSET'),
  // Refuses in the middle of the message; at once behind 354, and hangs up. Whether the box hears
  // the refusal before it meets the end of the connection is chance.
  returns('-A', '1'),
  staysOrReturns('-A', '0'),
  // Older languages, and slow ones.
  sends('-f', 'EHLO'),
  sends('-e'),
  sends('-P'),
  sends('-8', '-N', '-E', '-p'),
  sends('-h', 'a.very.odd-host.example'),
  sends('-w', '1'),
  sends('-H', '1'),
];

const messages = 4;

interface Played {
  readonly fault: Fault;
  readonly name: string;
  readonly port: number;
  readonly dumps: string;
  readonly ids: string[];
  program: Program;
}

const skip = missingProgram('smtp-sink') ?? false;

describe('smtp-sink as provider', { skip }, () => {
  let box: OutgoingBox;
  let folder: string;
  const played: Played[] = [];

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'restante-sink-'));
    box = await startOutgoingBox();
    await box.person('ann');
    played.push(...(await Promise.all(faults.map(open))));
    for (const one of played) {
      await box.command(['address', 'add', 'ann', senderOf(one), '--outside']);
      await box.uplink(one.name, one.port, '--for', senderOf(one), '--connections', '2');
    }
    const letters = played.flatMap((one) => Array.from({ length: messages }, () => one));
    const ids = await box.submitAll(
      letters.map((one, index) => ({
        from: senderOf(one),
        to: ['eve@example.net'],
        text: `Subject: ${one.name} ${index}.\r\n\r\n.Hello.\r\n..\r\n`,
      })),
    );
    for (const [index, one] of letters.entries()) one.ids.push(ids[index] ?? '');
  });

  after(async () => {
    await box?.[Symbol.asyncDispose]();
    for (const { program } of played) await program.stop();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });

  async function open(fault: Fault, index: number): Promise<Played> {
    const name = `sink${index}`;
    const dumps = join(folder, name);
    await mkdir(dumps);
    const port = await freePort();
    const program = await sink(port, dumps, fault.words);
    return { fault, name, port, dumps, ids: [], program };
  }

  /** Run by root, it wants to be somebody else. */
  async function sink(port: number, dumps: string, words: readonly string[]): Promise<Program> {
    const { uid } = userInfo();
    if (uid === 0) {
      await chown(folder, 65_534, 65_534);
      await chown(dumps, 65_534, 65_534);
    }
    const who = uid === 0 ? ['-u', 'nobody'] : [];
    const place = [`127.0.0.1:${port}`, '100'];
    const all = [...who, ...words, '-d', join(dumps, 'm.'), ...place];
    const program = new Program('/usr/sbin/smtp-sink', all);
    await waitUntil(`port ${port}`, () => {
      if (!program.running) throw new Error(program.output);
      return listens(port);
    });
    return program;
  }

  /** Which of its messages are there, by the number in their subjects. */
  async function arrived({ dumps }: Played): Promise<Set<string>> {
    const texts = await Promise.all(
      (await readdir(dumps)).map((name) => readFile(join(dumps, name), 'latin1')),
    );
    // One that was cut off before its end is no message.
    const whole = texts.filter((text) => /\n\.Hello\.\n\.\.\n+$/.test(text));
    return new Set(whole.flatMap((text) => /^Subject: \S+ (\d+)\.$/m.exec(text)?.[1] ?? []));
  }

  async function returned({ name }: Played): Promise<number> {
    const subject = new RegExp(`^Subject: Not delivered: ${name} \\d+\\.\\r$`, 'm');
    return (await box.inbox('ann')).filter((mail) => subject.test(mail)).length;
  }

  const waitingOf = async ({ name }: Played) => (await box.uplinkReport(name)).waiting;

  for (const [index, { words, becomes, condition }] of faults.entries()) {
    test(`${words.join(' ') || 'no fault'}: ${becomes}`, async () => {
      const one = played[index];
      assert.ok(one);
      if (becomes === 'stays') {
        for (const id of one.ids.slice(0, 1)) {
          await box.until('a try', async () => (await box.why(id)).length > 1);
        }
        if (condition === 'paused') await box.untilCondition(one.name, 'paused');
        assert.equal(await waitingOf(one), messages);
      } else if (becomes === 'either') {
        for (const id of one.ids) {
          await box.until('a try', async () => (await box.why(id)).length > 1);
        }
        await box.until('all of them', async () => {
          return (await returned(one)) + (await waitingOf(one)) === messages;
        });
        return;
      } else {
        await box.until('its end', async () => (await waitingOf(one)) === 0);
      }
      assert.equal(await returned(one), becomes === 'returned' ? messages : 0);
      if (becomes === 'sent') assert.equal((await arrived(one)).size, messages);
    });
  }

  test('when the fault is over, what stayed arrives, and nothing is lost', async () => {
    const ill = played.filter(({ fault }) => /^(stays|either)$/.test(fault.becomes));
    await Promise.all(
      ill.map(async (one) => {
        await one.program.stop();
        await rm(one.dumps, { recursive: true });
        await mkdir(one.dumps);
        one.program = await sink(one.port, one.dumps, []);
      }),
    );
    const report = await box.flush();
    assert.deepEqual([report.untried, report.later, report.gaveUp], [0, 0, 0]);
    await box.untilEmpty();
    for (const one of ill) {
      const left = messages - (await returned(one));
      assert.equal((await arrived(one)).size, left, one.fault.words.join(' '));
      assert.equal((await box.uplinkReport(one.name)).condition, 'well');
    }
  });
});

function senderOf({ name }: Played): string {
  return `${name}@example.org`;
}

/** It takes connections, whether or not it greets. */
async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const answer = await Promise.race([
    once(socket, 'connect').then(() => true),
    once(socket, 'error').then(() => false),
  ]).catch(() => false);
  socket.destroy();
  return answer;
}
