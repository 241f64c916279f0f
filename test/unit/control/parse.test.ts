/* A command's words: what they mean, and how nonsense is refused. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { help } from '#control/help';
import { type Command, parseCommand } from '#control/parse';
import { verbs } from '#control/verbs/table';

function command(line: string): Command {
  const parsed = parseCommand(line.split(' '), verbs);
  assert.equal(parsed.kind, 'command', JSON.stringify(parsed));
  return parsed as Command;
}

function complaint(line: string): string {
  const parsed = parseCommand(line.split(' '), verbs);
  assert.equal(parsed.kind, 'usage', `${line} was understood`);
  return parsed.kind === 'usage' ? parsed.say : '';
}

describe('the words of a command', () => {
  test('name a verb, its arguments and its flags', () => {
    const parsed = command('address add ann ann@example.org --outside');
    assert.deepEqual(parsed.verb.words, ['address', 'add']);
    assert.deepEqual(parsed.call.values, { account: 'ann', address: 'ann@example.org' });
    assert.deepEqual([...parsed.call.flags], ['outside']);
  });

  test('name the longest verb that fits', () => {
    const parsed = command('account passwords add ann iPad');
    assert.deepEqual(parsed.verb.words, ['account', 'passwords', 'add']);
  });

  const spellings = [
    '--data /d --json status',
    'status --json --data=/d',
    '--json status --data /d',
  ];
  for (const line of spellings) {
    test(`may have common options anywhere: ${line}`, () => {
      const parsed = command(line);
      assert.equal(parsed.data, '/d');
      assert.equal(parsed.json, true);
      assert.deepEqual(parsed.call, { values: {}, flags: new Set() });
    });
  }

  test('end their options at --', () => {
    assert.equal(command('settings set mail.catchAll -- --json').call.values['value'], '--json');
  });

  const wrong: [string, RegExp][] = [
    ['acount list', /no verb 'acount'/],
    ['account ad ann', /no verb 'account ad'.*account add/],
    ['account', /account add/],
    ['account add', /ACCOUNT is missing. Write: restante account add ACCOUNT/],
    ['account add ann secret', /A password is never an argument/],
    ['status now', /a word too many/],
    ['status --yes', /no option --yes/],
    ['status --json=yes', /takes no value/],
    ['status --data', /--data wants DIR/],
  ];
  for (const [line, why] of wrong) {
    test(`are refused in words: ${line}`, () => assert.match(complaint(line), why));
  }
});

describe('help', () => {
  test('is asked for by no words, --help and -h', () => {
    assert.equal(parseCommand([], verbs).kind, 'help');
    assert.equal(parseCommand(['status', '--help'], verbs).kind, 'help');
    assert.equal(parseCommand(['-h'], verbs).kind, 'help');
  });

  test('names every verb', () => {
    const text = help([], verbs);
    for (const verb of verbs) assert.ok(text.includes(verb.summary), verb.words.join(' '));
  });

  test('of a family names the family alone', () => {
    const text = help(['address'], verbs);
    assert.match(text, /address remove ACCOUNT ADDRESS/);
    assert.doesNotMatch(text, /account add/);
  });

  test('of a verb names its options', () => {
    assert.match(help(['account', 'remove'], verbs), /--yes/);
    assert.match(help(['backup'], verbs), /backup FILE.*There are also:\n {2}backup schedule/s);
  });
});
