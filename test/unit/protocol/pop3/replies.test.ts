/* Which response code goes with which failure, for programs that act on it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Failure, refusal, trouble } from '#base/result';
import { negativeFor } from '#protocol/pop3/replies';

const rows: readonly (readonly [failure: Failure, reply: string])[] = [
  [refusal('password', 'Wrong'), '-ERR [AUTH] Wrong\r\n'],
  [refusal('in-use', 'Taken'), '-ERR [IN-USE] Taken\r\n'],
  // Not AUTH: a program would ask its user for a new password, and the old one may be right.
  [refusal('locked', 'Too many wrong passwords'), '-ERR [SYS/TEMP] Too many wrong passwords\r\n'],
  [trouble('failing', 'The disk fails', 'EIO'), '-ERR [SYS/TEMP] The disk fails\r\n'],
  [refusal('no-such-message', 'There is no message 3'), '-ERR There is no message 3\r\n'],
];

for (const [failure, reply] of rows) {
  test(`${failure.kind} ${failure.code}`, () => {
    assert.equal(negativeFor(failure), reply);
  });
}
