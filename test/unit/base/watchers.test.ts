import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Watchers } from '#base/watchers';

test('everybody is told, in the order in which they came, until they go', () => {
  const seen: string[] = [];
  const watchers = new Watchers<[number]>();
  const one = watchers.add((news) => seen.push(`one ${news}`));
  watchers.add((news) => seen.push(`two ${news}`));
  watchers.tell(1);
  one[Symbol.dispose]();
  one[Symbol.dispose]();
  watchers.tell(2);
  assert.deepEqual(seen, ['one 1', 'two 1', 'two 2']);
});

test('two watches with one function are two', () => {
  let told = 0;
  const tell = () => {
    told += 1;
  };
  const watchers = new Watchers();
  const one = watchers.add(tell);
  watchers.add(tell);
  watchers.tell();
  one[Symbol.dispose]();
  watchers.tell();
  assert.equal(told, 3);
});

test('who is told may go', () => {
  let told = 0;
  const watchers = new Watchers();
  const watch = watchers.add(() => {
    told += 1;
    watch[Symbol.dispose]();
  });
  watchers.tell();
  watchers.tell();
  assert.equal(told, 1);
});
