/* RETR and TOP of messages that go out piece by piece. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ok, trouble } from '#base/result';
import { houseOfAnn, Pop3Line } from './pop3-line.ts';

const header = 'Subject: big\r\n\r\n';
const awkward = '.\r\n..dots\r\nbare\nlf\n.\nbare\rcr\r.\r\n\0\x80\xff\r\n';

/** RFC 1939 §3, for messages whose line ends are whole. */
function stuffed(octets: string): string {
  return octets.replace(/^\./gm, '..');
}

/** What POP3 sends for octets that are kept. */
function whole(octets: string): string {
  const lines = octets.replace(/\r\n|\r|\n/g, '\r\n');
  return lines === '' || lines.endsWith('\r\n') ? lines : `${lines}\r\n`;
}

const messages = new Map([
  ['small', `${header}${awkward}`],
  ['one chunk exactly', header + 'x'.repeat(65_536 - header.length)],
  ['a line end across chunks', `${'x'.repeat(65_535)}\r\n.`],
  ['a bare CR at the end of a chunk', `${'x'.repeat(65_535)}\r.`],
  ['a bare LF at the beginning of a chunk', `${'x'.repeat(65_536)}\n.\nend`],
  ['a dot at the beginning of a chunk', `${'x'.repeat(65_534)}\r\n.\r\n`],
  ['a line of 1 MB', `${header}${'y'.repeat(1_048_576)}`],
  ['awkward and long', header + awkward.repeat(9_000)],
  ['nothing but dots', '.\r\n'.repeat(50_000)],
  ['nothing but bare CRs', '\r'.repeat(70_000)],
  ['empty', ''],
]);

for (const [name, octets] of messages) {
  test(`RETR sends it whole, and LIST told its size: ${name}`, async () => {
    const line = new Pop3Line(await houseOfAnn(octets));
    await line.signIn();
    const sent = whole(octets);
    assert.equal(await line.say('LIST 1\r\n'), `+OK 1 ${sent.length}\r\n`);
    const said = await line.say('RETR 1\r\n');
    assert.ok(said === `+OK ${sent.length} octets\r\n${stuffed(sent)}.\r\n`, 'the reply differs');
    // Clients that end a reply at a "." behind a bare LF or CR find none before the end.
    const lines = said.split(/\r\n|\r|\n/);
    assert.equal(lines.indexOf('.'), lines.length - 2);
  });
}

test('TOP cuts a long message where it should', async () => {
  const body = 'a line\r\n'.repeat(20_000);
  const line = new Pop3Line(await houseOfAnn(header + body), true);
  await line.signIn();
  for (const lines of [0, 1, 8_190, 19_999, 20_000, 20_001]) {
    const shown = header + 'a line\r\n'.repeat(Math.min(lines, 20_000));
    const said = await line.say(`TOP 1 ${lines}\r\n`);
    assert.ok(said === `+OK The top of message 1\r\n${shown}.\r\n`, `${lines} lines`);
  }
});

test('when a message cannot be read to its end, the line is cut, not the reply ended', async () => {
  const house = await houseOfAnn(header + 'a line\r\n'.repeat(60_000));
  const read = house.store.read.bind(house.store);
  house.store.read = (chunks) =>
    chunks.some(({ chunk }) => chunk >= 3)
      ? Promise.resolve({ ok: false, error: trouble('failing', 'The disk reports errors', 'test') })
      : read(chunks);
  const line = new Pop3Line(house);
  await line.signIn();
  const said = await line.say('RETR 1\r\nNOOP\r\n');
  assert.ok(said.startsWith('+OK 480016 octets\r\n'));
  assert.ok(!said.includes('\r\n.\r\n') && !said.includes('-ERR'));
  assert.ok(line.wire.closed);
  await line.session.ended();
  assert.equal(house.messages('ann')[0]?.retrieved, false);
});

test('a message that is shorter on the disk than it was is not sent as if it were whole', async () => {
  const house = await houseOfAnn(`${header}body\r\n`);
  const read = house.store.read.bind(house.store);
  house.store.read = async (chunks) => {
    const found = await read(chunks);
    return found.ok ? ok(found.value.map((chunk) => chunk.subarray(1))) : found;
  };
  const line = new Pop3Line(house);
  await line.signIn();
  assert.equal(
    await line.say('RETR 1\r\n'),
    '-ERR [SYS/PERM] That message is damaged on the disk\r\n',
  );
});

test('a client that vanishes in the middle of a message has not retrieved it', async () => {
  const house = await houseOfAnn(header + 'a line\r\n'.repeat(60_000));
  const line = new Pop3Line(house, true);
  await line.signIn();
  const retrieving = line.session.receive(Buffer.from('RETR 1\r\n'));
  line.wire.lost = true;
  await retrieving;
  await line.session.ended();
  assert.equal(house.messages('ann')[0]?.retrieved, false);
});
