/*
 * The IMAP upstream at servers that lie, flood, refuse and hang up: each becomes a message that is
 * whole, a message that is missing, a refusal, or a connection that broke; never anything else.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Clock, SystemClock } from '#base/clock';
import { patient } from '#collector/imap/limits';
import { ImapConnector } from '#collector/imap-upstream';
import type { Listed, UpstreamTrouble } from '#collector/upstream';
import { FakeClock } from '../support/fake-clock.ts';
import {
  connected,
  connector,
  got,
  Keeping,
  listed,
  targetAt,
  users,
} from '../support/imap-peer.ts';
import { until } from '../support/net-peer.ts';
import { folderOf, type ScriptedFolder } from '../support/scripted-imap-folder.ts';
import {
  type Asked,
  type ImapScript,
  ScriptedImapServer,
  silence,
  usualCapabilities,
  type Wish,
} from '../support/scripted-imap-server.ts';

const piece = 262_144;
const letters = ['Subject: a\r\n\r\nA\r\n', 'Subject: b\r\n\r\nB\r\n', 'Subject: c\r\n\r\nC\r\n'];

async function scripted(
  script: Partial<ImapScript>,
  folder: ScriptedFolder = folderOf([...letters]),
) {
  return ScriptedImapServer.listen({ users, folders: { INBOX: folder }, ...script });
}

/** Answers a command otherwise, when it is asked for bodies (or for sizes). */
function bodies(wish: (asked: Asked) => Wish | Promise<Wish>): Partial<ImapScript> {
  return { answer: (asked) => (asked.line.includes('BODY.PEEK[]') ? wish(asked) : undefined) };
}

function sizes(wish: (asked: Asked) => Wish | Promise<Wish>): Partial<ImapScript> {
  return { answer: (asked) => (asked.line.includes('RFC822.SIZE') ? wish(asked) : undefined) };
}

/** Lists all and fetches it. */
async function collect(
  server: ScriptedImapServer,
  keeping = new Keeping(),
  clock: Clock = new SystemClock(),
) {
  const upstream = await connected(server.port, clock);
  const opened = await upstream.open('INBOX');
  if (!opened.ok) return { upstream, messages: [], trouble: opened.error, keeping };
  const folder = opened.value;
  const { messages, trouble } = await listed(folder);
  if (trouble !== undefined) return { upstream, messages, trouble, keeping };
  const fetched = await folder.fetch(messages, keeping.receive);
  return { upstream, folder, messages, keeping, trouble: fetched.ok ? undefined : fetched.error };
}

const texts = (keeping: Keeping) => [...keeping.whole.values()].map(String);
const fetches = ({ commands }: ScriptedImapServer) =>
  commands.filter((line) => line.includes('BODY.PEEK[]'));

interface Break {
  readonly name: string;
  readonly script: Partial<ImapScript>;
  readonly kind?: UpstreamTrouble['kind'];
  readonly detail: RegExp;
  readonly folder?: ScriptedFolder;
  /** How many messages came whole before. */
  readonly whole?: number;
}

const row = (uid: number, text: string) =>
  `* ${uid} FETCH (UID ${uid} BODY[]<0> {${text.length}}\r\n${text})\r\n`;
const flood = (text: string): Wish => ({ flood: () => text.repeat(1000) });

const breaks: readonly Break[] = [
  {
    name: 'a literal of 2,000,000,000 octets',
    script: bodies(() => ({ raw: '* 1 FETCH (UID 1 BODY[]<0> {2000000000}\r\n' })),
    detail: /Literal size 2000000000 exceeds/,
  },
  {
    name: 'a literal of more octets than can be counted',
    script: bodies(() => ({ raw: `* 1 FETCH (UID 1 BODY[]<0> {${'9'.repeat(40)}}\r\n` })),
    detail: /Literal size Infinity exceeds/,
  },
  {
    name: 'many literals in one response',
    script: bodies(() => ({
      raw: `* 1 FETCH (UID 1 ${'BODY[1] {9}\r\n123456789 '.repeat(9e4)})\r\n`,
    })),
    detail: /Response size|tokens|does not stop/,
  },
  {
    name: 'a line without end',
    script: bodies(() => flood('* 1 FETCH (UID 1 ')),
    detail: /Line length .* exceeds/,
  },
  {
    name: 'a line of very many tokens',
    script: bodies(() => ({ raw: `* 1 FETCH (UID 1 ${'a '.repeat(30_000)})\r\n` })),
    detail: /tokens/,
  },
  {
    name: 'the same message again and again',
    script: bodies(() => flood(row(1, letters[0] ?? ''))),
    detail: /does not stop talking/,
    whole: 1,
  },
  {
    name: 'messages nobody asked for, without end',
    script: bodies(() => flood(row(77, letters[0] ?? ''))),
    detail: /does not stop talking/,
  },
  {
    name: 'EXISTS without end',
    script: bodies(() => flood('* 3 EXISTS\r\n* 4 EXISTS\r\n')),
    detail: /does not stop talking/,
  },
  {
    name: 'OK without end, and then the answer',
    script: {
      answer: ({ verb, session }) => {
        if (verb === 'SELECT') session.say('* OK still here\r\n'.repeat(3e5));
        return undefined;
      },
    },
    detail: /does not stop talking/,
  },
  {
    name: 'a listing without end',
    script: sizes(() => {
      let uid = 0;
      return {
        flood: () => {
          uid += 1;
          return `* ${uid} FETCH (UID ${uid} RFC822.SIZE 7)\r\n`.repeat(100);
        },
      };
    }),
    detail: /lists more than it holds|does not stop talking/,
  },
  {
    name: 'a listing of one message after the other, for ever',
    folder: folderOf(letters, { uidNext: 4_000_000_000 }),
    script: sizes(({ line }) => {
      const [, first = '', last = ''] = /FETCH (\d+):(\d+)/.exec(line) ?? [];
      const rows = [];
      for (let uid = Number(first); uid <= Number(last) && rows.length < 4000; uid += 1) {
        rows.push(`* ${rows.length + 1} FETCH (UID ${uid} RFC822.SIZE 7)`);
      }
      return [...rows, '$tag OK done'].join('\n');
    }),
    detail: /lists more than it holds|does not stop talking/,
  },
  { name: 'silence', script: bodies(() => silence), detail: /said nothing for 180 s/ },
  {
    name: 'silence within a message',
    script: bodies(() => ({ raw: '* 1 FETCH (UID 1 BODY[]<0> {17}\r\nSubj' })),
    detail: /said nothing for 180 s/,
  },
  {
    name: 'silence in a listing',
    script: sizes(() => silence),
    detail: /said nothing for 180 s/,
  },
  {
    name: 'a literal that is longer than what comes, and the end',
    script: bodies(() => ({ raw: '* 1 FETCH (UID 1 BODY[]<0> {17}\r\nSubj', drop: 'end' })),
    detail: /hung up/,
  },
  {
    name: 'BYE in the middle',
    script: bodies(() => ({
      raw: `${row(1, letters[0] ?? '')}* BYE [UNAVAILABLE] Going\u0007 down\r\n`,
    })),
    detail: /ended the connection: Going down|hung up/,
    whole: 1,
  },
  {
    name: 'a reset in the middle',
    script: bodies(() => ({ raw: row(1, letters[0] ?? ''), drop: 'reset' })),
    detail: /./,
  },
  {
    name: 'the answer to another command',
    script: bodies(() => 'FFFF OK done\nnonsense'),
    detail: /said nothing for 180 s/,
  },
  {
    name: 'the server cannot just now',
    script: bodies(() => '$tag NO [UNAVAILABLE] Backend down'),
    kind: 'later',
    detail: /^\[UNAVAILABLE\] Backend down$/,
  },
  {
    name: 'the server has a limit',
    script: bodies(() => '$tag NO [LIMIT] Enough'),
    kind: 'later',
    detail: /^\[LIMIT\] Enough$/,
  },
  {
    name: 'a listing is refused',
    script: sizes(() => '$tag NO [INUSE] Locked'),
    kind: 'later',
    detail: /^\[INUSE\] Locked$/,
  },
];

for (const { name, script, kind = 'broken', detail, folder, whole = 0 } of breaks) {
  test(`ends: ${name}`, async () => {
    let isBad = false;
    const answer: ImapScript['answer'] = (asked) => {
      const wish = script.answer?.(asked);
      isBad ||= wish !== undefined;
      return wish;
    };
    await using server = await scripted({ ...script, answer }, folder);
    const isSilent = String(detail).includes('said nothing');
    const clock = new FakeClock();
    const collecting = collect(server, new Keeping(), isSilent ? clock : new SystemClock());
    if (isSilent) await until('the silence', () => isBad);
    const { trouble, keeping, upstream } = await (isSilent
      ? clock.passUntil(collecting)
      : collecting);
    assert.ok(trouble !== undefined);
    assert.equal(trouble.kind, kind, trouble.detail);
    assert.match(trouble.detail, detail);
    if (name !== 'a reset in the middle') assert.equal(keeping.whole.size, whole);
    assert.deepEqual([...keeping.missing], []);
    // After a refusal something else may be asked; after an end, everything says so.
    const again = await upstream.open('INBOX');
    assert.equal(again.ok, kind !== 'broken');
    if (!again.ok) assert.equal(again.error.kind, 'broken');
    assert.deepEqual(await upstream.close(), { ok: true, value: undefined });
  });
}

test('untagged garbage changes nothing', async () => {
  const garbage = [
    '* 2 FETCH (FLAGS (\\Seen))',
    '* 3 FETCH (UID 3 FLAGS ())',
    '* NONSENSE ((((',
    '*',
    '',
    '* OK [X-ODD (a "b")] odd',
    '* 99999999999999999999 EXISTS',
    '* -1 EXPUNGE',
    '* 2 FETCH (UID 2 BODY[HEADER] {0}',
    ')',
    '* VANISHED 1:4294967295',
    '*\0 vanished (EARLIER) 1:4294967295',
    '* ESEARCH (TAG "1") UID ALL 1:4294967295',
    '* SEARCH 1 2 3',
    '\0\0* OK nul',
    '+ what?',
  ].join('\r\n');
  await using server = await scripted({
    answer: ({ verb, session }) => {
      if (verb === 'FETCH') session.say(`${garbage}\r\n`);
      return undefined;
    },
  });
  const { trouble, keeping } = await collect(server);
  assert.equal(trouble, undefined);
  assert.deepEqual(texts(keeping), letters);
});

test('sizes that are wrong cost a question more, until they are known to be estimates', async () => {
  const folder = folderOf([]);
  folder.messages = Array.from({ length: 12 }, (_, at) => ({
    uid: at + 1,
    octets: Buffer.from(letters[at % 3] ?? ''),
    size: at < 8 ? 100_000 : 1,
  }));
  await using server = await scripted({}, folder);
  const { trouble, keeping, folder: open, messages } = await collect(server);
  assert.equal(trouble, undefined);
  assert.equal(keeping.whole.size, 12);
  for (const { uid, octets } of folder.messages) {
    assert.deepEqual(keeping.whole.get(String(uid)), octets);
  }
  const asked = fetches(server).length;
  const again = new Keeping();
  assert.ok(open !== undefined);
  got(await open.fetch(messages, again.receive));
  assert.equal(again.whole.size, 12);
  // All in one command.
  assert.equal(fetches(server).length, asked + 1);
});

test('messages longer than listed, and longer than a piece, come whole', async () => {
  const lengths = [piece - 1, piece, piece + 1, 3 * piece, 3 * piece + 5];
  const folder = folderOf([]);
  const messages = lengths.flatMap((length) =>
    [7, length, 10 * piece, 0].map((size) => ({ length, size })),
  );
  folder.messages = messages.map(({ length, size }, at) => ({
    uid: at + 1,
    octets: Buffer.alloc(length, `${at} and so on. `),
    size,
  }));
  await using server = await scripted({}, folder);
  const { trouble, keeping } = await collect(server);
  assert.equal(trouble, undefined);
  for (const { uid, octets } of folder.messages) {
    assert.ok(keeping.whole.get(String(uid))?.equals(octets), `${uid}`);
  }
});

test('what the server does not give is missing', async () => {
  const cases: readonly [string, Partial<ImapScript>, string[], RegExp][] = [
    [
      'NIL',
      bodies(({ line }) =>
        line.includes(' 1:3 ')
          ? '* 2 FETCH (UID 2 BODY[]<0> NIL)\n* 1 FETCH (UID 1 BODY[]<0> "A")\n$tag OK done'
          : undefined,
      ),
      ['2', '3'],
      /nothing of it|not there/,
    ],
    ['nothing at all', bodies(() => '$tag OK done'), ['1', '2', '3'], /not there any more/],
    [
      'an empty body where octets are listed',
      bodies(() => ({ raw: '' })) &&
        bodies(({ line }) => {
          const uids = line.includes(' 1:3 ') ? [1, 2, 3] : [Number(/FETCH (\d+)/.exec(line)?.[1])];
          const rows = uids.map((uid) => `* ${uid} FETCH (UID ${uid} BODY[]<0> "")`);
          return [...rows, '$tag OK done'].join('\n');
        }),
      ['1', '2', '3'],
      /nothing of it/,
    ],
    [
      'one that cannot be read spoils the command',
      bodies(({ line }) =>
        /FETCH (1:3|2) /.test(line) ? '$tag NO Message 2 is broken' : undefined,
      ),
      ['2'],
      /Message 2 is broken/,
    ],
    [
      'BAD instead of NO',
      bodies(({ line }) => (/FETCH (1:3|2) /.test(line) ? '$tag BAD Eh?' : undefined)),
      ['2'],
      /Eh\?/,
    ],
  ];
  for (const [name, script, missing, detail] of cases) {
    await using server = await scripted(script);
    const { trouble, keeping } = await collect(server);
    assert.equal(trouble, undefined, name);
    assert.deepEqual([...keeping.missing.keys()].sort(), missing, name);
    for (const [, said] of keeping.missing) assert.match(said, detail, name);
    assert.equal(keeping.whole.size + keeping.missing.size, 3, name);
  }
});

test('a server that knows no parts does not make a patchwork', async () => {
  const folder = folderOf([Buffer.alloc(piece, 'x')]);
  await using server = await scripted(
    bodies(({ line }) =>
      line.includes('<0.') ? undefined : '* 1 FETCH (UID 1 BODY[] "xxxxx")\n$tag OK done',
    ),
    folder,
  );
  const { trouble, keeping } = await collect(server);
  assert.equal(trouble?.kind, 'broken');
  assert.match(trouble?.detail ?? '', /another part/);
  assert.equal(keeping.whole.size, 0);
});

test('a message that goes away between two pieces is not given', async () => {
  const folder = folderOf([Buffer.alloc(2 * piece, 'x'), 'after']);
  await using server = await scripted(
    bodies(({ line }) => (line.includes(`<${piece}.`) ? '$tag OK done' : undefined)),
    folder,
  );
  const { trouble, keeping } = await collect(server);
  assert.equal(trouble?.kind, 'refused');
  assert.match(trouble?.detail ?? '', /went away/);
  assert.equal(keeping.whole.size + keeping.missing.size, 0);
});

test('who wants no more of a message gets the next one', async () => {
  const folder = folderOf([Buffer.alloc(40 * piece, 'x'), 'short']);
  await using server = await scripted({}, folder);
  const { trouble, keeping } = await collect(server, new Keeping(piece + 1));
  assert.equal(trouble, undefined);
  assert.deepEqual([...keeping.whole.keys()], ['2']);
  assert.equal(keeping.partial.get('1')?.length, 2 * piece);
  assert.equal(fetches(server).length, 3);
});

test('a listing is in order, each message once, whatever order it comes in', async () => {
  const rows = [
    [5, 50],
    [3, 30],
    [4, 40],
    [3, 30],
    [2, 20],
    [2, 21],
    [1, 10],
  ];
  await using server = await scripted(
    sizes(() => {
      const said = rows.map(([uid, size]) => `* 9 FETCH (UID ${uid} RFC822.SIZE ${size})`);
      return [...said, '* 9 FETCH (RFC822.SIZE 9)', '* 7 FETCH (UID 7)', '$tag OK done'].join('\n');
    }),
  );
  const upstream = await connected(server.port);
  const { messages, trouble } = await listed(got(await upstream.open('INBOX')));
  assert.equal(trouble, undefined);
  assert.deepEqual(messages, [
    { uid: '1', number: 0, octets: 10 },
    { uid: '2', number: 0, octets: 21, ambiguous: true },
    { uid: '3', number: 0, octets: 30 },
    { uid: '4', number: 0, octets: 40 },
    { uid: '5', number: 0, octets: 50 },
  ]);
  upstream.abort();
});

test('lists all, though UIDNEXT is too low, too high, or the unique-ids lie far apart', async () => {
  const dense = Array.from({ length: 4500 }, (_, at) => at + 1);
  const desert = [1, 5_000, 70_000, 1_000_000, 4_294_967_295];
  const crowd = [3, ...dense.map((uid) => uid + 20_000_000), 4_000_000_000];
  const cases: readonly [readonly number[], number][] = [
    [dense, 1],
    [dense, 4_294_967_295],
    [desert, 4_294_967_295],
    [desert, 2],
    [crowd, 4_000_000_001],
  ];
  for (const [uids, uidNext] of cases) {
    const octets = Buffer.from('x');
    const folder = folderOf([], { uidNext, messages: uids.map((uid) => ({ uid, octets })) });
    await using server = await scripted({}, folder);
    const upstream = await connected(server.port);
    const { messages, trouble } = await listed(got(await upstream.open('INBOX')));
    assert.equal(trouble, undefined);
    assert.deepEqual(
      messages.map(({ uid }) => Number(uid)),
      uids,
    );
    assert.ok(server.commands.length < 60, `${server.commands.length}`);
    if (process.env['SHOW'])
      console.log(uids.length, uidNext, server.commands.length, performance.now());
    upstream.abort();
  }
});

test('a folder without UIDVALIDITY is refused', async () => {
  const answer: ImapScript['answer'] = ({ verb }) =>
    verb === 'SELECT' ? '* 1 EXISTS\n$tag OK [READ-WRITE] open' : undefined;
  await using server = await scripted({ answer });
  const upstream = await connected(server.port);
  const opened = await upstream.open('INBOX');
  assert.deepEqual(!opened.ok && opened.error.kind, 'refused');
  upstream.abort();
});

test('levels are divided as the server does it, and names get its prefix', async () => {
  const folders = { INBOX: folderOf([]), 'INBOX.Archive.2024': folderOf(letters) };
  await using server = await ScriptedImapServer.listen({
    users,
    folders,
    delimiter: '.',
    prefix: 'INBOX.',
  });
  const upstream = await connected(server.port);
  assert.equal(got(await upstream.open('Archive/2024')).messages, 3);
  assert.equal(got(await upstream.open('inbox')).messages, 0);
  upstream.abort();
});

test('a folder in whose place another was opened does nothing', async () => {
  const folders = { INBOX: folderOf(letters), Other: folderOf(letters) };
  await using server = await ScriptedImapServer.listen({ users, folders });
  const upstream = await connected(server.port);
  const inbox = got(await upstream.open('INBOX'));
  const { messages } = await listed(inbox);
  got(await upstream.open('Other'));
  for (const done of [
    await inbox.remove(messages),
    await inbox.has('1'),
    await inbox.header(messages[0] as Listed),
  ]) {
    assert.deepEqual(!done.ok && done.error.kind, 'refused');
  }
  assert.deepEqual(
    server.commands.filter((line) => /^(UID )?(STORE|EXPUNGE)/.test(line)),
    [],
  );
  upstream.abort();
});

const plain = usualCapabilities.filter((word) => word !== 'UIDPLUS' && word !== 'IDLE');

test('without UIDPLUS, removes only when nothing else would go', async () => {
  const folder = folderOf(letters);
  await using server = await scripted({ capabilities: plain }, folder);
  const upstream = await connected(server.port);
  const open = got(await upstream.open('INBOX'));
  const { messages } = await listed(open);
  const [, second, third] = folder.messages;
  assert.ok(second !== undefined && third !== undefined);
  third.deleted = true;
  const refused = await open.remove(messages.slice(0, 1));
  assert.match(refused.ok ? '' : refused.error.detail, /other messages are marked/);
  assert.deepEqual(
    folder.messages.map(({ deleted = false }) => deleted),
    [true, false, true],
  );
  third.deleted = false;
  got(await open.remove(messages.slice(0, 1)));
  assert.deepEqual(
    folder.messages.map(({ uid }) => uid),
    [2, 3],
  );
  upstream.abort();
});

test('says why nothing is removed', async () => {
  for (const verb of ['STORE', 'EXPUNGE']) {
    const answer: ImapScript['answer'] = (asked) =>
      asked.verb === verb ? '$tag NO [NOPERM] Not yours' : undefined;
    await using server = await scripted({ answer });
    const upstream = await connected(server.port);
    const open = got(await upstream.open('INBOX'));
    const { messages } = await listed(open);
    const refused = await open.remove(messages);
    assert.equal(!refused.ok && refused.error.kind, 'refused');
    upstream.abort();
  }
});

/** No other alarm is of so many milliseconds. */
const oddWaits = { ...patient, idle: 500_003, poll: 100_003 };

/** A clock turned by hand that tells when an alarm is set. */
class TellingClock extends FakeClock {
  readonly #waiting = new Map<number, () => void>();

  override after(ms: number, task: () => void): Disposable {
    const alarm = super.after(ms, task);
    this.#waiting.get(ms)?.();
    return alarm;
  }

  /** When one of so many milliseconds is set next. */
  alarmed(ms: number): Promise<void> {
    return new Promise((resolve) => this.#waiting.set(ms, resolve));
  }
}

/** An upstream on such a clock, and when a command is asked next. */
async function onTellingClock(script: Partial<ImapScript>) {
  const clock = new TellingClock();
  const waiting = new Map<string, () => void>();
  const server = await scripted({
    ...script,
    answer: (asked) => {
      waiting.get(asked.verb)?.();
      return script.answer?.(asked);
    },
  });
  const asked = (verb: string) => new Promise<void>((resolve) => waiting.set(verb, resolve));
  const upstream = got(await new ImapConnector(clock, oddWaits).connect(targetAt(server.port)));
  got(await upstream.open('INBOX'));
  return { clock, server, asked, upstream };
}

const never = new AbortController().signal;

test('IDLE is begun anew in time, and a server that died meanwhile is noticed', async () => {
  let isDead = false;
  const { clock, server, asked, upstream } = await onTellingClock({
    answer: ({ verb }) => (isDead && verb === 'DONE' ? silence : undefined),
  });
  await using _ = server;
  // Its alarm is set before the command leaves.
  let idle = asked('IDLE');
  const told = upstream.changed(never);
  await idle;
  for (let round = 0; round < 3; round += 1) {
    idle = asked('IDLE');
    clock.advance(oddWaits.idle);
    await idle;
  }
  assert.deepEqual(server.commands.slice(-4), ['IDLE', 'DONE', 'NOOP', 'IDLE']);
  isDead = true;
  const done = asked('DONE');
  clock.advance(oddWaits.idle);
  await done;
  clock.advance(oddWaits.idle + 2 * oddWaits.quiet);
  const ended = await told;
  assert.match(ended.ok ? '' : ended.error.detail, /said nothing/);
});

const withoutIdle: readonly [string, Partial<ImapScript>][] = [
  ['is not offered', { capabilities: plain }],
  ['is refused', { answer: ({ verb }) => (verb === 'IDLE' ? '$tag NO no' : undefined) }],
  ['ends at once', { answer: ({ verb }) => (verb === 'IDLE' ? '$tag OK no' : undefined) }],
];

for (const [name, script] of withoutIdle) {
  test(`where IDLE ${name}, NOOP asks for news`, async () => {
    const { clock, server, asked, upstream } = await onTellingClock(script);
    await using _ = server;
    let asleep = clock.alarmed(oddWaits.poll);
    const told = upstream.changed(never);
    for (let round = 0; round < 3; round += 1) {
      await asleep;
      asleep = clock.alarmed(oddWaits.poll);
      const noop = asked('NOOP');
      clock.advance(oddWaits.poll);
      await noop;
    }
    await asleep;
    server.sessions[0]?.say('* 4 EXISTS\r\n');
    assert.equal(got(await told), 'changed');
    assert.ok(server.commands.filter((line) => line === 'IDLE').length <= 1);
    upstream.abort();
  });
}

test('news that came while something else was done is not lost', async () => {
  const folder = folderOf(letters);
  const script = bodies(({ session }) => {
    session.say('* 4 EXISTS\r\n');
    return undefined;
  });
  await using server = await scripted(script, folder);
  const { upstream, trouble } = await collect(server);
  assert.equal(trouble, undefined);
  assert.equal(got(await upstream.changed(never)), 'changed');
  assert.ok(!server.commands.includes('IDLE'));
  upstream.abort();
});

test('who waits for news hears that the connection ended', async () => {
  const endings: readonly NonNullable<Wish>[] = [
    { raw: '+ idling\r\n', drop: 'end' },
    { raw: '+ idling\r\n', drop: 'reset' },
    { raw: '+ idling\r\n* BYE [INUSE] another client\r\n', drop: 'end' },
    { raw: '* BYE\r\n' },
  ];
  for (const wish of endings) {
    await using server = await scripted({
      answer: ({ verb }) => (verb === 'IDLE' ? wish : undefined),
    });
    const upstream = await connected(server.port);
    got(await upstream.open('INBOX'));
    const told = await upstream.changed(never);
    assert.deepEqual(!told.ok && told.error.kind, 'broken');
    assert.deepEqual(await upstream.close(), { ok: true, value: undefined });
  }
});

test('closing and aborting end whatever is under way', async () => {
  for (const way of ['close', 'abort'] as const) {
    for (const verb of ['FETCH', 'IDLE']) {
      let begun = () => {};
      const asked = new Promise<void>((resolve) => {
        begun = resolve;
      });
      await using server = await scripted({
        answer: (one) => {
          if (one.verb !== verb) return undefined;
          begun();
          return silence;
        },
      });
      const upstream = await connected(server.port);
      const folder = got(await upstream.open('INBOX'));
      const waiting = verb === 'IDLE' ? upstream.changed(never) : folder.has('1');
      await asked;
      if (way === 'close') got(await upstream.close());
      else upstream.abort();
      const ended = await waiting;
      assert.deepEqual(!ended.ok && ended.error.kind, 'broken');
    }
  }
});

test('LOGOUT is waited for a moment only', async () => {
  await using server = await scripted({
    answer: ({ verb }) => (verb === 'LOGOUT' ? silence : undefined),
  });
  const clock = new FakeClock();
  const upstream = await connected(server.port, clock);
  const closing = upstream.close();
  await until('the goodbye', () => server.commands.at(-1) === 'LOGOUT');
  assert.deepEqual(await clock.passUntil(closing), { ok: true, value: undefined });
  assert.equal((await connector().connect(targetAt(server.port))).ok, true);
});
