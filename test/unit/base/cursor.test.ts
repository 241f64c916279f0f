/* The cursor: tries stay or move, musts complain once, nothing throws. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CharacterSet, Cursor, lettersAndDigits, range, visible } from '#base/cursor';

test('a try that fails leaves the cursor where it was, and complains to nobody', () => {
  const cursor = new Cursor('MAIL FROM:<>');
  assert.equal(cursor.take('mail'), false);
  assert.equal(cursor.takeNumber(), undefined);
  assert.equal(cursor.takeSome(new CharacterSet('m')), undefined);
  assert.equal(cursor.at, 0);
  assert.equal(cursor.complaint, undefined);
});

test('words are taken in whatever case, and only whole', () => {
  const cursor = new Cursor('mAiL From:<>');
  assert.ok(cursor.takeAnyCase('MAIL'));
  assert.ok(cursor.expect(' '));
  assert.ok(cursor.takeAnyCase('FROM:'));
  assert.equal(cursor.takeAnyCase('<>AND MORE'), false);
  assert.equal(cursor.rest(), '<>');
  assert.ok(cursor.end());
});

test('characters beside the letters do not change case', () => {
  assert.equal(new Cursor('{').takeAnyCase('['), false);
  assert.equal(new Cursor('ſ').takeAnyCase('S'), false);
});

test('the first complaint stays', () => {
  const cursor = new Cursor('RCPT <ann>');
  assert.ok(cursor.expectAnyCase('RCPT'));
  assert.equal(cursor.expectAnyCase(' TO:') && cursor.expect('<'), false);
  assert.equal(cursor.expect('never'), false);
  assert.deepEqual(cursor.complaint, { at: 4, wanted: '" TO:"' });
});

test('sets: ranges, limits, characters beyond ASCII, broken UTF-8', () => {
  assert.equal(range('x', 'z'), 'xyz');
  assert.equal(new Cursor('abc1-').takeSome(lettersAndDigits), 'abc1');
  assert.equal(new Cursor('abc').takeSome(visible, 2), 'ab');
  assert.equal(new Cursor('jürgen').takeSome(visible), 'j');
  assert.equal(new Cursor('jürgen').takeSome(new CharacterSet(range('a', 'z'), true)), 'jürgen');
  assert.equal(new Cursor('j\ufffdr').takeSome(new CharacterSet('jr', true)), 'j');
});

test('numbers are exact or not numbers', () => {
  assert.equal(new Cursor('007').takeNumber(), 7);
  assert.equal(new Cursor('9007199254740991 ').takeNumber(), 9007199254740991);
  const huge = new Cursor('9007199254740993');
  assert.equal(huge.takeNumber(), undefined);
  assert.equal(huge.at, 0);
});

test('the end is the end', () => {
  const cursor = new Cursor('NOOP x');
  assert.ok(cursor.expect('NOOP'));
  assert.equal(cursor.expectEnd(), false);
  assert.deepEqual(cursor.complaint, { at: 4, wanted: 'the end of the line' });
  assert.ok(Number.isNaN(new Cursor('').peek()));
});
