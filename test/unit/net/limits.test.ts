import { equal, ok } from 'node:assert/strict';
import { totalmem } from 'node:os';
import { test } from 'node:test';
import { Admission, memoryShare } from '#net/limits';
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

test('the share of memory is a share of what this process may use', () => {
  const share = memoryShare(0.5);
  ok(share > 0 && share <= totalmem() / 2);
});
