/* Our own receipt ids among the Received fields, wherever lines are folded and pieces split. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReceivedIds } from '#mail/message/received-ids';

const ours = '0123abcd0123abcd';
const others = `Received: from a (b [192.0.2.1])\r\n\tby c with SMTP id x9 ; Mon\r\n`;

const rows: [name: string, header: string, found: boolean][] = [
  ['nothing', '', false],
  ['another host', others, false],
  ['as we write it', `${others}Received: from a\r\n\tby b\r\n\tid ${ours};\r\n\tMon\r\n`, true],
  ['with a recipient', `Received: from a by b id ${ours} for <c@d.example>; Mon\r\n`, true],
  ['folded before the id', `Received: from a by b id\r\n  ${ours}; Mon\r\n`, true],
  ['lines end in LF alone', `Subject: x\nReceived: by b\n id ${ours};\n Mon\nTo: y\n`, true],
  ['white space before the colon', `RECEIVED : by b ID ${ours}; Mon\r\n`, true],
  ['the last line has no end', `Received: by b id ${ours}`, true],
  ['in another field', `Subject: id ${ours};\r\nX-Received: by b id ${ours};\r\n`, false],
  ['below another field', `${others}Subject: x\r\n\tid ${ours};\r\n`, false],
  ['part of a longer word', `Received: by b id ${ours}9; Mon\r\n`, false],
  ['far behind', `Received: by ${'b'.repeat(3000)} id ${ours}; Mon\r\n`, false],
];

for (const [name, header, found] of rows) {
  test(`received ids: ${name}`, () => {
    for (const size of [1, 2, 3, 7, 10_000]) {
      const ids = new ReceivedIds((id) => id === ours);
      const octets = Buffer.from(header);
      for (let at = 0; at < octets.length; at += size) ids.update(octets.subarray(at, at + size));
      assert.equal(ids.found, found, `in pieces of ${size}`);
    }
  });
}
