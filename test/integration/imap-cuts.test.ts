/*
 * IMAP connections that are cut at random octets, in every phase from the greeting to LOGOUT: each
 * step ends with a value, messages are whole or not given, and nothing is thrown at the process, which
 * the box would die of. The seed is in the test's name.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Listed, SourceTarget } from '#collector/upstream';
import { BreakingWire, type Cut } from '../support/breaking-wire.ts';
import { type Certificate, TestAuthority } from '../support/certificates.ts';
import { connector, Keeping, listed, targetAt, users } from '../support/imap-peer.ts';
import { folderOf } from '../support/scripted-imap-folder.ts';
import { ScriptedImapServer } from '../support/scripted-imap-server.ts';
import { SeededRandom } from '../support/seeded-random.ts';

const letters = [
  'Subject: a\r\n\r\nA\r\n',
  Buffer.alloc(20_000, 'twenty thousand. '),
  Buffer.alloc(300_000, 'more than a piece. '),
  'Subject: b\r\n\r\nB\r\n',
];

const thrown: unknown[] = [];
const note = (reason: unknown) => thrown.push(reason);
let authority: TestAuthority;
let certificate: Certificate;

before(async () => {
  authority = await TestAuthority.make();
  certificate = await authority.issue();
  process.on('unhandledRejection', note);
  process.on('uncaughtException', note);
});
after(() => {
  process.off('unhandledRejection', note);
  process.off('uncaughtException', note);
});

const nothing: Listed = { uid: '9', number: 0, octets: 9 };

/** Everything that can be asked, one after the other. How far it came, and why no further. */
async function walk(
  target: SourceTarget,
  begun: (abort: () => void) => void,
  listedAll = () => {},
) {
  const keeping = new Keeping();
  const came: string[] = [];
  const stop = new AbortController();
  begun(() => stop.abort());
  const upstream = await connector().connect(target, stop.signal);
  if (!upstream.ok) return { came, keeping, trouble: upstream.error.detail };
  begun(() => upstream.value.abort());
  const steps: [
    string,
    () => Promise<{ ok: boolean; error?: { kind: string; detail: string } }>,
  ][] = [];
  const opened = await upstream.value.open('INBOX');
  if (opened.ok) {
    came.push('open');
    const folder = opened.value;
    const found = await listed(folder);
    listedAll();
    // What is asked of nothing needs no server.
    const all = found.trouble ? [nothing] : found.messages;
    steps.push(
      ['list', async () => (found.trouble ? { ok: false, error: found.trouble } : { ok: true })],
      ['names', () => upstream.value.folderNames()],
      ['fetch', () => folder.fetch(all, keeping.receive)],
      ['has', () => folder.has('1')],
      ['header', () => folder.header({ uid: '2', number: 0, octets: 0 })],
      ['remove', () => folder.remove(all.slice(-1))],
      ['changed', () => upstream.value.changed(new AbortController().signal)],
    );
  }
  let trouble: string | undefined = opened.ok ? undefined : opened.error.detail;
  for (const [name, step] of steps) {
    const done = await step();
    // What ended once stays ended.
    if (trouble !== undefined) assert.equal(done.ok, false, name);
    if (done.ok) came.push(name);
    else {
      assert.equal(done.error?.kind, 'broken', `${name}: ${done.error?.detail}`);
      trouble ??= done.error?.detail;
    }
  }
  assert.equal((await upstream.value.close()).ok, true);
  assert.equal((await upstream.value.open('INBOX')).ok, false);
  return { came, keeping, trouble };
}

for (const security of ['none', 'starttls', 'tls'] as const) {
  const seed = `cuts ${security}`;
  test(`cut at 60 random octets, and given up at 20 (${seed})`, { timeout: 300_000 }, async (t) => {
    const random = new SeededRandom(seed);
    await using server = await ScriptedImapServer.listen({
      security,
      certificate,
      users,
      folders: new Proxy({}, { get: () => folderOf(letters) }),
      answer: ({ verb }) => (verb === 'IDLE' ? { raw: '+ idling\r\n* 99 EXISTS\r\n' } : undefined),
    });
    await using proxy = await BreakingWire.before(server.port);
    const target = targetAt(proxy.port, { security, ca: authority.pem });
    let preamble = 0;
    const listedAll = () => {
      preamble = proxy.passed;
    };
    const full = await walk(target, () => {}, listedAll);
    assert.equal(full.trouble, undefined);
    assert.equal(full.came.length, 8);
    const { passed } = proxy;
    const ends = new Map<string, number>();
    for (let round = 0; round < 80; round += 1) {
      const [from, to] = [
        [0, preamble],
        [preamble, passed],
        [passed - 1000, passed],
      ][round % 3] as [number, number];
      const at = 1 + from + random.below(to - from);
      const how: Cut = random.pick(['end', 'reset']);
      let abort = () => {};
      proxy.plan(round < 60 ? { after: at, how } : { after: at, instead: () => abort() });
      const { came, keeping, trouble } = await walk(target, (stop) => {
        abort = stop;
      });
      for (const [uid, octets] of keeping.whole) {
        assert.ok(octets.equals(Buffer.from(letters[Number(uid) - 1] ?? '')), `${round}: ${uid}`);
      }
      assert.equal(keeping.missing.size, 0);
      assert.ok(trouble !== undefined || came.length === 8, `${round} at ${at}: ${came}`);
      const last = came.at(-1) ?? 'nothing';
      ends.set(last, (ends.get(last) ?? 0) + 1);
      assert.deepEqual(thrown, [], `${round} at ${at}`);
    }
    t.diagnostic(`came as far as: ${JSON.stringify(Object.fromEntries(ends))}`);
    await new Promise(setImmediate);
    assert.deepEqual(thrown, []);
  });
}
