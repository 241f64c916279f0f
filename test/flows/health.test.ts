/* What the page Home says is wrong: each trouble once, with what to do about it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SourceReport, StatusReport } from '#control/types';
import { troublesOf } from '../../flows/nodes/views/health.ts';

const uplinkSays = 'localhost takes no connections on port 25. Look for a slip in the port';
const sourceSays = 'There is too little room. It goes on by itself when there is room';
const guessed = "Ann's password is being guessed from 192.168.1.9";
const printer =
  'Something at 192.168.1.20 tries to send mail without signing in and was refused 3 times. If it is ' +
  'your printer or scanner: restante device add NAME --address 192.168.1.20 --account ACCOUNT';
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

test('a sentence that says on which page something is mended leads there', () => {
  const status = {
    ...{ store: {}, accounts: [], clock: { sane: true, say: '' }, uplinks: [] },
    queue: { withoutUplink: 0 },
    warnings: [printer, 'Backups have no passphrase; set one with: restante backup passphrase'],
  } as unknown as StatusReport;
  const [device, backup] = troublesOf(status, []);
  assert.match(device?.say ?? '', /your printer or scanner, add it on the page People\.$/);
  assert.deepEqual([device?.to, device?.todo], ['/people', 'Open People']);
  assert.deepEqual([backup?.to, backup?.todo], ['/box', 'Open Box']);
});
