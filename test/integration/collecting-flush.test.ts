/*
 * A flush also collects, however it is asked for: the verb, the button, the signal. The queue lamp
 * shows it. ETRN, which any program may say, only sends.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PressReport } from '#control/types';
import { assertAre, letters } from '../support/collecting.ts';
import { NetPeer } from '../support/net-peer.ts';
import { ScriptedPop3Server } from '../support/scripted-pop3-server.ts';
import { startSourceBox } from '../support/source-box.ts';

/** A source that has been looked into, and in which new mail waits, held back until `release`. */
async function waiting() {
  const sent = letters('l', 5);
  const released = Promise.withResolvers<void>();
  const server = await ScriptedPop3Server.listen({
    answer: async ({ at }) => {
      if (at === 'retr') await released.promise;
      return undefined;
    },
  });
  const box = await startSourceBox();
  await box.add('isp', { protocol: 'pop3', port: server.port });
  await box.collect('isp');
  server.messages = sent.map((octets, index) => ({ uid: `u${index}`, octets }));
  return {
    ...{ sent, server, box, release: released.resolve },
    async [Symbol.asyncDispose]() {
      await box[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

const ways = {
  'the verb flush': async ({ box }: Awaited<ReturnType<typeof waiting>>) => {
    assert.equal((await box.flush()).collected, 5);
  },
  'the button': async ({ box }: Awaited<ReturnType<typeof waiting>>) => {
    const { say } = await box.command<PressReport>(['panel', 'press', 'flush']);
    assert.match(say, /5 messages collected|collect/i);
  },
  'the signal SIGUSR2': async ({ box }: Awaited<ReturnType<typeof waiting>>) => {
    process.kill(box.box.pid, 'SIGUSR2');
    await box.box.said(/^The flush is done/);
  },
};

for (const [way, asks] of Object.entries(ways)) {
  test(`${way} collects, and the queue lamp blinks meanwhile`, async () => {
    await using at = await waiting();
    const { box, sent, release } = at;
    assert.equal(await box.lamp('queue'), 'off');
    const done = asks(at);
    await box.until('a queue lamp that blinks', async () => (await box.lamp('queue')) === 'slow');
    release();
    await done;
    await box.until('a queue lamp that is dark', async () => (await box.lamp('queue')) === 'off');
    assertAre((await box.mail()).collected, sent);
  });
}

test('ETRN sends and does not collect', async () => {
  await using at = await waiting();
  const { box, server, release } = at;
  release();
  const visits = server.sessions.length;
  const peer = await NetPeer.dial(box.box.ports.smtp);
  await peer.hear('220 ');
  peer.say('EHLO laptop.example\r\nETRN example.org\r\n');
  await peer.hear('250 HELP\r\n');
  await peer.hear('25');
  peer.say('QUIT\r\n');
  await peer.hearEnd();
  assert.equal(server.sessions.length, visits);
  assert.equal((await box.sourceReport('isp')).messages, 0);
});
