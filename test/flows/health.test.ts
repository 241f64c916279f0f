/* What the page Home says is wrong: each trouble once, with what to do about it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SourceReport, StatusReport } from '#control/types';
import { troublesOf } from '../../flows/nodes/views/health.ts';

const uplinkSays = 'localhost takes no connections on port 25. Look for a slip in the port';
const sourceSays = 'There is too little room. It goes on by itself when there is room';
const guessed = "Ann's password is being guessed from 192.168.1.9";
const sameDisk = '/mnt is on the same disk as the mail: a backup there does not survive that disk.';

test('a trouble that status warns of, too, is told once', () => {
  const status = {
    store: {},
    accounts: [{ name: 'ann' }],
    clock: { sane: true, say: '' },
    queue: { withoutUplink: 0 },
    uplinks: [{ name: 'u1', condition: 'paused', signIn: 'none', say: uplinkSays }],
    warnings: [sameDisk, guessed, `u1: ${uplinkSays}`, `Collecting from f: ${sourceSays}`],
  } as unknown as StatusReport;
  const source = { name: 'f', condition: 'disk', signIn: 'password', say: sourceSays };
  const troubles = troublesOf(status, [source as unknown as SourceReport]);
  assert.deepEqual(
    troubles.map(({ say }) => say),
    [`Sending by U1: ${uplinkSays}.`, `Collecting from F: ${sourceSays}.`, sameDisk, `${guessed}.`],
  );
  assert.equal(troubles.at(-1)?.to, '/people/ann');
});
