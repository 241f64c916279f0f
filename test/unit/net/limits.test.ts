/* Who is let in, who is turned away, and who goes first when memory is short. */
import { equal, ok } from 'node:assert/strict';
import { totalmem } from 'node:os';
import { test } from 'node:test';
import { Admission, firstToGo, memoryShare } from '#net/limits';
import { FakeClock } from '../../support/fake-clock.ts';

const roomy = { total: 100, perPeer: 100, memory: 1000 };

test('the connections in all are limited', () => {
  const admission = new Admission({ ...roomy, total: 2 }, new FakeClock(), () => 0);
  equal(admission.enter('192.0.2.1'), undefined);
  equal(admission.enter('192.0.2.2'), undefined);
  equal(admission.enter('192.0.2.3'), 'total');
  admission.leave('192.0.2.1');
  equal(admission.enter('192.0.2.3'), undefined);
  equal(admission.connections, 2);
});

test('one peer is limited, the next is not', () => {
  const admission = new Admission({ ...roomy, perPeer: 1 }, new FakeClock(), () => 0);
  equal(admission.enter('2001:db8::1'), undefined);
  equal(admission.enter('2001:db8::ffff:1'), 'peer', 'same /64');
  equal(admission.enter('2001:db8:0:1::1'), undefined);
  admission.leave('2001:db8::1');
  equal(admission.enter('2001:db8::2'), undefined);
});

test('nobody enters while memory is short; looked at once a second', () => {
  const clock = new FakeClock();
  let resident = 1001;
  let looks = 0;
  const admission = new Admission(roomy, clock, () => {
    looks += 1;
    return resident;
  });
  equal(admission.enter('192.0.2.1'), 'memory');
  resident = 900;
  clock.advance(999);
  equal(admission.enter('192.0.2.1'), 'memory');
  clock.advance(1);
  equal(admission.enter('192.0.2.1'), undefined);
  equal(looks, 2);
});

test('new limits hold for those who come next', () => {
  const admission = new Admission({ ...roomy, perPeer: 1 }, new FakeClock(), () => 0);
  admission.enter('192.0.2.1');
  admission.change({ ...roomy, perPeer: 2 });
  equal(admission.enter('192.0.2.1'), undefined);
  equal(admission.enter('192.0.2.1'), 'peer');
});

test('who has been silent longest goes first; who is being served stays', () => {
  const rows: readonly [why: string, silences: readonly number[], goes: number | undefined][] = [
    ['nobody is there', [], undefined],
    ['all are busy', [0, 0], undefined],
    ['a pause is no silence', [5_000, 1], undefined],
    ['one is silent', [0, 5_001, 4_000], 1],
    ['the longest silence', [6_000, 60_000, 59_999], 1],
    ['of equals who came first', [1_000, 7_000, 7_000], 1],
  ];
  for (const [why, silences, goes] of rows) {
    const first = firstToGo(silences.entries(), ([, silence]) => silence);
    equal(first?.[0], goes, why);
  }
});

test('the share of memory is a share of what this process may use', () => {
  const share = memoryShare(0.5);
  ok(share > 0 && share <= totalmem() / 2);
});
