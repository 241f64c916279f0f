/* Mail as programs ask for it at the door: sixty of them at once cost the memory of one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { SystemClock } from '#base/clock';
import { SystemRandom } from '#base/random';
import { ok } from '#base/result';
import { type MailParts, mailBook } from '#box/mail-book';
import { parseAddress } from '#mail/address';

/** Notes how many are at work in it at the same time. */
class Workshop {
  most = 0;
  #now = 0;

  async work(): Promise<void> {
    this.#now += 1;
    this.most = Math.max(this.most, this.#now);
    await setImmediate();
    this.#now -= 1;
  }
}

test('lists are made, and messages written, one after the other', async () => {
  const [lists, messages] = [new Workshop(), new Workshop()];
  const ann = parseAddress('ann@restante.local');
  const parts = {
    household: {
      byLogin: () => ({ record: { id: 1, name: 'ann' } }),
      knownAs: () => undefined,
      homeAddress: () => ann,
    },
    arrivals: {
      list: async () => {
        await lists.work();
        return ok([]);
      },
    },
    intake: {
      sender: () => ok(undefined),
      recipient: (address: unknown) => ok({ address, inboxes: [] }),
      open: () =>
        ok({
          write: async () => {},
          abandon: async () => {},
          commit: async () => {
            await messages.work();
            return ok({ id: 'x' });
          },
        }),
    },
    clock: new SystemClock(),
    random: new SystemRandom(),
    hostName: () => 'restante.local',
    limits: () => ({ octets: 1_000_000, recipients: 10 }),
  };
  const book = mailBook(parts as unknown as MailParts);
  const many = Array.from({ length: 60 });
  const listed = await Promise.all(many.map(() => book.list(undefined, '', 1000)));
  assert.ok(listed.every((one) => one.ok));
  assert.equal(lists.most, 1);
  const [cc, bcc]: [string[], string[]] = [[], []];
  const mail = { account: 'ann', to: ['ann@restante.local'], cc, bcc, subject: 's', text: 't' };
  const sent = await Promise.all(many.map(() => book.send(mail)));
  assert.ok(sent.every((one) => one.ok));
  assert.equal(messages.most, 1);
});
