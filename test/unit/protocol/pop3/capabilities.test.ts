/* CAPA says exactly what works: each word it lists works, each word it leaves out is refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { House } from '../../../support/house.ts';
import { houseOfAnn, Pop3Line } from './pop3-line.ts';

const plain = Buffer.from('\0ann\0tuna').toString('base64');

/** For each word: try it on a fresh line; true when it works. */
const trials = new Map<string, (line: Pop3Line) => Promise<boolean>>([
  ['USER', async (line) => accepts(await line.signIn())],
  ['STLS', async (line) => accepts(await line.say('STLS\r\n'))],
  ['UTF8', async (line) => accepts(await line.say('UTF8\r\n'))],
  ['SASL PLAIN', async (line) => accepts(await line.say(`AUTH PLAIN ${plain}\r\n`))],
  ['SASL LOGIN', async (line) => (await line.say('AUTH LOGIN\r\n')).startsWith('+ ')],
  ['SASL SCRAM-SHA-256', async (line) => scramIsSpoken(line)],
  ['SASL CRAM-MD5', async (line) => (await line.say('AUTH CRAM-MD5\r\n')).startsWith('+ ')],
  ['APOP', async (line) => accepts(await line.say(`APOP ann ${line.digestOf('tuna')}\r\n`))],
  ['LANG', async (line) => accepts(await line.say('LANG\r\n'))],
]);

for (const place of ['loopback', 'local', 'far'] as const) {
  for (const encrypted of [false, true]) {
    for (const [certificate, recoverable] of [
      [false, false],
      [true, false],
      [false, true],
      [true, true],
    ] as const) {
      const facts = `certificate: ${certificate}, recoverable password: ${recoverable}`;
      const where = `${place}, ${encrypted ? 'TLS' : 'clear'}, ${facts}`;
      test(`advertised equals accepted (${where})`, async () => {
        const house = await houseOfAnn();
        if (recoverable) await house.given("ann's password is recoverable", undefined);
        house.peer = { ...house.peer, place };
        house.tls = encrypted ? House.tls : undefined;
        house.certificate = certificate;
        const words = advertised(await new Pop3Line(house).say('CAPA\r\n'));
        if (new Pop3Line(house).timestamp !== undefined) words.add('APOP');
        assert.equal(words.has('APOP'), recoverable && !encrypted && place !== 'loopback');
        for (const [word, works] of trials) {
          const line = new Pop3Line(house);
          assert.equal(await works(line), words.has(word), `${word} (${where})`);
          await line.session.ended();
        }
      });
    }
  }
}

test('TOP, UIDL and PIPELINING work as announced, and codes are codes', async () => {
  const line = new Pop3Line(await houseOfAnn('Subject: x\r\n\r\nbody\r\n'));
  const words = advertised(await line.say('CAPA\r\n'));
  for (const word of ['TOP', 'UIDL', 'PIPELINING', 'RESP-CODES', 'AUTH-RESP-CODE']) {
    assert.ok(words.has(word), word);
  }
  assert.match(await line.say('USER ann\r\nPASS no\r\n'), /\r\n-ERR \[AUTH\] /);
  const all = await line.say('USER ann\r\nPASS tuna\r\nTOP 1 0\r\nUIDL 1\r\nNOOP\r\n');
  assert.deepEqual(all.match(/^(\+OK|-ERR)/gm)?.length, 5);
});

test('what was announced before signing in is announced after it (RFC 2449 §5)', async () => {
  const line = new Pop3Line(await houseOfAnn());
  const before = advertised(await line.say('CAPA\r\n'));
  await line.signIn();
  const after = advertised(await line.say('CAPA\r\n'));
  before.delete('STLS'); // RFC 2595 §4: only where it can be used
  assert.deepEqual(after, before);
});

function accepts(said: string): boolean {
  return said.startsWith('+OK') && !said.includes('-ERR');
}

/** With a first message that names Ann, it answers with its nonce, salt and rounds. */
async function scramIsSpoken(line: Pop3Line): Promise<boolean> {
  const first = Buffer.from('n,,n=ann,r=fyko+d2lbbFgONRv9qkxdawL').toString('base64');
  const said = await line.say(`AUTH SCRAM-SHA-256 ${first}\r\n`);
  const server = Buffer.from(said.slice(2), 'base64').toString();
  return said.startsWith('+ ') && /^r=fyko.*,s=.*,i=\d+$/.test(server);
}

/** The words of a CAPA reply; SASL once for each mechanism. */
function advertised(reply: string): Set<string> {
  const lines = reply.split('\r\n').slice(1, -2);
  return new Set(
    lines.flatMap((line) => {
      const [word = '', ...rest] = line.split(' ');
      return word === 'SASL' ? rest.map((mechanism) => `SASL ${mechanism}`) : [word];
    }),
  );
}
