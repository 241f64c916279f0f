/* The serial console over real ptys: a person with a terminal program at the other end. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants, openSync } from 'node:fs';
import { describe, test } from 'node:test';
import { ReadStream, WriteStream } from 'node:tty';
import { Log, type LogLine } from '#base/log';
import { failed, ok, refusal } from '#base/result';
import { Console } from '#control/console/console';
import { verbs } from '#control/verbs/table';
import { ConsoleLine } from '#hardware/drivers/serial/console-line';
import type { AccountId } from '#mail/ids';
import { Cable, noCable } from '../support/cable.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { MemoryBox } from '../unit/control/memory-box.ts';

/** A terminal program. */
class Terminal {
  shown = '';
  #seen = 0;
  #look: () => void = () => {};
  readonly #input: ReadStream;
  readonly #output: WriteStream;

  constructor(tty: string) {
    const flags = constants.O_RDWR | constants.O_NOCTTY;
    this.#input = new ReadStream(openSync(tty, flags));
    this.#output = new WriteStream(openSync(tty, flags));
    this.#input.setRawMode(true);
    this.#input.on('error', () => {});
    this.#output.on('error', () => {});
    this.#input.on('data', (octets) => {
      this.shown += octets.toString();
      this.#look();
    });
  }

  type(text: string): void {
    this.#output.write(text);
  }

  async see(text: string): Promise<void> {
    let at = this.shown.indexOf(text, this.#seen);
    while (at < 0) {
      await new Promise<void>((resolve) => {
        this.#look = resolve;
      });
      at = this.shown.indexOf(text, this.#seen);
    }
    this.#seen = at + text.length;
  }

  close(): void {
    this.#input.destroy();
    this.#output.destroy();
  }
}

class House implements AsyncDisposable {
  readonly clock = new FakeClock();
  readonly lines: LogLine[] = [];
  readonly box = new MemoryBox();
  readonly line: ConsoleLine;
  #look: () => void = () => {};

  constructor(cable: Cable) {
    const { clock, box } = this;
    box.passwordOf.set('ann', 'secret');
    const log = new Log((line) => {
      this.lines.push(line);
      this.#look();
    }, clock);
    const console = new Console({
      verbs,
      box,
      signIn: {
        withPassword: async (login, password) =>
          box.passwordOf.get(login) === password
            ? ok({ account: 1 as AccountId, login, password: 'main' })
            : failed(refusal('password', 'The name or the password is wrong')),
      },
      directory: { stillHas: () => true },
      hasAccounts: () => true,
      greeting: () => 'Restante 0.1.0',
      clock,
      log,
    });
    this.line = new ConsoleLine({ device: { path: cable.here, baud: 9_600 }, clock, log }, console);
  }

  async said(pattern: RegExp): Promise<void> {
    while (!this.lines.some(({ say }) => pattern.test(say))) {
      await new Promise<void>((resolve) => {
        this.#look = resolve;
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.line.stop();
  }
}

async function signIn(terminal: Terminal): Promise<void> {
  terminal.type('\r');
  await terminal.see('Account: ');
  terminal.type('ann\r');
  await terminal.see('Password: ');
  terminal.type('secret\r');
  await terminal.see('restante> ');
}

/** Another program writes so many octets without a line end. */
async function fill(tty: string, octets: number): Promise<void> {
  const program = `yes 'noise~' | tr -d '\\n' | head -c ${octets} >"$0"`;
  const [status] = await once(spawn('sh', ['-c', program, tty]), 'exit');
  assert.equal(status, 0);
}

describe('a serial console', { skip: noCable, timeout: 300_000 }, () => {
  test('answers after signing in; who pulls the cable has to sign in again', async () => {
    await using cable = await Cable.laid();
    await cable.plug();
    await using house = new House(cable);
    assert.ok((await house.line.start()).ok);
    const terminal = new Terminal(cable.there);
    await signIn(terminal);
    terminal.type('stauts\x7f\x7f\x7f\x1b[D\x1b[C\x7f\x7ftatus\r');
    await terminal.see('Restante 0.1.0 calls itself restante.local');
    await terminal.see('restante> ');
    assert.doesNotMatch(terminal.shown, /secret/);
    await cable.unplug();
    await house.said(/Signed out on the serial console: the line dropped/);
    terminal.close();

    await cable.plug();
    const second = new Terminal(cable.there);
    const tries = setInterval(() => house.clock.advance(2_000), 20);
    await house.said(/^The serial line .* is there/);
    clearInterval(tries);
    second.type('status\r');
    await second.see('Account: ');
    assert.doesNotMatch(second.shown, /calls itself/);
    second.type('ann\r');
    await second.see('Password: ');
    second.type('secret\r');
    await second.see('restante> ');
    second.close();
  });

  test('ten megabytes of noise without a line end cost neither memory nor the line', async () => {
    await using cable = await Cable.laid();
    await cable.plug();
    await using house = new House(cable);
    await house.line.start();
    const terminal = new Terminal(cable.there);
    await signIn(terminal);
    const before = process.memoryUsage.rss();
    await fill(cable.there, 10_000_000);
    const grown = process.memoryUsage.rss() - before;
    terminal.type('\x15status\r');
    await terminal.see('Restante 0.1.0 calls itself restante.local');
    assert.ok(grown < 40_000_000, `${(grown / 1e6).toFixed(0)} MB more`);
    terminal.close();
  });

  test('a long answer arrives whole', async () => {
    await using cable = await Cable.laid();
    await cable.plug();
    await using house = new House(cable);
    for (let count = 0; count < 3_000; count += 1) house.box.passwordOf.set(`person${count}`, 'pw');
    await house.line.start();
    const terminal = new Terminal(cable.there);
    await signIn(terminal);
    terminal.type('account list\r');
    await terminal.see('person2999 ');
    await terminal.see('restante> ');
    for (let count = 0; count < 3_000; count += 1) {
      assert.ok(terminal.shown.includes(`\nperson${count} `), `person${count}`);
    }
    terminal.close();
  });
});
