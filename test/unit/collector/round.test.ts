/* One round after the other at a source: what comes, what does not, and what is done at the source. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { failed, trouble } from '#base/result';
import { CollectingHouse, day, letter } from '../../support/collecting-house.ts';
import { MemorySource } from '../../support/memory-upstream.ts';

const protocols = ['pop3', 'imap'] as const;

function houseAt(protocol: 'pop3' | 'imap', ...subjects: string[]): CollectingHouse {
  const source = new MemorySource(protocol);
  for (const subject of subjects) source.put(letter(subject));
  return new CollectingHouse(source);
}

/** As the registry's commit does when somebody changes `--since`. */
async function unsettle({ store, source }: CollectingHouse): Promise<void> {
  const folders = await store.collected.folders(source.id);
  assert.ok(folders.ok);
  for (const { id } of folders.value) assert.ok((await store.collected.settle(id, {})).ok);
}

for (const protocol of protocols) {
  describe(`over ${protocol}`, () => {
    test('every message comes once, byte for byte, under one field', async () => {
      const house = houseAt(protocol, 'one', 'two', 'three');
      house.at.put('no header section, no line end');
      house.at.put(`Bare\nline: ends\r\rand \0 more\n`);
      await house.round();
      const there = house.at.folders.values().next().value?.messages ?? [];
      assert.deepEqual(
        house.mail,
        there.map(({ octets }) => octets.toString()),
      );
      await house.round();
      house.restart();
      const course = await house.round();
      assert.equal(house.mail.length, 5);
      assert.equal(course.counts.delivered, 0);
      const [first] = house.store.contents(house.inbox);
      assert.match(
        first?.octets.toString() ?? '',
        /^Received: from mail\.example \(\[192\.0\.2\.1\]\)\r\n\tby box\.local with (IMAPS|POP3S) \(source gmail\)\r\n\tid [0-9a-f]{12} for <ann@restante\.local>;\r\n\tMon, 23 Nov 2026 09:00:00 \+0000\r\nFrom: Bob/,
      );
    });

    test('two equal messages in a mailbox both come, however often it is asked', async () => {
      const house = houseAt(protocol, 'same', 'other', 'same', 'same');
      await house.round();
      await house.round();
      assert.equal(house.mail.length, 4);
    });

    test('a disk that fails at any write loses and doubles nothing', async () => {
      for (let writes = 0; writes < 25; writes++) {
        const house = houseAt(protocol, 'one', 'two', 'three', 'three');
        house.largest = 300;
        house.at.put(letter('large', `X: ${'x'.repeat(400)}\r\n`));
        house.source = { ...house.source, keep: { kind: 'days', days: 0 } };
        house.writesLeft = writes;
        await house.round();
        house.writesLeft = Number.POSITIVE_INFINITY;
        await house.rounds();
        assert.equal(house.mail.length, 4);
        assert.equal(house.notices.length, 1);
      }
    });

    test('a round that is cut resumes, and nothing is doubled or lost', async () => {
      const subjects = Array.from({ length: 9 }, (_, index) => `message ${index}`);
      const length = houseAt(protocol, ...subjects);
      for (let cut = 0; cut < 1_500; cut += 23) {
        const house = houseAt(protocol, ...subjects);
        house.at.cutAfter = cut;
        await house.round();
        house.restart();
        await house.rounds();
        assert.deepEqual(house.mail.sort(), subjects.map((one) => letter(one)).sort(), `${cut}`);
      }
      assert.equal(length.mail.length, 0);
    });

    test('a store that takes nothing ends the round, and the next one goes on', async () => {
      for (const code of ['full', 'failing'] as const) {
        const house = houseAt(protocol, 'one', 'two');
        house.source = { ...house.source, keep: { kind: 'days', days: 0 } };
        const { store } = house.ports;
        const disk = trouble(code, 'no room', 'no room');
        Object.assign(house.ports, {
          store: {
            incoming: () => ({ ...store.incoming(), commit: async () => failed(disk) }),
          },
        });
        const course = await house.round();
        assert.equal(course.trouble?.kind, 'store');
        assert.deepEqual(house.mail, []);
        assert.ok(!house.at.asked.some((asked) => asked.startsWith('remove')));
        assert.equal(house.at.asked.at(-1), 'close');
        Object.assign(house.ports, { store });
        await house.round();
        assert.equal(house.mail.length, 2);
      }
    });

    test('a house that moved brings nothing twice, and what is new', async () => {
      const house = houseAt(protocol, 'one', 'two');
      await house.round();
      const [from] = house.at.folders.keys();
      const moved = new MemorySource(protocol);
      // The same numbers under the same identity, for other messages.
      for (const subject of ['new', 'two', 'one']) moved.put(letter(subject));
      house.at.folders.set(from ?? '', moved.folder(from ?? ''));
      house.source = { ...house.source, host: 'elsewhere.example' };
      await house.round();
      assert.deepEqual(
        house.mail,
        ['one', 'two', 'new'].map((one) => letter(one)),
      );
    });

    test('--keep delete removes what is on disk, at once and nothing else', async () => {
      const house = houseAt(protocol, 'one', 'two');
      house.largest = 300;
      house.at.put(letter('large', `X: ${'x'.repeat(400)}\r\n`));
      house.source = { ...house.source, keep: { kind: 'days', days: 0 } };
      const course = await house.round();
      assert.equal(course.counts.removed, 2);
      const [folder] = house.at.folders.values();
      assert.deepEqual(
        folder?.messages.map(({ uid }) => uid),
        ['3'],
      );
      assert.equal(house.notices.length, 1);
    });

    test('--keep 7d removes after seven days by a clock that is right', async () => {
      const house = houseAt(protocol, 'one');
      house.source = { ...house.source, keep: { kind: 'days', days: 7 } };
      const [folder] = house.at.folders.values();
      await house.round();
      house.clock.advance(6 * day);
      await house.round();
      house.clock.advance(2 * day);
      house.clockIsSane = false;
      await house.round();
      assert.equal(folder?.messages.length, 1);
      house.clockIsSane = true;
      await house.round();
      assert.equal(folder?.messages.length, 0);
      assert.equal(house.mail.length, 1);
    });

    test('what was noted by a clock that was wrong is kept seven days from then', async () => {
      const house = houseAt(protocol, 'one');
      house.source = { ...house.source, keep: { kind: 'days', days: 7 } };
      const [folder] = house.at.folders.values();
      house.clockIsSane = false;
      await house.round();
      house.clockIsSane = true;
      house.clock.advance(10 * day);
      await house.round();
      assert.equal(folder?.messages.length, 1);
      house.clock.advance(8 * day);
      await house.round();
      assert.equal(folder?.messages.length, 0);
    });

    test('before a removal the header section is looked at', async () => {
      const house = houseAt(protocol, 'one', 'two');
      house.source = { ...house.source, keep: { kind: 'days', days: 3 } };
      await house.round();
      house.clock.advance(4 * day);
      const [folder] = house.at.folders.values();
      const [first] = folder?.messages ?? [];
      assert.ok(folder !== undefined && first !== undefined);
      // Another message of the same size has taken the id: by a backup that nobody saw come back.
      folder.messages[0] = { ...first, octets: Buffer.from(letter('eno')) };
      const { counts } = await house.round();
      assert.equal(counts.removed, 0);
      await house.round();
      assert.deepEqual(
        house.mail,
        ['one', 'two', 'eno'].map((one) => letter(one)),
      );
    });

    test('a round that is told to end while it looks puts nothing off', async () => {
      const house = houseAt(protocol, 'one', 'two', 'three');
      house.source = { ...house.source, keep: { kind: 'days', days: 3 } };
      await house.round();
      house.clock.advance(4 * day);
      const abort = new AbortController();
      const { asked } = house.at;
      asked.push = (...words) => {
        if (words.includes('header 2')) abort.abort();
        return Array.prototype.push.apply(asked, words);
      };
      await house.round(abort.signal);
      await house.round();
      assert.equal([...house.at.folders.values()][0]?.messages.length, 0);
    });

    test('what was removed there by others is no matter, and what cannot be read stays', async () => {
      const house = houseAt(protocol, 'one', 'two', 'three');
      house.source = { ...house.source, keep: { kind: 'days', days: 3 } };
      await house.round();
      house.clock.advance(4 * day);
      const [folder] = house.at.folders.values();
      folder?.messages.shift();
      house.at.headless.add('2');
      house.at.withheld.add('2');
      await house.round();
      await house.round();
      assert.deepEqual(
        folder?.messages.map(({ uid }) => uid),
        ['2'],
      );
      assert.equal(house.mail.length, 3);
    });

    test('two messages under one id both come, stay there, and end no round late', async () => {
      const house = houseAt(protocol);
      house.source = { ...house.source, keep: { kind: 'days', days: 0 } };
      for (const subject of ['one', 'two']) house.at.put(letter(subject), { uid: '7' });
      house.at.put(letter('three'));
      await house.round();
      await house.round();
      assert.deepEqual(
        [...house.at.folders.values()][0]?.messages.map(({ uid }) => uid),
        ['7', '7'],
      );
    });

    test('a server that writes into what it gives out loses and doubles nothing', async () => {
      const house = houseAt(protocol, 'one', 'two');
      house.at.writesIntoMail = true;
      house.source = { ...house.source, keep: { kind: 'days', days: 3 } };
      await house.round();
      house.clock.advance(4 * day);
      const course = await house.round();
      assert.match(course.remarks.join(), /differently each time/);
      // One a round, and each once a day.
      const fetched = () => house.at.asked.filter((asked) => asked.startsWith('fetch')).length;
      const before = fetched();
      await house.round();
      assert.equal(fetched(), before + 2);
      await house.round();
      assert.equal(fetched(), before + 2);
      assert.equal(house.mail.length, 2);
      assert.equal([...house.at.folders.values()][0]?.messages.length, 2);
    });

    test('a source that does not remove is told so, and is not read again and again', async () => {
      const house = houseAt(protocol, 'one', 'two');
      house.at.removal = 'refused';
      house.source = { ...house.source, keep: { kind: 'days', days: 0 } };
      const course = await house.round();
      assert.match(course.remarks.join(), /does not let its copies be removed/);
      house.at.removal = 'ignored';
      await house.round();
      await house.round();
      await house.round();
      house.at.asked.length = 0;
      await house.round();
      assert.deepEqual(
        house.at.asked.filter((asked) => asked.startsWith('fetch')),
        [],
      );
      assert.equal(house.mail.length, 2);
    });

    test('one that is too large is told of once, and comes when the limit is raised', async () => {
      for (const listed of [50_000, 10]) {
        const house = houseAt(protocol, 'small');
        house.largest = 20_000;
        const large = letter('Holiday films', '').padEnd(50_000, 'x');
        house.at.put(large, { listed });
        await house.round();
        house.restart();
        await house.round();
        assert.equal(house.mail.length, 1);
        assert.equal(house.notices.length, 1);
        const text = house.notices[0]?.paragraphs.join('\n') ?? '';
        assert.match(text, /gmail.*\nFrom: Bob <bob@example\.org>\nSubject: Holiday films\n/s);
        assert.match(text, /collect\.largest/);
        house.largest = 60_000;
        await house.round();
        assert.deepEqual(house.mail, [letter('small'), large]);
        await house.round();
        assert.equal(house.mail.length, 2);
        assert.equal(house.notices.length, 1);
      }
    });

    test('one that is a little too large is said to be larger than the limit', async () => {
      const house = houseAt(protocol);
      house.largest = 20_000;
      house.at.put(letter('large').padEnd(20_001, 'x'));
      await house.round();
      assert.match(
        house.notices[0]?.paragraphs[0] ?? '',
        /^A message of 20001 octets lies .* takes messages of up to 20000 octets\.$/,
      );
    });

    test('one that is listed and not given does not keep the others away', async () => {
      const house = houseAt(protocol, 'one', 'two', 'three');
      house.at.withheld.add('2');
      // It may have gone between the listing and its turn.
      assert.deepEqual((await house.round()).remarks, []);
      assert.equal(house.mail.length, 2);
      house.at.put(letter('four'));
      assert.deepEqual((await house.round()).remarks, [
        'gmail lists a message and does not give it (it is not there); it is asked for again',
      ]);
      house.at.withheld.clear();
      assert.deepEqual((await house.round()).remarks, []);
      assert.equal(house.mail.length, 4);
    });

    for (const early of [false, true]) {
      const when = early
        ? 'and takes what came before it along'
        : 'and what came before it is kept';
      test(`one at which the connection breaks keeps no other away, ${when}`, async () => {
        const house = houseAt(protocol, ...Array.from({ length: 9 }, (_, index) => `${index}`));
        house.at.breaksAt.add('4');
        house.at.breaksEarly = early;
        // It is met in its turn, and from then on comes last.
        assert.equal((await house.round()).trouble?.kind, 'broken');
        assert.equal((await house.round()).trouble?.kind, 'broken');
        assert.equal((await house.round()).trouble, undefined);
        assert.equal(house.mail.length, 8);
        house.at.put(letter('new'));
        house.at.asked.length = 0;
        assert.deepEqual((await house.round()).remarks, [
          'gmail lists a message and does not give it (the connection breaks there each time); ' +
            'it is asked for again',
        ]);
        assert.equal(house.mail.length, 9);
        assert.ok(!house.at.asked.includes('fetch 4'));
        // By itself after a while, and at once when somebody asks.
        house.clock.advance(16 * 60_000);
        assert.equal((await house.round()).trouble?.kind, 'broken');
        assert.equal((await house.round()).trouble, undefined);
        house.forgive();
        house.at.breaksAt.clear();
        await house.round();
        assert.equal(house.mail.length, 10);
      });
    }

    test('a header section at which the connection breaks keeps no other away', async () => {
      const house = houseAt(protocol, 'one', 'two', 'three');
      house.largest = 300;
      const large = house.at.put(letter('large', `X: ${'x'.repeat(400)}\r\n`));
      house.at.put(letter('last'));
      house.at.breaksAt.add(large);
      await house.round();
      await house.round();
      assert.equal(house.mail.length, 4);
      assert.equal((await house.round()).trouble, undefined);
    });

    test('a round that is told to end does so, and the next one goes on', async () => {
      const house = houseAt(protocol, ...Array.from({ length: 100 }, (_, index) => `${index}`));
      const abort = new AbortController();
      const { promise: gate, resolve } = Promise.withResolvers<void>();
      house.at.gate = gate;
      const round = house.round(abort.signal);
      abort.abort();
      resolve();
      assert.deepEqual((await round).trouble, { kind: 'ended' });
      assert.ok(house.mail.length < 100);
      house.at.gate = undefined;
      await house.round();
      assert.equal(house.mail.length, 100);
    });

    describe('--since', () => {
      const old = (house: CollectingHouse, days: number, subject: string) => {
        const arrivedAt = house.source.addedAt - days * day;
        const date = new Date(arrivedAt).toUTCString().replace('GMT', '+0000');
        const received = `Received: from a by b; ${date}\r\n`;
        return house.at.put(received + letter(subject), { arrivedAt });
      };

      for (const tops of [true, false]) {
        test(`30d: what arrived in the last 30 days, with${tops ? '' : 'out'} TOP`, async () => {
          const house = houseAt(protocol);
          house.at.tops = tops;
          house.source = { ...house.source, since: { kind: 'days', days: 30 } };
          for (const days of [400, 31, 29, 1]) old(house, days, `${days} days`);
          house.at.put(letter('without a date'));
          const first = await house.round();
          assert.equal(first.counts.skipped, 2);
          assert.equal(house.mail.length, 3);
          old(house, 500, 'moved there later');
          house.restart();
          await house.round();
          assert.equal(house.mail.length, 4);
        });
      }

      test('now: nothing of what lies there, and everything that comes', async () => {
        const house = houseAt(protocol, 'one', 'two');
        house.source = { ...house.source, since: { kind: 'now' } };
        old(house, 3, 'old');
        await house.round();
        assert.deepEqual(house.mail, []);
        house.at.put(letter('new'));
        house.restart();
        await house.round();
        assert.deepEqual(house.mail, [letter('new')]);
      });

      test('now: after another identity it goes by the date', async () => {
        const house = houseAt(protocol);
        house.source = { ...house.source, since: { kind: 'now' } };
        old(house, 300, 'old');
        await house.round();
        old(house, -1, 'new');
        await house.round();
        house.source = { ...house.source, user: 'ann.moved' };
        await house.round();
        assert.equal(house.mail.length, 1);
      });

      test('another --since brings what was left out, and nothing twice', async () => {
        const house = houseAt(protocol, 'without a date');
        house.source = { ...house.source, since: { kind: 'days', days: 30 } };
        for (const days of [400, 300, 20]) old(house, days, `${days} days`);
        await house.round();
        assert.equal(house.mail.length, 2);
        house.source = { ...house.source, since: { kind: 'days', days: 365 } };
        house.restart();
        await unsettle(house);
        await house.round();
        assert.equal(house.mail.length, 3);
        house.source = { ...house.source, since: { kind: 'all' } };
        house.restart();
        await unsettle(house);
        await house.round();
        await house.round();
        assert.equal(house.mail.length, 4);
      });

      test('30d waits for a clock that is right', async () => {
        const house = houseAt(protocol);
        house.source = { ...house.source, since: { kind: 'days', days: 30 }, addedAt: 5 };
        old(house, 10, 'very old');
        house.clockIsSane = false;
        const course = await house.round();
        assert.match(course.remarks.join(), /does not know what time it is/);
        assert.deepEqual(house.mail, []);
        house.clockIsSane = true;
        await house.round();
        assert.deepEqual(house.mail, []);
      });
    });
  });
}

describe('over imap', () => {
  test('another UIDVALIDITY brings nothing twice, and what is new', async () => {
    const house = houseAt('imap', 'one', 'two', 'two', 'three');
    await house.round();
    const inbox = house.at.folder('INBOX');
    inbox.validity = 7;
    inbox.messages.reverse().forEach((message, index) => {
      message.uid = `${index + 1}`;
    });
    house.at.put(letter('new'));
    const course = await house.round();
    assert.equal(course.counts.known, 4);
    assert.equal(house.mail.length, 5);
  });

  test('UIDs that go back under one UIDVALIDITY name nothing any more', async () => {
    const house = houseAt('imap', 'one', 'two', 'three');
    await house.round();
    const inbox = house.at.folder('INBOX');
    inbox.messages.splice(1);
    inbox.next = 2;
    await house.round();
    house.at.put(letter('four'));
    house.at.put(letter('five'));
    house.at.put(letter('six'));
    await house.round();
    assert.deepEqual(
      house.mail,
      ['one', 'two', 'three', 'four', 'five', 'six'].map((one) => letter(one)),
    );
  });

  test('labels and copies come once, whichever folder is read first', async () => {
    for (const folders of [
      ['INBOX', 'Archive'],
      ['Archive', 'INBOX'],
    ]) {
      const house = houseAt('imap', 'one', 'two', 'twice', 'twice');
      house.source = { ...house.source, folders };
      for (const subject of ['one', 'twice', 'three']) {
        house.at.put(letter(subject), { folder: 'Archive' });
      }
      await house.round();
      await house.round();
      assert.deepEqual(
        house.mail.sort(),
        ['one', 'two', 'twice', 'twice', 'three'].map((one) => letter(one)).sort(),
      );
    }
  });

  test('a message that a person moves to another folder and back does not come again', async () => {
    const house = houseAt('imap', 'one');
    house.source = { ...house.source, folders: ['INBOX', 'Archive'] };
    const [inbox, archive] = [house.at.folder('INBOX'), house.at.folder('Archive')];
    await house.round();
    inbox.messages.pop();
    house.at.put(letter('one'), { folder: 'Archive' });
    await house.round();
    archive.messages.pop();
    house.at.put(letter('one'));
    await house.round();
    assert.equal(house.mail.length, 1);
  });

  test('a folder that is not there is named, with those that are, and the others come', async () => {
    const house = houseAt('imap', 'one');
    house.source = { ...house.source, folders: ['Junk', 'INBOX'] };
    const course = await house.round();
    assert.match(course.remarks.join(), /gmail has no folder "Junk"\. There are INBOX/);
    assert.equal(house.mail.length, 1);
  });

  test('a folder that is opened and not listed is told of, and comes when it is', async () => {
    const house = houseAt('imap', 'one');
    house.at.unlisted = true;
    const { trouble, remarks } = await house.round();
    assert.equal(trouble, undefined);
    assert.deepEqual(remarks, ['gmail does not list what lies in "INBOX": no listing']);
    house.at.unlisted = false;
    await house.round();
    assert.equal(house.mail.length, 1);
  });

  test('a quiet folder is not even listed', async () => {
    const house = houseAt('imap', 'one');
    await house.round();
    await house.round();
    house.at.asked.length = 0;
    await house.round();
    assert.deepEqual(house.at.asked, ['connect', 'close']);
  });
});

describe('over pop3', () => {
  test('an id that is listed twice proves nothing: both come, once', async () => {
    const house = houseAt('pop3');
    house.at.put(letter('one'), { uid: 'a' });
    house.at.put(letter('two'), { uid: 'a' });
    house.at.put(letter('two'), { uid: 'a' });
    await house.round();
    house.restart();
    await house.round();
    assert.deepEqual(house.mail, [letter('one'), letter('two')]);
    house.at.folder('').messages.shift();
    house.at.folder('').messages.shift();
    await house.round();
    await house.round();
    assert.equal(house.mail.length, 2);
  });

  test('an id that is used again for another message', async () => {
    const house = houseAt('pop3');
    house.at.put(letter('one'), { uid: 'a' });
    await house.round();
    house.at.folder('').messages = [];
    house.at.put(letter('another'), { uid: 'a' });
    await house.round();
    assert.equal(house.mail.length, 2);
    // Of the same size, but it had gone in between.
    house.at.folder('').messages = [];
    await house.round();
    house.at.put(letter('different'.slice(0, 7)), { uid: 'a' });
    await house.round();
    await house.round();
    assert.equal(house.mail.length, 3);
    // And all of them come back.
    for (const subject of ['one', 'another']) house.at.put(letter(subject), { uid: `x${subject}` });
    await house.round();
    assert.equal(house.mail.length, 3);
  });

  test('ids that are the places in the mailbox', async () => {
    const house = houseAt('pop3', 'first', 'second one', 'the third');
    const renumber = () =>
      house.at.folder('').messages.forEach((message, index) => {
        message.uid = `${index + 1}`;
      });
    await house.round();
    house.at.folder('').messages.shift();
    renumber();
    await house.round();
    assert.equal(house.mail.length, 3);
    house.at.put(letter('newest of all'));
    house.at.folder('').messages.unshift(...house.at.folder('').messages.splice(2));
    renumber();
    await house.round();
    await house.round();
    assert.deepEqual(
      house.mail,
      ['first', 'second one', 'the third', 'newest of all'].map((one) => letter(one)),
    );
  });

  test('what others removed is known to be gone, and comes no more', async () => {
    const house = houseAt('pop3', 'one', 'two');
    await house.round();
    const messages = house.at.folder('').messages;
    house.at.folder('').messages = [];
    await house.round();
    house.at.folder('').messages = messages;
    const course = await house.round();
    assert.equal(course.counts.known, 2);
    house.at.asked.length = 0;
    await house.round();
    assert.deepEqual(
      house.at.asked.filter((asked) => asked.startsWith('fetch')),
      [],
    );
    assert.equal(house.mail.length, 2);
  });

  test('a session that is cut behind QUIT has removed, or not: nothing comes twice', async () => {
    for (const removesThoughCut of [true, false]) {
      for (let cut = 300; cut < 600; cut += 5) {
        const house = houseAt('pop3', 'one', 'two');
        house.source = { ...house.source, keep: { kind: 'days', days: 0 } };
        Object.assign(house.at, { removesThoughCut, cutAfter: cut });
        await house.round();
        await house.rounds();
        await house.round();
        assert.deepEqual(house.mail.sort(), [letter('one'), letter('two')].sort());
        assert.equal(house.at.folder('').messages.length, 0);
      }
    }
  });

  test('moves to imap and back', async () => {
    const house = houseAt('pop3', 'one', 'two');
    await house.round();
    house.at.protocol = 'imap';
    house.at.folders.set('INBOX', house.at.folder(''));
    house.source = { ...house.source, protocol: 'imap' };
    house.at.put(letter('three'));
    await house.round();
    house.at.protocol = 'pop3';
    house.source = { ...house.source, protocol: 'pop3' };
    await house.round();
    assert.equal(house.mail.length, 3);
  });
});
