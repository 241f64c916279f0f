/*
 * SIGKILL while 500 messages go out, twenty times over. None is lost; the only ones that arrive
 * twice are those in the stated window: all was sent, and the answer was not written down. Their
 * histories say so, and there are never more of them than connections at each kill.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Letter, type OutgoingBox, startOutgoingBox } from '../support/outgoing-box.ts';
import { type Asked, type Moment, ScriptedSmtpServer } from '../support/scripted-smtp-server.ts';

const rounds = 20;
const waiting = 500;
const connections = 4;
/** A kill comes while at most so many have gone out in its round. */
const longestRun = 80;
const submitters = 4;

/** When a round is killed: at which moment of which message, counted over all connections. */
interface Blow {
  readonly at: Moment | 'answered';
  left: number;
}

test('killed at random moments, nothing is lost and doubles are told', async (context) => {
  let blow: Blow | undefined;
  const strike = () => {
    blow = undefined;
    void box.box.kill('SIGKILL');
  };
  const answer = ({ at }: Asked) => {
    if (blow === undefined) return undefined;
    const answered = blow.at === 'answered';
    if (at !== (answered ? 'end' : blow.at)) return undefined;
    blow.left -= 1;
    if (blow.left > 0) return undefined;
    // This answer goes out first, and may or may not be heard.
    if (answered) setTimeout(strike, Math.random() * 4);
    else strike();
    return undefined;
  };
  await using server = await ScriptedSmtpServer.listen({ offers: ['PIPELINING'], answer });
  await using box = await startOutgoingBox();
  await box.person('ann', 'ann@example.org');
  await box.uplink('recorder', server.port, '--connections', `${connections}`);
  const ids = new Map<string, string>();
  for (let round = 0; round < rounds; round += 1) {
    await box.command(['hold']);
    await fill(box, ids);
    const ended = box.box.ended;
    blow = drawn(round);
    await box.command(['release']).catch(() => {}); // it may die over its answer
    await ended;
    await box.box.start();
  }
  await box.untilEmpty();

  const arrived = new Map<string, number>();
  for (const { octets } of server.taken) {
    const text = octets.toString();
    const mark = /^Subject: (\S+)\r$/m.exec(text)?.[1] ?? '';
    assert.ok(text.endsWith(`\r\nthe end of ${mark}\r\n`), `${mark} is whole`);
    arrived.set(mark, (arrived.get(mark) ?? 0) + 1);
  }
  const missing = [...ids.keys()].filter((mark) => !arrived.has(mark));
  assert.deepEqual(missing, [], 'none is lost');
  assert.equal(arrived.size, ids.size);
  const doubles = [...arrived].filter(([, times]) => times > 1);
  for (const [mark, times] of doubles) {
    const lines = await box.why(ids.get(mark) ?? '');
    const again = lines.filter((line) =>
      line.startsWith('it may have arrived already; sent again'),
    );
    assert.ok(times - 1 <= again.length, `${mark} came ${times} times:\n${lines.join('\n')}`);
  }
  const extra = doubles.reduce((sum, [, times]) => sum + times - 1, 0);
  assert.ok(extra > 0, 'the window was met');
  assert.ok(extra <= rounds * connections, `${extra} doubles`);
  assert.deepEqual(await box.inbox('ann'), [], 'nobody was told of a failure');
  const verified = await box.box.cli(['verify']);
  assert.equal(verified.status, 0, verified.stdout);
  context.diagnostic(`${ids.size} messages, ${rounds} kills, ${extra} doubles`);
});

/** The first one in the window itself: the message is there, its answer was never said. */
function drawn(round: number): Blow {
  const moments = ['mail', 'rcpt', 'data', 'end', 'answered', 'answered'] as const;
  const at = round === 0 ? 'end' : (moments[Math.floor(Math.random() * moments.length)] ?? 'end');
  return { at, left: 1 + Math.floor(Math.random() * longestRun) };
}

/** Hands in as many as are missing. */
async function fill(box: OutgoingBox, ids: Map<string, string>): Promise<void> {
  const { queue } = await box.status();
  const count = waiting - queue.messages;
  const marks = Array.from({ length: count }, (_, index) => `m${ids.size + index}`);
  const share = Math.ceil(count / submitters);
  const shares = Array.from({ length: submitters }, (_, index) =>
    marks.slice(index * share, (index + 1) * share),
  );
  await Promise.all(
    shares.map(async (some) => {
      const got = await box.submitAll(some.map(letter));
      for (const [index, mark] of some.entries()) ids.set(mark, got[index] ?? '');
    }),
  );
}

function letter(mark: string, index: number): Letter {
  // Some are longer than a chunk of the store, so that they are cut off in the middle, too.
  const filling = 'some text to fill the message\r\n'.repeat(index % 9 === 5 ? 6_000 : 30);
  return {
    from: 'ann@example.org',
    to: ['eve@example.net'],
    text: `Subject: ${mark}\r\n\r\n${filling}the end of ${mark}\r\n`,
  };
}
