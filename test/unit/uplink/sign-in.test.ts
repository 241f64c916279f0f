/* Which mechanism, and when no secret is sent: a table. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signInPlan } from '#uplink/sign-in';

const password = { password: 'x' };
const accessToken = { accessToken: 'x' };
const far = '192.0.2.1';

interface Row {
  readonly secret?: { readonly password: string } | { readonly accessToken: string };
  readonly encrypted?: boolean;
  readonly remote?: string;
  readonly offered?: string;
  readonly becomes: string;
}

const rows: readonly Row[] = [
  { secret: password, offered: 'XOAUTH2 CRAM-MD5 LOGIN PLAIN', becomes: 'PLAIN' },
  { secret: password, offered: 'CRAM-MD5 LOGIN', becomes: 'LOGIN' },
  { secret: password, offered: 'GSSAPI CRAM-MD5', becomes: 'CRAM-MD5' },
  { secret: accessToken, offered: 'PLAIN XOAUTH2', becomes: 'XOAUTH2' },
  { secret: accessToken, offered: 'PLAIN LOGIN', becomes: 'NO-MECHANISM' },
  { secret: password, offered: 'XOAUTH2', becomes: 'NO-MECHANISM' },
  { secret: password, becomes: 'NO-AUTH' },
  { offered: 'PLAIN', becomes: 'NO-SECRET' },
  { secret: password, encrypted: false, offered: 'PLAIN', becomes: 'IN-THE-CLEAR' },
  { secret: password, encrypted: false, offered: 'CRAM-MD5', becomes: 'IN-THE-CLEAR' },
  { secret: accessToken, encrypted: false, offered: 'XOAUTH2', becomes: 'IN-THE-CLEAR' },
  ...['', '10.0.0.1', '128.0.0.1', '::2', 'localhost', '::ffff:10.0.0.1'].map((remote) => ({
    ...{ secret: password, encrypted: false, remote, offered: 'PLAIN', becomes: 'IN-THE-CLEAR' },
  })),
  ...['127.0.0.1', '127.8.9.1', '::1', '::ffff:127.0.0.1'].map((remote) => ({
    ...{ secret: password, encrypted: false, remote, offered: 'PLAIN', becomes: 'PLAIN' },
  })),
];

for (const { secret, encrypted = true, remote = far, offered = '', becomes } of rows) {
  const kind = secret === undefined ? 'nothing' : Object.keys(secret)[0];
  test(`${kind} for "${offered}" at ${remote}, ${encrypted ? '' : 'not '}encrypted`, () => {
    const mechanisms = new Set(offered.split(' ').filter((one) => one !== ''));
    const circumstances = { encrypted, remote, mechanisms };
    const who = secret === undefined ? { user: 'ann' } : { user: 'ann', secret };
    const plan = signInPlan(who, circumstances);
    const got = plan.kind === 'with' ? plan.mechanism : plan.kind === 'cannot' ? plan.code : '';
    assert.equal(got, becomes);
    assert.deepEqual(signInPlan({}, circumstances), { kind: 'none' });
  });
}
