/* The command at a real terminal: questions without echo, a typed yes, Ctrl-C. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startBox, type TestBox } from '../support/box.ts';

const run = promisify(execFile);
const typist = fileURLToPath(new URL('../support/pseudo-terminal.py', import.meta.url));
const command = fileURLToPath(new URL('../../firmware/cli.ts', import.meta.url));

type Step = readonly [question: string, typed: string];

interface Session {
  readonly shown: string;
  readonly status: number;
  readonly echoes: boolean;
}

let box: TestBox;
before(async () => {
  box = await startBox();
});
after(() => box[Symbol.asyncDispose]());

async function onTerminal(words: readonly string[], steps: readonly Step[]): Promise<Session> {
  const program = [process.execPath, '--conditions=source', command, ...words, '--data', box.data];
  const { stdout } = await run('python3', [typist, JSON.stringify(steps), ...program]);
  const [shown, status, echoes] = JSON.parse(stdout);
  return { shown, status, echoes };
}

describe('at a terminal', () => {
  test('a password is asked twice and never shown', async () => {
    const typed = 'sechret\x7f\x7f\x7f\x7fret\r';
    const session = await onTerminal(
      ['account', 'add', 'ann'],
      [
        ['new account: ', typed],
        ['again: ', 'secret\r'],
      ],
    );
    assert.equal(session.status, 0, session.shown);
    assert.match(session.shown, /ann has an account/);
    assert.doesNotMatch(session.shown, /sec|ret\r/);
    assert.equal(session.echoes, true);
  });

  test('two that differ do nothing', async () => {
    const session = await onTerminal(
      ['account', 'add', 'bob'],
      [
        ['new account: ', 'secret\r'],
        ['again: ', 'secrat\r'],
      ],
    );
    assert.equal(session.status, 2);
    assert.match(session.shown, /not the same/);
  });

  test('Ctrl-C gives the echo back', async () => {
    const session = await onTerminal(['account', 'add', 'bob'], [['new account: ', 'sec\x03']]);
    assert.equal(session.status, 130);
    assert.equal(session.echoes, true);
    assert.doesNotMatch(session.shown, /sec/);
  });

  test('only a typed yes removes an account', async () => {
    const made = await box.cli(['account', 'add', 'carol', '--password-stdin'], 'pw');
    assert.equal(made.status, 0, made.stderr);
    const words = ['account', 'remove', 'carol'];
    const kept = await onTerminal(words, [['Type yes to do it: ', 'y\r']]);
    assert.equal(kept.status, 1);
    assert.match(kept.shown, /Nothing was done/);
    const gone = await onTerminal(words, [['Type yes to do it: ', 'yes\r']]);
    assert.equal(gone.status, 0, gone.shown);
    assert.match(gone.shown, /are gone/);
  });
});
