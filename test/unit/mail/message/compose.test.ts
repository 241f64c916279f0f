/*
 * Messages that the box makes of parts, read by another program's parser (Python's email): what
 * went in comes out, and nobody writes a field or a line of ours.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { parseAddress } from '#mail/address';
import { type Correspondent, compose, type Letter, quotedPrintable } from '#mail/message/compose';
import { missingProgram } from '../../../support/programs.ts';

const facts = { hostName: 'restante.local', id: 'f00d', now: Date.UTC(2026, 10, 26, 9) };

function person(name: string, text: string): Correspondent {
  const address = parseAddress(text);
  assert.ok(address, text);
  return { name, address };
}

const ann = person('Ann', 'ann@example.org');
const plain: Letter = {
  from: ann,
  to: [person('', 'bob@example.net')],
  cc: [],
  subject: 'hello',
  text: 'Hi.',
};

const letters: Readonly<Record<string, Letter>> = {
  plain,
  empty: { ...plain, subject: '', text: '' },
  'another script': {
    ...plain,
    subject: 'Grüße an 子供 und 🐟'.repeat(12),
    text: 'Grüße\n子供 🐟\n',
  },
  'names in another script': {
    ...plain,
    from: person('Jürgen Müller, 子供 '.repeat(8), 'j@example.org'),
    to: Array.from({ length: 200 }, (_, number) =>
      person(`Nr. "${number}"`, `n${number}@example.org`),
    ),
    cc: [person('=?utf-8?q?evil?=', '"odd one"@example.org')],
  },
  'HTML beside text': { ...plain, html: '<p>Hi, <b>Grüße</b> = fish.</p>' },
  'HTML alone': { ...plain, text: '', html: '<p>Hi.</p>' },
  'a text that looks like ours': {
    ...plain,
    text: '--=_f00d--\n.\n From here\n',
    html: '--=_f00d\n',
  },
  'long lines and odd ends': {
    ...plain,
    text: `${'x'.repeat(3000)}\r${'é '.repeat(90)} \nlast \t`,
  },
  'fields that would be written by strangers': {
    ...plain,
    subject: 'hello\r\nBcc: eve@example.org\r\n\r\nHacked',
    from: { ...ann, name: 'Ann"\r\nX-Evil: 1' },
  },
};

const reader = `
import email, email.policy, json, sys
m = email.message_from_bytes(sys.stdin.buffer.read(), policy=email.policy.SMTP)
def text(kind):
    part = m.get_body((kind,))
    return None if part is None else part.get_payload(decode=True).decode()
print(json.dumps({
  'fields': sorted(set(m.keys())), 'defects': [repr(d) for p in m.walk() for d in p.defects],
  'subject': str(m['subject']),
  'people': [[a.display_name, a.addr_spec] for f in ('from', 'to', 'cc') if m[f] for a in m[f].addresses],
  'plain': text('plain'), 'html': text('html')}))`;

const lines = (text: string) => text.replace(/\r\n?|\n/g, '\r\n');
const ended = (text: string) => (text === '' || text.endsWith('\r\n') ? text : `${text}\r\n`);
const oneLine = (text: string) => text.replace(/[\r\n]/g, ' ').trim();

describe('a message made of parts', { skip: missingProgram('python3') }, () => {
  for (const [name, letter] of Object.entries(letters)) {
    test(name, () => {
      const message = compose(letter, facts);
      for (const line of message.split('\r\n')) {
        assert.ok(!/[\r\n]/.test(line) && Buffer.byteLength(line) <= 998, line);
      }
      const [header = ''] = message.split('\r\n\r\n', 1);
      assert.match(header, /^[ -~\r\n]*$/, 'ASCII');
      const read = JSON.parse(
        execFileSync('python3', ['-c', reader], { input: message }).toString(),
      );
      assert.deepEqual(read.defects, []);
      const usual = ['Content-Type', 'Date', 'From', 'MIME-Version', 'Message-ID', 'Subject', 'To'];
      const single = letter.html === undefined || letter.text === '';
      if (single) usual.push('Content-Transfer-Encoding');
      if (letter.cc.length > 0) usual.push('Cc');
      assert.deepEqual(read.fields, usual.sort());
      assert.equal(read.subject.trim(), oneLine(letter.subject));
      const people = [letter.from, ...letter.to, ...letter.cc];
      assert.deepEqual(
        read.people.map(([, address]: string[]) => address),
        people.map(
          ({ address }) =>
            (address.local.includes(' ') ? `"${address.local}"` : address.local) +
            `@${address.domain}`,
        ),
      );
      for (const [index, { name: shown }] of people.entries()) {
        const expected = [...oneLine(shown)];
        const got: string = read.people[index][0];
        assert.equal(got, expected.length > 100 ? got : expected.join(''));
      }
      if (letter.text !== '' || letter.html === undefined) {
        assert.equal(read.plain, ended(lines(letter.text)));
      }
      assert.equal(read.html, letter.html === undefined ? null : ended(lines(letter.html)));
    });
  }
});

test('quoted-printable lines have at most 76 characters and keep their blanks', () => {
  const written = quotedPrintable(`${'=é '.repeat(60)}\r\n\t\r\n`);
  for (const line of written.split('\r\n')) {
    assert.ok(line.length <= 76, line);
    assert.doesNotMatch(line, /[ \t]$/);
  }
});
