/*
 * Every row of the table of refusals, played by a scripted server to a whole box: what is temporary
 * in meaning stays and says when it goes on, what is a person's to mend stays and says so, and what
 * is for good is a bounce in its sender's own maildrop. One box, with an uplink for each row.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { QueuedReport, UplinkReport } from '#control/types';
import { uplinkVerbs } from '#control/verbs/uplinks';
import type { RefusalRow } from '#provider/refusal-row';
import { refusalRows } from '#provider/refusals';
import { type Letter, type OutgoingBox, startOutgoingBox } from '../support/outgoing-box.ts';
import { type Asked, ScriptedSmtpServer, type Wish } from '../support/scripted-smtp-server.ts';

interface Played {
  readonly server: ScriptedSmtpServer;
  /** Of the uplink. */
  readonly name: string;
  /** The receipt's id of the one message. */
  readonly id: string;
}

let box: OutgoingBox;
let mail: string[];
/** How it stood when each message had been tried once, before anything was due again. */
let queued: QueuedReport[];
let uplinks: UplinkReport[];
const everything = new AsyncDisposableStack();
/** How often each server has refused, and when it did so last. */
const refused = new Map<ScriptedSmtpServer, { times: number; at: number }>();
const played = new Map<RefusalRow, Played>();

before(async () => {
  box = everything.use(await startOutgoingBox());
  await box.person('ann');
  const ways = new Map<RefusalRow, Omit<Played, 'id'>>();
  for (const rows of Map.groupBy(refusalRows, sharing).values()) {
    const way = await open(rows);
    for (const row of rows) ways.set(row, way);
  }
  // All are tried at the same time, so that none is due again before the last one has been tried.
  await box.command(['hold']);
  const ids = await box.submitAll(refusalRows.map(letter));
  await box.command(['release']);
  for (const [index, row] of refusalRows.entries()) {
    const [way, id] = [ways.get(row), ids[index]];
    assert.ok(way && id);
    played.set(row, { ...way, id });
  }
  // Taken in, and what came of it.
  for (const id of ids) await box.until(id, async () => (await box.why(id)).length > 1);
  mail = await box.until('all reports', async () => {
    const inbox = await box.inbox('ann');
    return inbox.length >= kind('never').length + kind('sign-in').length && inbox;
  });
  queued = await box.queued();
  uplinks = await box.command<UplinkReport[]>(['uplink', 'list']);
});

after(() => everything.disposeAsync());

/** What is about one message leaves the uplink as it is: such rows share one for each provider. */
function sharing({ name, means, example }: RefusalRow): string {
  const one = means.kind === 'later' || means.kind === 'never';
  return one ? `provider ${example.provider}` : name;
}

/** A server that refuses as the rows' examples do, and its uplink. */
async function open(rows: readonly RefusalRow[]): Promise<Omit<Played, 'id'>> {
  const [first] = rows;
  assert.ok(first);
  const users = { 'ann@example.org': 'secret' };
  const answer = (asked: Asked): Wish => {
    const said = refusal(asked, rows);
    if (said !== undefined) refused.set(server, { times: refusals(server) + 1, at: Date.now() });
    return said;
  };
  const script = { mechanisms: ['PLAIN'], users, answer };
  const server = everything.use(await ScriptedSmtpServer.listen(script));
  for (const row of rows) {
    await box.command(['address', 'add', 'ann', sender(row), '--outside']);
  }
  const name = first.name.slice(0, 32);
  const { provider } = first.example;
  await box.command(
    [
      ...['uplink', 'add', name, '--host', '127.0.0.1', '--port', `${server.port}`],
      ...['--security', 'none', '--user', 'ann@example.org'],
      ...rows.flatMap((row) => ['--for', sender(row)]),
      ...(provider === '' ? [] : ['--provider', provider]),
    ],
    'secret',
  );
  return { server, name };
}

const refusals = (server: ScriptedSmtpServer) => refused.get(server)?.times ?? 0;

const sender = ({ name }: RefusalRow) => `${name}@example.org`;

function letter(row: RefusalRow): Letter {
  const text = `From: ${sender(row)}\r\nSubject: ${row.name}\r\n\r\nHello.\r\n`;
  return { from: sender(row), to: ['eve@example.net'], text };
}

/** The row that is to be played is told by the sender of the message, where there are several. */
function refusal({ at, session }: Asked, rows: readonly RefusalRow[]): Wish {
  const last = session.commands.findLast((command) => command.startsWith('MAIL FROM:'));
  const one = rows.length === 1 ? rows[0] : rows.find((row) => last?.includes(`<${sender(row)}>`));
  if (one === undefined) return undefined;
  const { reply, to } = one.example;
  if (at !== (to === 'sign-in' ? 'auth' : to)) return undefined;
  const raw = `${reply}\r\n`;
  // RFC 5321 §3.8, §3.1: who says so hangs up.
  return to === 'greeting' || reply.startsWith('421') ? { raw, drop: 'end' } : { raw };
}

function of(row: RefusalRow): Played {
  const found = played.get(row);
  assert.ok(found);
  return found;
}

const kind = (wanted: RefusalRow['means']['kind']) =>
  refusalRows.filter(({ means }) => means.kind === wanted);

const lastWords = ({ example }: RefusalRow) =>
  example.reply
    .split('\r\n')
    .at(-1)
    ?.replace(/^\d{3}[ -](?:\d\.\d+\.\d+ +)?/, '') ?? '';

/** The bounce of a row's message, if there is one. */
const bounceOf = ({ name }: RefusalRow) =>
  mail.find((one) => one.includes(`\r\nSubject: Not delivered: ${name}\r\n`));

function waiting(row: RefusalRow): { attempts: number; nextAt: number; last: string } {
  const item = queued.find(({ id }) => id === of(row).id);
  const [recipient] = item?.recipients ?? [];
  assert.ok(recipient, 'it waits');
  const { attempts, nextAt = 0, last } = recipient;
  return { attempts, nextAt, last };
}

function uplinkOf(row: RefusalRow): UplinkReport {
  const found = uplinks.find(({ name }) => name === of(row).name);
  assert.ok(found);
  return found;
}

const refusedAt = (row: RefusalRow) => refused.get(of(row).server)?.at ?? 0;

describe('later: the message stays, and others may go', () => {
  for (const row of kind('later')) {
    test(row.name, async () => {
      assert.equal(bounceOf(row), undefined);
      const { attempts, nextAt, last } = waiting(row);
      assert.equal(attempts, 1);
      assert.ok(nextAt > refusedAt(row) + 20_000, 'by the schedule');
      assert.match(last, new RegExp(`^${of(row).name} answered \\d{3} `));
      assert.equal(uplinkOf(row).condition, 'well');
    });
  }
});

describe('quota: all its mail stays, and it is said when it resumes', () => {
  for (const row of kind('quota')) {
    test(row.name, async () => {
      assert.equal(bounceOf(row), undefined);
      const report = uplinkOf(row);
      assert.equal(report.condition, 'quota');
      const { resumes } = row.means as Extract<RefusalRow['means'], { kind: 'quota' }>;
      const at = new Date(report.nextAt ?? 0);
      assert.ok(at.getTime() > refusedAt(row));
      const clock = `${at.getHours()}`.padStart(2, '0') + `:${at.getMinutes()}`.padEnd(3, '0');
      if ('at' in resumes) assert.equal(clock, resumes.at);
      else assert.ok(at.getTime() <= Date.now() + resumes.afterMs);
      assert.match(inWords(report), /at its limit, resumes about (\d{4}-\d\d-\d\d )?\d\d:\d\d/);
      const { attempts, nextAt } = waiting(row);
      assert.equal(attempts, 0, 'it was no attempt of this message');
      assert.equal(nextAt, report.nextAt);
    });
  }
});

describe('pause: the uplink as a whole rests', () => {
  for (const row of kind('pause')) {
    test(row.name, async () => {
      assert.equal(bounceOf(row), undefined);
      const report = uplinkOf(row);
      assert.equal(report.condition, 'paused');
      assert.notEqual(report.say, '');
      assert.equal(waiting(row).attempts, 0);
    });
  }
});

describe('sign-in: a person is needed, and is told', () => {
  for (const row of kind('sign-in')) {
    test(row.name, async () => {
      assert.equal(bounceOf(row), undefined);
      assert.equal(uplinkOf(row).condition, 'sign-in');
      assert.equal(waiting(row).attempts, 0);
      const subject = `Subject: Your mail box cannot sign in at ${of(row).name}\r\n`;
      const notice = mail.find((one) => one.includes(subject));
      assert.ok(notice, 'she is told');
    });
  }
});

describe('never: a bounce in the maildrop of its sender, with what the server said', () => {
  for (const row of kind('never')) {
    test(row.name, async () => {
      const bounce = bounceOf(row);
      assert.ok(bounce, 'there is one');
      assert.equal(mail.filter((one) => one === bounce).length, 1);
      assert.match(bounce, /^Return-Path: <>\r\n/);
      assert.match(bounce, /\r\nAction: failed\r\nStatus: 5\.\d+\.\d+\r\n/);
      assert.match(bounce, /\r\nDiagnostic-Code: smtp; ?\d{3}/i);
      const flowing = bounce.replace(/\s+/g, ' ');
      assert.ok(flowing.includes(lastWords(row).replace(/\s+/g, ' ').trim()), flowing);
      assert.ok(!queued.some(({ id }) => id === of(row).id), 'it waits no more');
      assert.equal(uplinkOf(row).condition, 'well');
    });
  }
});

test('a flush asks no provider whose limit has a time, unless it is forced', async () => {
  const rows = kind('quota');
  const asked = () => rows.map((row) => refusals(of(row).server));
  assert.deepEqual(
    asked(),
    rows.map(() => 1),
  );
  await box.flush();
  assert.deepEqual(
    asked(),
    rows.map(() => 1),
  );
  await box.flush(undefined, '--force');
  assert.deepEqual(
    asked(),
    rows.map(() => 2),
  );
});

test('a limit is remembered over a restart', async () => {
  await box.box.restart('SIGKILL');
  for (const row of kind('quota')) {
    assert.equal((await box.uplinkReport(of(row).name)).condition, 'quota', row.name);
  }
});

function inWords(report: UplinkReport): string {
  const [, list] = uplinkVerbs;
  return list.render([report], { values: {}, flags: new Set() });
}
