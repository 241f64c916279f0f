/* What `status` says of machines that try to send and do not manage; and that it stays bounded. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FailingSenders } from '#mail/devices/failing-senders';
import { FakeClock } from '../../../support/fake-clock.ts';

function stage() {
  const clock = new FakeClock();
  const names = new Map<string, string>();
  const senders = new FailingSenders(clock, (address) => {
    const name = names.get(address);
    return name === undefined ? undefined : { name };
  });
  let sessions = 0;
  const from = (address: string, place: 'local' | 'far' = 'local') => ({
    address,
    place,
    session: `s${++sessions}`,
  });
  return { clock, names, senders, from };
}

test('the sentence names the device, says what it does and how often', () => {
  const { names, senders, from } = stage();
  names.set('192.168.1.40', 'scanner');
  senders.failed(from('192.168.1.40'), 'bare-newlines');
  senders.failed(from('192.168.1.40'), 'bare-newlines');
  const [say = '', ...more] = senders.worries();
  assert.match(
    say,
    /^scanner \(192\.168\.1\.40\) ends its lines with LF or CR alone .*\(2 times\)/,
  );
  assert.deepEqual(more, []);
});

test('a session counts once, and a single refusal is not told', () => {
  const { senders, from } = stage();
  const once = from('192.168.1.40');
  senders.failed(once, 'not-signed-in');
  senders.failed(once, 'not-signed-in');
  assert.deepEqual(senders.worries(), []);
  senders.failed(from('192.168.1.40'), 'not-signed-in');
  assert.match(senders.worries()[0] ?? '', /refused 2 times.*device add NAME --address 192/);
});

test('a week later, or after a message that got through, it is forgotten', () => {
  const { clock, senders, from } = stage();
  senders.failed(from('192.168.1.40'), 'silence');
  senders.failed(from('192.168.1.41'), 'silence');
  senders.succeeded('192.168.1.40');
  assert.equal(senders.worries().length, 1);
  clock.advance(7 * 24 * 3_600_000 - 1);
  assert.equal(senders.worries().length, 1);
  clock.advance(1);
  assert.deepEqual(senders.worries(), []);
});

test('a flood is bounded, and strangers do not push out who is at home', () => {
  const { senders, from } = stage();
  senders.failed(from('192.168.1.40'), 'bare-newlines');
  for (let i = 0; i < 1000; i++) {
    senders.failed(from(`192.0.2.${i}`, 'far'), 'bare-newlines');
    senders.failed(from(`192.0.2.${i}`, 'far'), 'not-signed-in');
    senders.failed(from('192.0.2.1', 'far'), 'silence');
  }
  for (let i = 0; i < 7; i++) senders.failed(from(`192.168.2.${i}`), 'bare-newlines');
  senders.failed(from('192.168.1.40'), 'bare-newlines');
  const worries = senders.worries();
  assert.equal(worries.length, 8);
  assert.match(worries[0] ?? '', /^Something at 192\.168\.1\.40 .*\(2 times\)/);
});

test('the oldest goes when too many at home fail', () => {
  const { senders, from } = stage();
  for (let i = 0; i < 65; i++) senders.failed(from(`10.0.0.${i}`), 'silence');
  senders.failed(from('10.0.0.0'), 'silence');
  assert.match(senders.worries()[0] ?? '', /^Something at 10\.0\.0\.0 .*\(once\)/);
  senders.failed(from('10.0.0.64'), 'silence');
  assert.match(senders.worries()[0] ?? '', /^Something at 10\.0\.0\.64 .*\(2 times\)/);
});
