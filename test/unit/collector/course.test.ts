/* What a round knows of its session, and forgets when there is too much of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Course } from '#collector/course';
import { confirmedInSession } from '#collector/limits';

test('the last messages of a session are known to be confirmed, the first of many no more', () => {
  const course = new Course(new AbortController().signal);
  const last = 3 * confirmedInSession;
  for (let number = 1; number <= last; number += 1) course.confirm(7, `uid${number}`);
  for (const number of [last, last - 1, last - confirmedInSession / 2]) {
    assert.ok(course.isConfirmed(7, `uid${number}`), `${number}`);
  }
  assert.ok(!course.isConfirmed(7, `uid${last - confirmedInSession}`));
  assert.ok(!course.isConfirmed(8, `uid${last}`));
});
