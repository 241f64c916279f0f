/* Words, keys and the line under way: pure parts of the console, as tables. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { KeyReader } from '#control/console/keys';
import { LineEditor } from '#control/console/line-editor';
import { asCommand, menu, menuItem } from '#control/console/menu';
import { splitWords } from '#control/console/split-words';
import { parseCommand } from '#control/parse';
import { verbs } from '#control/verbs/table';

const lines: readonly [line: string, words: string[] | undefined][] = [
  ['', []],
  ['  status ', ['status']],
  ['account\tadd  ann', ['account', 'add', 'ann']],
  [`passwords add ann "Ann's iPad"`, ['passwords', 'add', 'ann', "Ann's iPad"]],
  [`a 'b "c" \\'`, ['a', 'b "c" \\']],
  ['a\\ b', ['a b']],
  ['"a\\"b"', ['a"b']],
  ['""', ['']],
  ["--note=''x", ['--note=x']],
  ['a\\', ['a\\']],
  ['"open', undefined],
  ["'open", undefined],
];

for (const [line, words] of lines) {
  test(`words of ${JSON.stringify(line)}`, () => {
    const split = splitWords(line);
    assert.deepEqual(split.ok ? split.value : undefined, words);
  });
}

/** What a terminal shows of what it is sent, and where its cursor is. */
function terminal(sent: string): string {
  const row: string[] = [];
  let at = 0;
  for (const letter of sent) {
    if (letter === '\b') at = Math.max(0, at - 1);
    else {
      row[at] = letter;
      at += 1;
    }
  }
  return `${row.slice(0, at).join('')}|${row.slice(at).join('')}`.trimEnd();
}

const edits: readonly [name: string, typed: string, text: string, shown: string][] = [
  ['letters', 'abc', 'abc', 'abc|'],
  ['erasing', 'abc\x7f\bd', 'ad', 'ad|'],
  ['erasing nothing', '\x7f\x7fa', 'a', 'a|'],
  ['in the middle', 'ac\x1b[Db', 'abc', 'ab|c'],
  ['erasing in the middle', 'abxc\x1b[D\x7f', 'abc', 'ab|c'],
  ['deleting', 'axb\x01\x1b[C\x1b[3~', 'ab', 'a|b'],
  ['deleting at the end', 'ab\x1b[3~', 'ab', 'ab|'],
  ['to both ends', 'bc\x1b[Ha\x1b[Fd', 'abcd', 'abcd|'],
  ['past both ends', 'b\x1b[D\x1b[Da\x1b[C\x1b[C\x1b[Cc', 'abc', 'abc|'],
  ['a word', 'account add\x17list', 'account list', 'account list|'],
  ['a word and blanks behind it', 'ab cd  \x17x', 'ab x', 'ab x|'],
  ['the line', 'abc\x15d', 'd', 'd|'],
  ['up to the cursor', 'abc\x1b[D\x15', 'c', '|c'],
  ['beyond ASCII', 'J\u00fcrgen\u{1f4ee}\x7f\x7f', 'J\u00fcrge', 'J\u00fcrge|'],
  ['history', '\x1b[A', 'status', 'status|'],
  ['history, further back', 'x\x1b[A\x1b[A\x1b[A', 'flush', 'flush|'],
  ['back to what was begun', 'x\x1b[A\x1b[B', 'x', 'x|'],
  ['keys that mean nothing', 'a\x1b[15~\x1bOPb\x07\x1b[200~c', 'abc', 'abc|'],
  ['an escape sequence without end', `a\x1b[${'1;'.repeat(20)}`, 'a;1;1;1;1;1;1;1;1;1;1;1;1;', ''],
];

for (const [name, typed, text, shown] of edits) {
  test(`editing: ${name}`, () => {
    for (const pieces of [[Buffer.from(typed)], [...Buffer.from(typed)].map((o) => Buffer.of(o))]) {
      const reader = new KeyReader();
      const editor = new LineEditor(false, ['status', 'flush']);
      let sent = '';
      for (const piece of pieces) for (const key of reader.push(piece)) sent += editor.take(key);
      assert.equal(editor.text, text);
      if (shown !== '') assert.equal(terminal(sent), shown);
      assert.equal(terminal(editor.redraw()), shown === '' ? terminal(sent) : shown);
    }
  });
}

test('what is hidden is never sent', () => {
  const editor = new LineEditor(true, ['status']);
  const reader = new KeyReader();
  let sent = '';
  for (const key of reader.push(Buffer.from('secrat\x7f\x7fet\x1b[A'))) sent += editor.take(key);
  assert.equal(sent + editor.redraw(), '');
  assert.equal(editor.text, 'secret');
});

test('a line has room for the address of a sign-in, and an end', () => {
  const editor = new LineEditor();
  for (let count = 0; count < 5_000; count += 1) editor.take({ kind: 'letter', letter: 'x' });
  assert.equal(editor.text.length, 4_000);
});

test('Enter, however a terminal sends it', () => {
  const kinds = (typed: string) => new KeyReader().push(Buffer.from(typed)).map(({ kind }) => kind);
  assert.deepEqual(kinds('\r'), ['enter']);
  assert.deepEqual(kinds('\n'), ['enter']);
  assert.deepEqual(kinds('\r\n'), ['enter']);
  assert.deepEqual(kinds('\r\r'), ['enter', 'enter']);
  assert.deepEqual(kinds('\n\n'), ['enter', 'enter']);
});

describe('the menu', () => {
  for (const [index, item] of menu.entries()) {
    test(`${index + 1}, ${item.say}: is a command that there is`, () => {
      assert.equal(menuItem(String(index + 1)), item);
      const words = [...item.words, ...(item.asks ?? []).map(() => 'ann')];
      assert.equal(parseCommand(words, verbs).kind, 'command');
      const again = splitWords(asCommand(words));
      assert.deepEqual(again.ok && again.value, words);
    });
  }

  test('has nothing else', () => {
    assert.equal(menuItem('0'), undefined);
    assert.equal(menuItem(String(menu.length + 1)), undefined);
    assert.equal(menuItem('1x'), undefined);
  });
});
