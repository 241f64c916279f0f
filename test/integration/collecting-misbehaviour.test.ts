/*
 * Whole boxes at sources that flood, lie, lose count and fall silent: memory stays small, what can
 * come comes once, and what is too large is told once.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertAre, letters } from '../support/collecting.ts';
import { folderOf, numbersOf } from '../support/scripted-imap-folder.ts';
import { ScriptedImapServer, usualCapabilities } from '../support/scripted-imap-server.ts';
import { ScriptedPop3Server, type SourceMessage } from '../support/scripted-pop3-server.ts';
import { type SourceBox, sourcePassword, startSourceBox } from '../support/source-box.ts';

const users = { ann: sourcePassword };
/** MB above what it had; a large message or an endless listing would need many times as much. */
const headroom = 60;
const quiet = usualCapabilities.filter((word) => word !== 'IDLE');

function uids(texts: readonly (string | Buffer)[], prefix = 'uid'): SourceMessage[] {
  return texts.map((octets, index) => ({ uid: `${prefix}${index}`, octets }));
}

/** Fails when the box has grown by what the source threw. */
async function bounded<T>(box: SourceBox, job: () => Promise<T>): Promise<T> {
  const before = await box.peak();
  const done = await job();
  const more = (await box.peak()) - before;
  assert.ok(more < headroom, `${Math.round(before)} MB, and ${Math.round(more)} MB more`);
  return done;
}

test('a POP3 listing that never ends', async () => {
  let isMad = true;
  let number = 0;
  const rows = function* () {
    yield '+OK all of it\r\n';
    for (;;) {
      let page = '';
      for (let row = 0; row < 1_000; row += 1) {
        number += 1;
        page += `${number} ${'u'.repeat(50)}${number}\r\n`;
      }
      yield page;
    }
  };
  await using server = await ScriptedPop3Server.listen({
    messages: uids(letters('a', 3)),
    answer: ({ at }) => (at === 'uidl' && isMad ? { stream: rows() } : undefined),
  });
  await using box = await startSourceBox();
  const look = await bounded(box, async () => {
    await box.add('isp', { protocol: 'pop3', port: server.port });
    return box.collect('isp');
  });
  assert.equal(look.works, false);
  assert.match(look.say, /broke|more/);
  assert.equal((await box.sourceReport('isp')).condition, 'unreachable');
  // When it has come to its senses, all comes.
  isMad = false;
  assert.equal((await box.collect('isp')).collected, 3);
});

test('an IMAP listing that never ends', async () => {
  let isMad = true;
  let uid = 0;
  const flood = () => {
    let page = '';
    for (let row = 0; row < 500; row += 1) {
      uid += 1;
      page += `* ${uid} FETCH (UID ${uid} RFC822.SIZE 7)\r\n`;
    }
    return page;
  };
  await using server = await ScriptedImapServer.listen({
    users,
    folders: { INBOX: folderOf(letters('a', 3)) },
    answer: ({ line }) => (line.includes('RFC822.SIZE') && isMad ? { flood } : undefined),
  });
  await using box = await startSourceBox();
  const look = await bounded(box, async () => {
    await box.add('isp', { protocol: 'imap', port: server.port });
    return box.collect('isp');
  });
  assert.equal(look.works, false);
  assert.equal((await box.sourceReport('isp')).condition, 'unreachable');
  isMad = false;
  assert.equal((await box.collect('isp')).collected, 3);
});

test('sizes that lie both ways', async () => {
  const honest = letters('a', 6);
  const lies = [0, 1, 99_999_999, 500, 3, 70_000];
  const messages = uids(honest).map((one, index) => ({ ...one, listed: lies[index] ?? 0 }));
  await using pop3 = await ScriptedPop3Server.listen({ messages });
  const folder = folderOf([]);
  folder.messages = honest.map((octets, index) => {
    return { uid: index + 1, octets, size: lies[index] ?? 0 };
  });
  folder.uidNext = 7;
  await using imap = await ScriptedImapServer.listen({ users, folders: { INBOX: folder } });
  await using box = await startSourceBox({ set: { 'collect.largest': '100M' } });
  await box.person('bob');
  await box.add('one', { protocol: 'pop3', port: pop3.port });
  await box.add('two', { protocol: 'imap', port: imap.port }, ['--account', 'bob']);
  for (const name of ['one', 'two', 'one', 'two']) {
    const { works, say } = await box.collect(name);
    assert.ok(works, say);
  }
  assertAre((await box.mail()).collected, honest);
  assertAre((await box.mail('bob')).collected, honest);
});

/** 200 MB of a letter that is never there as a whole. */
function* huge(prefix: string, megabytes: number): Generator<string> {
  yield `${prefix}From: Carla <carla@example.net>\r\nSubject: All the photos\r\n\r\n`;
  const piece = `${'photo'.repeat(15)}\r\n`.repeat(13_618);
  for (let sent = 0; sent < megabytes; sent += 1) yield piece;
}

const large = 200 * 77 * 13_618;

test('a message of 200 MB: told once; collected in little memory when the limit allows it', {
  timeout: 300_000,
}, async () => {
  let offersTop = true;
  await using server = await ScriptedPop3Server.listen({
    messages: [
      { uid: 'small', octets: 'Subject: small\r\n\r\nx\r\n' },
      { uid: 'huge', octets: '', listed: large },
    ],
    answer({ at, number }) {
      if (number !== 2) return undefined;
      const header = 'From: Carla <carla@example.net>\r\nSubject: All the photos\r\n\r\n';
      if (at === 'top') return offersTop ? { raw: `+OK\r\n${header}.\r\n` } : '-ERR no';
      if (at !== 'retr') return undefined;
      return {
        stream: (function* () {
          yield* huge('+OK here it comes\r\n', 200);
          yield '.\r\n';
        })(),
      };
    },
  });
  await using box = await startSourceBox();
  await box.add('isp', { protocol: 'pop3', port: server.port });
  await bounded(box, () => box.collect('isp'));
  await box.collect('isp');
  await box.box.restart();
  offersTop = false;
  await box.collect('isp');
  const { notices } = await box.mail();
  assert.equal(notices.length, 1);
  for (const word of [/carla@example\.net/, /All the photos/, /200 MB/]) {
    assert.match(notices[0] ?? '', word);
  }
  await box.command(['settings', 'set', 'collect.largest', '300M']);
  const came = await bounded(box, () => box.collect('isp'));
  assert.equal(came.collected, 1, came.say);
  assert.equal((await box.collect('isp')).collected, 0);
});

test('a message that turns out larger than it was listed: told once, from what came', async () => {
  await using server = await ScriptedPop3Server.listen({
    messages: [{ uid: 'huge', octets: '', listed: 1_000 }],
    answer: ({ at }) =>
      at === 'retr'
        ? {
            stream: (function* () {
              yield* huge('+OK here it comes\r\n', 70);
              yield '.\r\n';
            })(),
          }
        : undefined,
  });
  await using box = await startSourceBox({ set: { 'collect.largest': '10M' } });
  await box.add('isp', { protocol: 'pop3', port: server.port });
  await bounded(box, async () => {
    for (let time = 0; time < 3; time += 1) await box.collect('isp');
  });
  const { notices, collected } = await box.mail();
  assert.equal(collected.length, 0);
  assert.equal(notices.length, 1);
  assert.match(notices[0] ?? '', /All the photos/);
});

test('UIDLs that are repeated, reused, and all new', async () => {
  const [a, b, c, d, e] = letters('l', 5) as [Buffer, Buffer, Buffer, Buffer, Buffer];
  await using server = await ScriptedPop3Server.listen({
    messages: [a, b, c].map((octets) => ({ uid: 'same', octets })),
  });
  await using box = await startSourceBox();
  await box.add('isp', { protocol: 'pop3', port: server.port });
  const seen: Buffer[] = [];
  const look = async (messages: readonly SourceMessage[], ...fresh: Buffer[]) => {
    server.messages = messages;
    seen.push(...fresh);
    const { works, say } = await box.collect('isp');
    assert.ok(works, say);
    assertAre((await box.mail()).collected, seen);
  };
  await look(server.messages, a, b, c);
  await look(server.messages);
  await look(uids([a, b, c], 'new'));
  // An id that had been another message's.
  await look([...uids([a, b, c], 'new').slice(1), { uid: 'new0', octets: d }], d);
  await look(uids([e, d, c, b, a], 'again'), e);
  await look(uids([e, d, c, b, a], 'again'));
});

test('UIDVALIDITY that changes while messages come, and again', async () => {
  const sent = letters('l', 120);
  const folder = folderOf(sent);
  let fetches = 0;
  await using server = await ScriptedImapServer.listen({
    users,
    capabilities: quiet,
    folders: { INBOX: folder },
    answer({ line, session }) {
      if (!line.includes('BODY.PEEK[]')) return undefined;
      fetches += 1;
      if (fetches !== 3) return undefined;
      // Somebody makes the folder anew: other UIDs, another UIDVALIDITY, and the connection ends.
      folder.uidValidity += 1;
      folder.messages = sent.map((octets, index) => ({ uid: 500 + index, octets }));
      folder.uidNext = 700;
      session.cut();
      return undefined;
    },
  });
  await using box = await startSourceBox();
  await box.add('isp', { protocol: 'imap', port: server.port });
  await box.collect('isp');
  assert.equal((await box.collect('isp')).works, true);
  assertAre((await box.mail()).collected, sent);
  folder.uidValidity = 3;
  folder.messages = sent.toReversed().map((octets, index) => ({ uid: index + 1, octets }));
  folder.uidNext = 121;
  await box.collect('isp');
  assertAre((await box.mail()).collected, sent);
});

test("a stranger's mail with a Message-ID that is here already is delivered", async () => {
  const [mine] = letters('mine', 1) as [Buffer];
  const theirs = Buffer.from(mine.toString().replace('the end of', 'nothing like'));
  await using server = await ScriptedPop3Server.listen({ messages: uids([mine, theirs]) });
  await using box = await startSourceBox();
  await box.add('isp', { protocol: 'pop3', port: server.port });
  await box.collect('isp');
  assertAre((await box.mail()).collected, [mine, theirs]);
});

/** Sources that hang up on who asks for the third of eight. */
const hangingUp = {
  pop3: (sent: readonly Buffer[], isMad: () => boolean) =>
    ScriptedPop3Server.listen({
      messages: uids(sent),
      answer: ({ at, number }) => {
        return at === 'retr' && number === 3 && isMad() ? { drop: 'end' } : undefined;
      },
    }),
  imap: (sent: readonly Buffer[], isMad: () => boolean) =>
    ScriptedImapServer.listen({
      users,
      capabilities: quiet,
      folders: { INBOX: folderOf(sent) },
      answer: ({ line }) => {
        const [, set] = /^UID FETCH (\S+) \(.*BODY/.exec(line) ?? [];
        return set !== undefined && numbersOf(set)(3) && isMad() ? { drop: 'end' } : undefined;
      },
    }),
};

for (const protocol of ['pop3', 'imap'] as const) {
  test(`a message at which the source hangs up keeps no other away, by ${protocol}`, async () => {
    const sent = letters('h', 8);
    let isMad = true;
    await using server = await hangingUp[protocol](sent, () => isMad);
    await using box = await startSourceBox();
    await box.add('isp', { protocol, port: server.port });
    for (let looks = 0; looks < 3; looks += 1) {
      assert.match((await box.collect('isp')).say, /^The connection with 127\.0\.0\.1 broke/);
    }
    const others = sent.filter((_, index) => index !== 2);
    assertAre((await box.mail()).collected, others);
    isMad = false;
    assert.equal((await box.collect('isp')).collected, 1);
    assertAre((await box.mail()).collected, sent);
  });
}
