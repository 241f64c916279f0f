/*
 * Each node in a real Node-RED runtime (node-red-node-test-helper), over the real control door: the
 * good way, refused, the box away, and back.
 */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { failed, refusal, trouble } from '#base/result';
import type { BoxEvent } from '#control/types';
import { registerAsking } from '../../flows/nodes/ask/asking-node.ts';
import { families } from '../../flows/nodes/ask/families.ts';
import { BoxClient } from '../../flows/nodes/box.ts';
import { MailReader } from '../../flows/nodes/mail/reader.ts';
import type { Message, NodeConfig, Red, RedNode } from '../../flows/nodes/red.ts';
import event from '../../flows/nodes/restante-event.ts';
import go from '../../flows/nodes/restante-go.ts';
import lamp from '../../flows/nodes/restante-lamp.ts';
import mailDone from '../../flows/nodes/restante-mail-done.ts';
import mailIn from '../../flows/nodes/restante-mail-in.ts';
import mailSend from '../../flows/nodes/restante-mail-send.ts';
import page from '../../flows/nodes/restante-page.ts';
import { until } from '../support/net-peer.ts';
import { openBox } from './stand-in.ts';

/** The little of the helper that is used here. */
interface Helper {
  settings(settings: object): void;
  startServer(told: () => void): void;
  stopServer(told: () => void): void;
  load(nodes: ((red: Red) => void)[], flow: object[], told?: () => void): Promise<void>;
  unload(): Promise<void>;
  getNode(id: string): { receive(message: Message): void };
}

const helper = createRequire(import.meta.url)('node-red-node-test-helper') as Helper;

const asking = (red: Red) => {
  for (const [name, family] of Object.entries(families)) registerAsking(red, name, family);
};
const all = [asking, event, go, lamp, mailDone, mailIn, mailSend, page];

type Box = Awaited<ReturnType<typeof openBox>>;
let box: Box;

before(async () => {
  box = await openBox(Date.UTC(2026, 10, 26, 12, 0));
  await new Promise<void>((resolve) => helper.startServer(resolve));
});

after(async () => {
  await new Promise<void>((resolve) => helper.stopServer(resolve));
  await box[Symbol.asyncDispose]();
});

/** Loads a flow; `heard` are the messages that reach its ears, by their ids, in order. An ear is a
 * node that hears from its making on: others may send as soon as they are made. */
async function load(flow: readonly object[]) {
  helper.settings({ restanteControl: box.path, logging: { console: { level: 'off' } } });
  const heard = new Map<string, Message[]>();
  const waiters: (() => void)[] = [];
  const ear = (red: Red) =>
    red.nodes.registerType('ear', function (this: RedNode, config: NodeConfig) {
      red.nodes.createNode(this, config);
      const messages: Message[] = [];
      heard.set(String(config['id']), messages);
      this.on('input', (message, _send, done) => {
        messages.push(message);
        done();
        for (const waiter of waiters.splice(0)) waiter();
      });
    });
  const nodes = [{ id: 'tab', type: 'tab' }, ...flow.map((n) => ({ z: 'tab', ...n }))];
  await helper.load([...all, ear], nodes);
  return {
    send: (id: string, message: Message) => helper.getNode(id).receive(message),
    heard: (id: string) => heard.get(id) ?? [],
    /** The message with this number, from 0 on, as soon as it is there. */
    async at(id: string, number = 0): Promise<Message> {
      for (;;) {
        const found = heard.get(id)?.[number];
        if (found !== undefined) return found;
        await new Promise<void>((resolve) => waiters.push(resolve));
      }
    },
    [Symbol.asyncDispose]: () => helper.unload(),
  };
}

const two = (node: object) => [
  { id: 'n', wires: [['good'], ['bad']], ...node },
  { id: 'good', type: 'ear' },
  { id: 'bad', type: 'ear' },
];

describe('the nodes that ask', () => {
  test('put the answer where they are told', async () => {
    await using flow = await load(
      two({ type: 'restante-queue', action: 'list', property: 'box.queue' }),
    );
    flow.send('n', { payload: 'kept' });
    const { payload, box: got } = await flow.at('good');
    assert.equal(payload, 'kept');
    assert.equal((got as { queue: { id: string }[] }).queue[0]?.id, 'a1b2c3');
  });

  test('hand a refusal to their second output', async () => {
    await using flow = await load(two({ type: 'restante-account', action: 'unlock' }));
    flow.send('n', { payload: { account: 'nobody' } });
    const { refusal } = await flow.at('bad');
    assert.deepEqual(refusal, {
      ...{ code: 'unknown-account', say: 'There is no such account.', asked: 'account unlock' },
    });
  });

  test('take the secret out of the message before they ask', async () => {
    await using flow = await load(two({ type: 'restante-account', action: 'password' }));
    const form = { account: 'ann', secret: 'paper-boat' };
    flow.send('n', { payload: form, req: { body: form } as never });
    const message = await flow.at('good');
    assert.equal(box.box.passwordOf.get('ann'), 'paper-boat');
    assert.doesNotMatch(JSON.stringify(message), /paper-boat/);
  });

  test('and also when they are refused', async () => {
    await using flow = await load(two({ type: 'restante-account', action: 'password' }));
    flow.send('n', { payload: { account: 'nobody', secret: 'paper-boat' } });
    assert.doesNotMatch(JSON.stringify(await flow.at('bad')), /paper-boat/);
  });

  test('their own fields win over a form, and what they do not know is not sent', async () => {
    const own = '{"address":"bob@example.net"}';
    await using flow = await load(two({ type: 'restante-log', action: 'log', fields: own }));
    flow.send('n', { payload: { address: 'eve@example.org', follow: 'true', x: 'y' } });
    assert.equal((await flow.at('good')).refusal, undefined);
  });

  test('say that the box is away, and ask again when it is back', async () => {
    await using flow = await load(two({ type: 'restante-status', action: 'status' }));
    await box.away();
    flow.send('n', { payload: '' });
    assert.equal(((await flow.at('bad')).refusal as { code: string }).code, 'not-running');
    await box.back();
    flow.send('n', { payload: '' });
    assert.equal(((await flow.at('good')).payload as { name: string }).name, 'restante.local');
  });

  test('optional ones go on without the answer, but not without the box', async () => {
    const optional = { type: 'restante-queue', action: 'why', optional: true, property: 'why' };
    await using flow = await load(two(optional));
    flow.send('n', { payload: { id: 'ffffff' } });
    const message = await flow.at('good');
    assert.deepEqual([message['why'], message['refusal']], [undefined, undefined]);
    await box.away();
    flow.send('n', { payload: { id: 'a1b2c3' } });
    await flow.at('bad');
    await box.back();
  });

  test('a refusal that is wired to nothing reaches a catch node', async () => {
    await using flow = await load([
      { id: 'n', type: 'restante-account', action: 'unlock', wires: [['good'], []] },
      { id: 'good', type: 'ear' },
      { id: 'c', type: 'catch', scope: null, wires: [['caught']] },
      { id: 'caught', type: 'ear' },
    ]);
    flow.send('n', { payload: { account: 'nobody' } });
    const { error } = await flow.at('caught');
    assert.match((error as { message: string }).message, /There is no such account/);
  });
});

const newMail = (id: string, account = 'ann'): BoxEvent => ({
  event: 'mail',
  ...{ account, id, octets: 10, at: 0, from: 'Bob', subject: 'Hello' },
});

describe('restante-event', () => {
  test('tells what it was asked for, of whom it was asked for', async () => {
    await using flow = await load([
      { id: 'n', type: 'restante-event', event: 'mail', about: 'ann', wires: [['good']] },
      { id: 'each', type: 'restante-event', event: 'all', wires: [['every']] },
      { id: 'good', type: 'ear' },
      { id: 'every', type: 'ear' },
    ]);
    assert.equal((await flow.at('every')).topic, 'lamps');
    await until('both listen', () => box.box.listeners.size >= 2);
    for (const tell of box.box.listeners) {
      tell({ event: 'button', heldMs: 200, did: 'sent what waits' });
      tell(newMail('g.5', 'bob'));
      tell(newMail('g.6'));
    }
    assert.equal(((await flow.at('good')).payload as { id: string }).id, 'g.6');
    await flow.at('every', 3);
    assert.deepEqual(
      flow.heard('every').map(({ topic }) => topic),
      ['lamps', 'button', 'mail', 'mail'],
    );
  });

  test('listens again when the box was away', async () => {
    await using flow = await load([
      { id: 'n', type: 'restante-event', event: 'lamps', wires: [['good']] },
      { id: 'good', type: 'ear' },
    ]);
    await flow.at('good');
    await box.away();
    await box.back();
    // What the box tells a new listener first, for the second time.
    await flow.at('good', 1);
  });
});

describe('restante-lamp', () => {
  test('shows a lamp when asked, and says when there is none', async () => {
    await using flow = await load(two({ type: 'restante-lamp', lamp: 'queue' }));
    assert.equal((await flow.at('good')).payload, 'fast', 'as it is now, unasked');
    flow.send('n', { payload: '' });
    assert.match(String((await flow.at('good', 1))['say']), /sign-in/);
  });

  test('a lamp that is not there is a refusal', async () => {
    await using flow = await load(two({ type: 'restante-lamp', lamp: 'mail.nobody' }));
    flow.send('n', { payload: '' });
    assert.equal(((await flow.at('bad')).refusal as { code: string }).code, 'no-lamp');
  });
});

describe('restante-mail-send', () => {
  test('hands in a text, with what the message says', async () => {
    await using flow = await load(two({ type: 'restante-mail-send', account: 'ann', to: '' }));
    flow.send('n', { payload: 'Hello', to: 'b@example.net, c@example.net', topic: 'Hi' });
    assert.deepEqual((await flow.at('good')).payload, {
      ...{ id: 'a1', recipients: ['b@example.net', 'c@example.net'] },
    });
    const letter = box.box.letters.at(-1) as Record<string, unknown>;
    assert.deepEqual([letter['subject'], letter['text']], ['Hi', 'Hello']);
  });

  test('hands in a whole message as it is', async () => {
    await using flow = await load(two({ type: 'restante-mail-send', account: 'ann' }));
    const whole = Buffer.from('Subject: x\r\n\r\n\x80\r\n', 'latin1');
    flow.send('n', { payload: whole, to: ['b@example.net'] });
    await flow.at('good');
    const { octets } = box.box.letters.at(-1) as { octets: Buffer };
    assert.deepEqual(octets, whole);
  });

  test('what the box refuses comes out below', async () => {
    const { send } = box.box.mail;
    box.box.mail.send = async () => failed(refusal('recipients', 'Nobody here is called b.'));
    await using flow = await load(two({ type: 'restante-mail-send', account: 'ann' }));
    flow.send('n', { payload: 'Hello', to: 'b@restante.local' });
    assert.equal((await flow.at('bad')).refusal?.say, 'Nobody here is called b.');
    box.box.mail.send = send;
  });
});

describe('restante-mail-in', () => {
  /** An inbox that a test fills; messages are told by events, as the box does. */
  function inbox(ids: string[]) {
    const mail = (id: string) => ({
      ...{ id, cursor: id, account: 'ann', octets: 26, arrivedAt: 0 },
      ...{ from: 'Bob <bob@example.org>', subject: `about ${id}` },
    });
    const begun = Promise.withResolvers<void>();
    box.box.mail.cursor = async () => {
      begun.resolve();
      return { ok: true, value: ids.at(-1) ?? 'g.0' };
    };
    box.box.mail.list = async (_account, cursor, count) => {
      const start = cursor === '' ? 0 : ids.indexOf(cursor) + 1;
      return { ok: true, value: ids.slice(start, start + count).map(mail) };
    };
    return {
      /** The reader knows where the inbox ends: what comes from now on is new to it. */
      async begun() {
        await begun.promise;
        await until('it listens', () => box.box.listeners.size > 0);
      },
      comes: (id: string) => {
        ids.push(id);
        for (const tell of box.box.listeners) tell(newMail(id));
      },
    };
  }

  const reader = (more: object = {}) => [
    {
      id: 'n',
      type: 'restante-mail-in',
      account: 'ann',
      payload: 'buffer',
      wires: [['m']],
      ...more,
    },
    { id: 'm', type: 'ear' },
    { id: 'done', type: 'restante-mail-done', wires: [['d']] },
    { id: 'd', type: 'ear' },
  ];

  test('hands out what comes, one at a time, and goes on when it is acknowledged', async () => {
    const { comes, begun } = inbox(['g.1', 'g.2']);
    await using flow = await load(reader());
    await begun();
    comes('g.3');
    comes('g.4');
    const first = await flow.at('m');
    assert.equal((first['mail'] as { id: string }).id, 'g.3');
    assert.equal(first.topic, 'about g.3');
    assert.equal(String(first.payload), 'Subject: hello\r\n\r\nHello\r\n');
    assert.equal(flow.heard('m').length, 1);
    flow.send('done', first);
    assert.equal(((await flow.at('m', 1))['mail'] as { id: string }).id, 'g.4');
  });

  test('is asked again when the box is in trouble for a moment, and the message is whole', async () => {
    const { comes, begun } = inbox(['g.1']);
    await using flow = await load(reader());
    await begun();
    const { list, message } = box.box.mail;
    const full = failed(trouble('failing', 'The disk does not answer.', ''));
    const inTheWay = { list: 2, message: 3 };
    box.box.mail.list = async (...asked) => {
      inTheWay.list -= 1;
      return inTheWay.list >= 0 ? full : list(...asked);
    };
    box.box.mail.message = async (id) => {
      inTheWay.message -= 1;
      return inTheWay.message >= 0 ? full : message(id);
    };
    try {
      comes('g.3');
      const first = await flow.at('m');
      assert.equal(String(first.payload), 'Subject: hello\r\n\r\nHello\r\n');
      assert.ok(inTheWay.list < 0 && inTheWay.message < 0);
    } finally {
      Object.assign(box.box.mail, { list, message });
    }
  });

  test('a damaged message keeps nobody waiting: what is known of it is handed out', async () => {
    const { comes, begun } = inbox(['g.1']);
    await using flow = await load(reader());
    await begun();
    comes('g.8');
    const first = await flow.at('m');
    assert.equal((first['mail'] as { id: string }).id, 'g.8');
    assert.equal(first.payload, undefined);
  });

  test('a stream can be read; without acknowledgement it goes on at once', async () => {
    const { comes, begun } = inbox(['g.1']);
    await using flow = await load(reader({ payload: 'stream', acknowledge: 'send' }));
    await begun();
    comes('g.3');
    const { payload } = await flow.at('m');
    assert.match(await text(payload as Readable), /^Subject: hello/);
    comes('g.4');
    await flow.at('m', 1);
  });

  test('what was not acknowledged comes again after a restart, what was does not', async () => {
    inbox(['g.1', 'g.2', 'g.3']);
    const kept = { cursor: 'g.1' };
    const shelf = {
      read: async () => kept.cursor,
      write: async (cursor: string) => {
        kept.cursor = cursor;
      },
    };
    const seen: string[] = [];
    const start = (deal: (id: string) => Promise<void>) =>
      new MailReader(new BoxClient(box.path), 'ann', shelf, {
        message: ({ id }) => {
          seen.push(id);
          return deal(id);
        },
        trouble: () => {},
        well: () => {},
      }).look();
    // The power goes while g.3 is being dealt with.
    await start(async (id) => {
      if (id === 'g.3') throw new Error('cut off');
    });
    await start(async () => {});
    await start(async () => {});
    assert.deepEqual(seen, ['g.2', 'g.3', 'g.3']);
  });

  test('an acknowledgement of another message is an error', async () => {
    await using flow = await load([
      ...reader(),
      { id: 'c', type: 'catch', scope: null, wires: [['caught']] },
      { id: 'caught', type: 'ear' },
    ]);
    flow.send('done', { payload: 'from elsewhere' });
    await flow.at('caught');
  });
});

describe('restante-go', () => {
  const rows: readonly (readonly [string, Message, string])[] = [
    ['/people/{{payload.account}}', { payload: { account: 'ann' } }, '/people/ann'],
    ['/people/{{payload.account}}', { payload: { account: '../x?y' } }, '/people/..%2Fx%3Fy'],
    ['{{payload}}', { payload: '//evil.example' }, '/'],
    ['//evil.example', {}, '/'],
    ['https://evil.example', {}, '/'],
  ];
  for (const [to, message, location] of rows) {
    test(`${to} leads to ${location}`, async () => {
      await using flow = await load([
        { id: 'n', type: 'restante-go', to, say: '', wires: [['good']] },
        { id: 'good', type: 'ear' },
      ]);
      flow.send('n', message);
      const { statusCode, headers } = await flow.at('good');
      assert.equal(statusCode, 303);
      assert.equal((headers as { location: string }).location, location);
    });
  }

  test('its note stands before the fragment', async () => {
    await using flow = await load([
      { id: 'n', type: 'restante-go', to: '/providers#uplink-x', say: 'Kept.', wires: [['good']] },
      { id: 'good', type: 'ear' },
    ]);
    flow.send('n', {});
    const { headers } = await flow.at('good');
    const { location } = headers as { location: string };
    assert.match(location, /^\/providers\?note=[\w-]{16}#uplink-x$/);
  });
});

describe('restante-page', () => {
  test("an owner's own page sees the message, escaped", async () => {
    const template = '<h1>{{title}}</h1><p>{{answer.say}}</p>';
    await using flow = await load([
      { id: 'n', type: 'restante-page', title: 'Mine', template, wires: [['good']] },
      { id: 'good', type: 'ear' },
    ]);
    flow.send('n', { answer: { say: '<b>hello</b>' } });
    const { payload, statusCode } = await flow.at('good');
    assert.equal(statusCode, 200);
    assert.match(String(payload), /<h1>Mine<\/h1><p>&#60;b&#62;hello&#60;&#47;b&#62;<\/p>/);
  });

  test('raw values are refused', async () => {
    await using flow = await load([
      { id: 'n', type: 'restante-page', template: '{{{payload}}}', wires: [['good']] },
      { id: 'good', type: 'ear' },
      { id: 'c', type: 'catch', scope: null, wires: [['caught']] },
      { id: 'caught', type: 'ear' },
    ]);
    flow.send('n', { payload: '<b>' });
    const { error } = await flow.at('caught');
    assert.match((error as { message: string }).message, /must stay text/);
  });
});
