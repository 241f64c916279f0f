/* The set-up window: who gets through it, and how it closes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failed, ok, refusal } from '#base/result';
import { openFor, SetUpWindow } from '#web/set-up-window';
import { FakeClock } from '../../support/fake-clock.ts';
import { SeededRandom } from '../../support/seeded-random.ts';

const phone = '192.168.1.7';

function bench() {
  const clock = new FakeClock();
  const window = new SetUpWindow(clock, new SeededRandom());
  const done: string[] = [];
  const use = async (code: string, address = phone) => {
    const used = await window.use(code, address, async () => {
      done.push(code);
      return ok(undefined);
    });
    return used.ok ? 'done' : used.error.code;
  };
  return { clock, window, use, done };
}

test('a closed one lets nobody through', async () => {
  const { window, use, done } = bench();
  assert.equal(window.state, 'closed');
  assert.equal(await use(''), 'closed');
  assert.deepEqual(done, []);
});

test('the code works once, however it is written, and closes it', async () => {
  const { window, use } = bench();
  const { code } = window.openWithCode();
  assert.match(code, /^[a-z]{4}-[a-z]{4}$/);
  assert.equal(await use(''), 'code');
  assert.equal(await use(`${code}a`), 'code');
  assert.equal(await use(` ${code.toUpperCase().replace('-', '')} `), 'done');
  assert.equal(window.state, 'closed');
  assert.equal(await use(code), 'closed');
});

test('ten minutes close it, and those who watch hear of it', async () => {
  const { clock, window, use } = bench();
  const states: string[] = [];
  window.watch(() => states.push(window.state));
  const { code } = window.openWithCode();
  clock.advance(openFor - 1);
  assert.equal(window.state, 'wants code');
  clock.advance(1);
  assert.equal(await use(code), 'closed');
  assert.deepEqual(states, ['wants code', 'closed']);
});

test('opened anew, an older code is good no more and the time begins again', async () => {
  const { clock, window, use } = bench();
  const { code } = window.openWithCode();
  clock.advance(openFor - 1);
  const again = window.openWithCode();
  clock.advance(openFor - 1);
  assert.equal(await use(code), 'code');
  assert.equal(await use(again.code), 'done');
});

test('the button opens it for whoever is first', async () => {
  const { window, use } = bench();
  window.openByButton();
  assert.equal(window.state, 'open');
  assert.equal(await use(''), 'done');
  assert.equal(window.state, 'closed');
});

test('of two at once, one gets through', async () => {
  const { window } = bench();
  const { code } = window.openWithCode();
  const finish = Promise.withResolvers<void>();
  const first = window.use(code, phone, async () => {
    await finish.promise;
    return ok(undefined);
  });
  const second = await window.use(code, '192.168.1.8', async () => ok(undefined));
  assert.ok(!second.ok && second.error.code === 'busy');
  finish.resolve();
  assert.ok((await first).ok);
});

test('a job that does not succeed leaves it open', async () => {
  const { window, use } = bench();
  const { code } = window.openWithCode();
  const refused = await window.use(code, phone, async () => failed(refusal('bad-password', 'x')));
  assert.ok(!refused.ok);
  await assert.rejects(window.use(code, phone, () => Promise.reject(new Error('a bug'))));
  assert.equal(await use(code), 'done');
});

test('wrong codes from one address shut that address out', async () => {
  const { window, use } = bench();
  const { code } = window.openWithCode();
  const answers: string[] = [];
  for (let tries = 0; tries < 9; tries += 1) answers.push(await use(`wrong${tries}`));
  assert.deepEqual(answers, [...Array(8).fill('code'), 'locked']);
  assert.equal(await use(code), 'locked');
  assert.equal(await use(code, '192.168.1.8'), 'done');
});

test('wrong codes from everywhere close it', async () => {
  const { window, use } = bench();
  window.openWithCode();
  for (let tries = 0; tries < 200; tries += 1) await use('wrong', `10.0.0.${tries}`);
  assert.equal(window.state, 'closed');
});
