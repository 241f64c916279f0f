/* The serial console on a line in memory: signing in and out, verbs, secrets, hostile answers. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Log, type LogLine } from '#base/log';
import { failed, ok, type Result, refusal } from '#base/result';
import { Console } from '#control/console/console';
import { verbs } from '#control/verbs/table';
import type { Identity } from '#mail/accounts/accounts';
import type { AccountId } from '#mail/ids';
import { FakeClock } from '../../../support/fake-clock.ts';
import { MemoryLine } from '../../../support/memory-line.ts';
import { MemoryBox } from '../memory-box.ts';

class Room {
  readonly clock = new FakeClock();
  readonly line = new MemoryLine();
  readonly box = new MemoryBox();
  readonly lines: LogLine[] = [];
  readonly tried: string[] = [];
  /** Of ann's passwords, which one 'device-secret' is. */
  has = true;
  readonly #console = new Console({
    verbs,
    box: this.box,
    signIn: { withPassword: (login, password) => this.#signIn(login, password) },
    directory: { stillHas: () => this.has },
    hasAccounts: () => this.box.passwordOf.size > 0,
    greeting: () => 'Restante 0.1.0 on restante.local',
    clock: this.clock,
    log: new Log(
      (line) => this.lines.push(line),
      this.clock,
      () => 'debug',
    ),
  });
  readonly served = this.#console.serve(this.line);

  constructor(account = true) {
    if (account) this.box.passwordOf.set('ann', 'secret');
  }

  /** The line is there again. */
  plugIn(): MemoryLine {
    const line = new MemoryLine();
    void this.#console.serve(line);
    return line;
  }

  async signIn(): Promise<void> {
    this.line.type('\r');
    await this.answer('secret\r');
    await this.line.see('restante> ');
  }

  /** Answers the questions for ann's name and her password. */
  async answer(password: string): Promise<void> {
    await this.line.see('Account: ');
    this.line.type('ann\r');
    await this.line.see('Password: ');
    this.line.type(password);
  }

  /** The second passes that the console is deaf for when nobody signed in. */
  async restOver(): Promise<void> {
    await new Promise(setImmediate);
    this.clock.advance(1_000);
    await new Promise(setImmediate);
  }

  async say(command: string, until = '\nrestante> '): Promise<string> {
    this.line.type(`${command}\r`);
    return this.line.see(until);
  }

  async #signIn(login: string, password: string): Promise<Result<Identity>> {
    this.tried.push(`${login}:${password}`);
    const identity = { account: 1 as AccountId, login };
    if (this.box.passwordOf.get(login) === password) return ok({ ...identity, password: 'main' });
    if (password === 'device-secret') return ok({ ...identity, password: 'camera' });
    return failed(refusal('password', 'The name or the password is wrong'));
  }
}

describe('signing in', () => {
  test('says nothing before Enter, then asks, and never shows the password', async () => {
    const room = new Room();
    room.line.type('ATZ+++~~');
    assert.equal(room.line.shown, '');
    await room.signIn();
    assert.match(room.line.shown, /Restante 0\.1\.0 on restante\.local\.\r\n/);
    assert.match(room.line.shown, /Welcome, ann\. .*\r\n {2}1 +How the box is\r\n/);
    assert.doesNotMatch(room.line.shown, /secret/);
    assert.match(room.lines.map(({ say }) => say).join('\n'), /Signed in on the serial console/);
    assert.doesNotMatch(JSON.stringify(room.lines), /secret/);
  });

  test('what was typed ahead is no password', async () => {
    const room = new Room();
    room.line.type('\rann\rsecret\r');
    await room.line.see('Password: ');
    room.line.type('secret\r');
    await room.line.see('restante> ');
    assert.deepEqual(room.tried, ['ann:secret']);
  });

  test('after three wrong passwords it is silent again', async () => {
    const room = new Room();
    room.line.type('\r');
    for (let count = 0; count < 3; count += 1) {
      await room.answer('wrong\r');
      await room.line.see('The name or the password is wrong.\r\n');
    }
    await room.line.see('Wait a second, then press Enter to try again.');
    await room.restOver();
    await room.signIn();
  });

  test('a line that echoes what is shown comes to rest, and serves who comes then', async (t) => {
    const room = new Room();
    t.after(() => {
      room.line.echoes = false;
    });
    room.line.echoes = true;
    room.line.type('\r');
    // As many turns as an echo could need to come round.
    for (let turn = 0; turn < 1_000; turn += 1) await new Promise(setImmediate);
    assert.ok(room.line.shown.length < 1_000, `${room.line.shown.length} octets were shown`);
    assert.ok(room.tried.length <= 3);
    room.line.echoes = false;
    await room.restOver();
    await room.signIn();
  });

  test('a password of a device does not open it', async () => {
    const room = new Room();
    room.line.type('\r');
    await room.answer('device-secret\r');
    await room.line.see('That password was made for a device');
    await room.line.see('Account: ');
  });

  test('signs out when the line drops', async () => {
    const room = new Room();
    await room.signIn();
    room.line.drop();
    await room.served;
    assert.match(room.lines.at(-1)?.say ?? '', /Signed out .*: the line dropped/);
  });

  test('a line that drops while a password is typed: nothing is tried, nothing is kept', async () => {
    const room = new Room();
    room.line.type('\r');
    await room.answer('sec');
    room.line.drop();
    await room.served;
    const line = room.plugIn();
    line.type('ret\r');
    await line.see('Account: ');
    assert.deepEqual(room.tried, []);
    assert.doesNotMatch(line.shown, /sec|ret/);
  });

  test('signs out after ten silent minutes', async () => {
    const room = new Room();
    await room.signIn();
    room.clock.advance(599_999);
    await room.say('settings get log.level');
    room.clock.advance(600_000);
    await room.line.see('Signed out. Press Enter to sign in.');
  });

  test('signs out whose account has gone, without doing what was typed', async () => {
    const room = new Room();
    await room.signIn();
    room.has = false;
    await room.say('account remove ann --yes', 'Signed out.');
    assert.ok(room.box.passwordOf.has('ann'));
  });

  for (const [name, typed] of Object.entries({ exit: 'exit\r', 'Ctrl-D': '\x04' })) {
    test(`signs out at ${name}`, async () => {
      const room = new Room();
      await room.signIn();
      room.line.type(typed);
      await room.line.see('Signed out. Press Enter to sign in.');
      await room.signIn();
    });
  }

  test('a new box: the first account is made by who holds the cable', async () => {
    const room = new Room(false);
    room.line.type('\r');
    await room.line.see('Name of the new account: ');
    room.line.type('ann\r');
    await room.line.see('new account: ');
    room.line.type('secret\r');
    await room.line.see('The same again: ');
    room.line.type('secret\r');
    await room.line.see('ann has an account');
    await room.line.see('Account: ');
    assert.equal(room.box.passwordOf.get('ann'), 'secret');
    assert.deepEqual(room.tried, [], 'and has to sign in like everybody');
  });
});

describe('commands', () => {
  test('are the same as on the command line, with its answers', async () => {
    const room = new Room();
    await room.signIn();
    assert.match(await room.say('account list'), /\r\nann +1 message/);
    assert.match(await room.say('restante account list --json'), /"name": "ann"/);
    assert.match(await room.say('acount list'), /There is no verb 'acount'/);
    assert.match(await room.say('account'), /There is no verb 'account'/);
    assert.match(await room.say('account unlock "bob'), /is open at the end of the line/);
    assert.match(await room.say('help account add'), /restante account add ACCOUNT/);
    assert.match(await room.say('menu'), /8 +The last lines of the log/);
  });

  test('from the menu', async () => {
    const room = new Room();
    await room.signIn();
    assert.match(await room.say('2'), /That is: account list\r\nann /);
    await room.say('3', 'Name of the new account: ');
    room.line.type('bob\r');
    await room.line.see('new account: ');
    room.line.type('pw\r');
    await room.line.see('again: ');
    room.line.type('pw\r');
    await room.line.see('bob has an account');
  });

  test('ask for secrets twice, and do nothing when the two differ', async () => {
    const room = new Room();
    await room.signIn();
    await room.say('account add bob', 'new account: ');
    room.line.type('one\r');
    await room.line.see('again: ');
    room.line.type('two\r');
    await room.line.see('The two are not the same. Nothing was done.');
    assert.ok(!room.box.passwordOf.has('bob'));
    await room.say('account add bob', 'new account: ');
    room.line.type('\x03');
    await room.line.see('Nothing was done.');
  });

  test('want a typed yes where something would be lost', async () => {
    const room = new Room();
    room.box.passwordOf.set('bob', 'pw');
    await room.signIn();
    const asked = await room.say('account remove bob', 'Type yes to do it: ');
    assert.match(asked, /deletes 2 messages for good/);
    room.line.type('y\r');
    await room.line.see('Nothing was done.');
    await room.say('account remove bob', 'Type yes to do it: ');
    room.line.type('yes\r');
    await room.line.see('\nrestante> ');
    assert.ok(!room.box.passwordOf.has('bob'));
  });

  for (const [command, say] of [
    ['start', /runs already/],
    ['status --data /tmp/x', /belongs to this box/],
    ['account add bob --password-stdin', /asks for passwords by itself/],
    ['backup box.restante', /on the box, with the full path, such as \/media\/usb\/box\.rest/],
    ['backup schedule --to usb --every 1d', /with the full path, such as \/media\/usb\/usb/],
    ['uplink add ann --ca x.pem', /wants a file, which a console does not have/],
  ] as const) {
    test(`refuse what a console cannot: ${command}`, async () => {
      const room = new Room();
      await room.signIn();
      assert.match(await room.say(command), say);
    });
  }

  test('follow the log until Ctrl-C', async () => {
    const room = new Room();
    await room.signIn();
    await room.say('log --follow', 'Ctrl-C ends this.');
    const line = { at: 0, level: 'info', part: 'x', facts: {} } as const;
    await new Promise(setImmediate);
    room.box.log.sink({ ...line, say: 'Something happened' });
    await room.line.see('x: Something happened\r\n');
    room.line.type('\x03');
    await room.line.see('\nrestante> ');
  });

  test('Ctrl-C ends the waiting for a long one', async () => {
    const room = new Room();
    room.box.maintenance.verify = () => new Promise(() => {});
    await room.signIn();
    room.line.type('verify\r');
    await new Promise(setImmediate);
    room.line.type('\x03');
    await room.line.see('The box goes on with it');
    await room.line.see('\nrestante> ');
  });

  test('Ctrl-C ends a long answer on a slow line', async () => {
    const room = new Room();
    await room.signIn();
    room.line.stuck = new Promise(() => {});
    room.line.type('help\r');
    await room.line.see('restante: ask the mail box');
    const before = room.line.shown.length;
    room.line.type('\x03');
    room.line.stuck = undefined;
    await room.line.see('\nrestante> ');
    assert.ok(room.line.shown.length - before < 100);
  });

  test('a line that drops in the middle of a question ends it all', async () => {
    const room = new Room();
    await room.signIn();
    await room.say('account add bob', 'new account: ');
    room.line.drop();
    await room.served;
    assert.ok(!room.box.passwordOf.has('bob'));
  });

  test('an answer cannot move the cursor', async () => {
    const room = new Room();
    room.box.passwordOf.set('\x1b[2Jbob\x9b31m\u202e', 'pw');
    await room.signIn();
    const answer = await room.say('account list');
    assert.doesNotMatch(answer, /[\x1b\x9b\u202e]/);
  });

  test('a fault behind a verb ends the session, not the console', async () => {
    const room = new Room();
    await room.signIn();
    room.box.status = async () => {
      throw new Error('a bug');
    };
    await room.say('status', 'The box made a mistake; its log has more.');
    await room.restOver();
    await room.signIn();
  });
});
