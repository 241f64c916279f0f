/*
 * Python's poplib ends a reply at a "." line behind a bare LF, too. No message may make it stop
 * early, whatever it holds: what poplib takes for the message is what is kept, with every line end
 * whole, and the answers behind it stay in step.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { listenAsPop3 } from '../support/own-pop3.ts';
import { missingProgram } from '../support/programs.ts';
import { houseOfAnn } from '../unit/protocol/pop3/pop3-line.ts';

const messages = [
  'Subject: plain\r\n\r\nbody\r\n',
  '.\n.\r.\r\n.',
  'Subject: trap\r\n\r\nabove\n.\nbelow\r.\rlower\n.\r\nlowest\n',
  '.\n'.repeat(40_000),
  '',
  '\n',
  '\x00\x80\xff\n.\n\x00',
  `Subject: big\n\n${'.dot\n'.repeat(30_000)}.`,
];

/** Retrieves everything, says as hexadecimal lines what poplib took for each message. */
const client = `
import poplib, sys
poplib._MAXLINE = 1 << 21
line = poplib.POP3('127.0.0.1', int(sys.argv[1]), timeout=60)
line.user('ann')
line.pass_('tuna')
count, octets = line.stat()
for number in range(1, count + 1):
    size = int(line.list(number).split()[2])
    response, lines, _ = line.retr(number)
    message = b''.join(one + b'\\r\\n' for one in lines)
    assert len(message) == size, (number, len(message), size)
    octets -= size
    line.noop()
    print(message.hex())
assert octets == 0
line.quit()
`;

test('poplib gets every message whole', { skip: missingProgram('python3') }, async () => {
  const house = await houseOfAnn(...messages);
  await using server = await listenAsPop3(house);
  const port = `${server.port}`;
  const python = spawn('python3', ['-c', client, port], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  python.stdout.on('data', (octets: Buffer) => {
    said += octets.toString();
  });
  const [status] = await once(python, 'close');
  assert.equal(status, 0);
  const heard = said.split('\n').slice(0, -1);
  assert.deepEqual(
    heard.map((hex) => Buffer.from(hex, 'hex').toString('latin1')),
    messages.map(asSent),
  );
});

/** Every line end whole, the last one there. */
function asSent(octets: string): string {
  const lines = octets.replace(/\r\n|\r|\n/g, '\r\n');
  return lines === '' || lines.endsWith('\r\n') ? lines : `${lines}\r\n`;
}
