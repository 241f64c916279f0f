/* Many writes of one turn are one; nothing is lost and nothing overtakes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GatheredStream } from '#base/gathered-stream';

function recorder() {
  const writes: string[] = [];
  return {
    writes,
    writableLength: 0,
    writable: true,
    write: (text: string) => void writes.push(text),
    on: () => {},
  };
}

test('what is written in one turn leaves together when it ends', async () => {
  const stream = recorder();
  const gathered = new GatheredStream(stream);
  gathered.write('one\n');
  gathered.write('two\n');
  assert.equal(gathered.writableLength, 8);
  assert.deepEqual(stream.writes, []);
  await new Promise((resolve) => setImmediate(resolve));
  gathered.write('three\n');
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(stream.writes, ['one\ntwo\n', 'three\n']);
});

test('flush writes at once, and only once', async () => {
  const stream = recorder();
  const gathered = new GatheredStream(stream);
  gathered.write('last words\n');
  gathered.flush();
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(stream.writes, ['last words\n']);
});

test('a stream that is gone is left alone', () => {
  const stream = recorder();
  const gathered = new GatheredStream(stream);
  gathered.write('nobody reads this\n');
  stream.writable = false;
  gathered.flush();
  assert.deepEqual(stream.writes, []);
  assert.equal(gathered.writable, false);
});
