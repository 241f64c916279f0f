/* Mail deleted by POP3 comes back by one command, as a new message to every client. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startBox, type TestBox } from '../support/box.ts';
import { NetPeer } from '../support/net-peer.ts';
import { SmtpSender } from '../support/smtp-peer.ts';

async function deliver(box: TestBox, to: string, subject: string): Promise<void> {
  const sender = await SmtpSender.dial(box.ports.smtp);
  const reply = await sender.send(`${to}@restante.local`, `Subject: ${subject}\r\n\r\nHello`);
  assert.match(reply ?? '', /^250/);
  sender.hangUp();
}

/** Signs in, says these commands, and gives the unique-ids there were. */
async function visit(box: TestBox, user: string, ...commands: string[]): Promise<string[]> {
  const peer = await NetPeer.dial(box.ports.pop3);
  await peer.hear('\r\n');
  for (const command of [`USER ${user}`, 'PASS a password']) {
    peer.say(`${command}\r\n`);
    assert.match(await peer.hear('\r\n'), /^\+OK/);
  }
  peer.say('UIDL\r\n');
  const lines = (await peer.hear('\r\n.\r\n')).split('\r\n').slice(1, -2);
  for (const command of [...commands, 'QUIT']) {
    peer.say(`${command}\r\n`);
    assert.match(await peer.hear('\r\n'), /^\+OK/);
  }
  return lines.map((line) => line.split(' ')[1] ?? '');
}

test('what POP3 deleted is listed, and comes back new', async () => {
  await using box = await startBox();
  for (const name of ['ann', 'bob']) {
    await box.addAccount(name, 'a password');
    await deliver(box, name, `for ${name}`);
  }
  const [before] = await visit(box, 'ann', 'DELE 1');
  await visit(box, 'bob', 'DELE 1');
  assert.deepEqual(await visit(box, 'ann'), []);
  const listed = JSON.parse((await box.cli(['shelf', 'list', '--json'])).stdout);
  assert.deepEqual(
    listed.map(({ account, subject }: Record<string, unknown>) => [account, subject]),
    [
      ['bob', 'for bob'],
      ['ann', 'for ann'],
    ],
  );
  const words = await box.cli(['shelf', 'list', 'ann']);
  assert.match(words.stdout, /^\d+ +ann .* for ann$/);
  const [id] = words.stdout.split(' ');
  const restored = await box.cli(['shelf', 'restore', id ?? '']);
  assert.match(restored.stdout, /^1 message put back/);
  const [after] = await visit(box, 'ann');
  assert.ok(after !== undefined && after !== before);
  const twice = await box.cli(['shelf', 'restore', id ?? '']);
  assert.equal(twice.status, 1);
  assert.match(twice.stderr, /Nothing lies on the shelf/);
  const whose = await box.cli(['shelf', 'restore', 'all']);
  assert.match(whose.stderr, /--account/);
  const all = await box.cli(['shelf', 'restore', 'all', '--account', 'bob']);
  assert.match(all.stdout, /^1 message put back/);
  assert.equal((await visit(box, 'bob')).length, 1);
  assert.equal((await box.cli(['verify'])).status, 0);
});
