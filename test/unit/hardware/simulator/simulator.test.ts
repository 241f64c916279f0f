/* The simulated panel as far as it is pure: its line, its keys, who has the terminal. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { face } from '#hardware/simulator/face';
import { isForeground } from '#hardware/simulator/foreground';
import { keyDeeds } from '#hardware/simulator/keys';
import { LastLine } from '#hardware/simulator/last-line';

const plain = { columns: 80, unicode: true, colour: false };
const three = ['mail', 'queue', 'status'];

const faces: readonly [string, readonly string[], Partial<typeof plain>, string][] = [
  ['all of it', three, {}, '● mail  ○ queue  ○ status    f flush  h hold  ? help'],
  [
    'without Unicode',
    three,
    { unicode: false },
    '* mail  . queue  . status    f flush  h hold  ? help',
  ],
  ['narrow', three, { columns: 27 }, '● mail  ○ queue  ○ status'],
  ['the last column stays free', three, { columns: 25 }, '● mail  ○ queue'],
  [
    'accounts by the dozen take no room from the lamps of the box',
    ['mail', 'mail.ann', 'mail.bob', 'queue', 'status'],
    { columns: 40 },
    '● mail  ○ mail.ann  ○ queue  ○ status',
  ],
  ['so narrow that nothing fits', three, { columns: 5 }, ''],
];

for (const [name, names, terms, text] of faces) {
  test(`a face: ${name}`, () => {
    const made = face(names, new Set(['mail']), { ...plain, ...terms });
    assert.equal(made.text, text);
    assert.equal(made.width, [...text].length);
  });
}

test('colours take no room', () => {
  const one = face(three, new Set(['mail']), { ...plain, colour: true });
  assert.match(one.text, /\x1b\[93m●\x1b\[0m mail/);
  assert.equal(one.width, face(three, new Set(['mail']), plain).width);
});

test('wide letters take two columns', () => {
  const { width } = face(['mail.花'], new Set(), { ...plain, columns: 12 });
  assert.equal(width, '○ mail.'.length + 2);
});

const typed: readonly [string, string][] = [
  ['f', 'press 150'],
  ['F', 'press 150'],
  ['hs', 'press 3200, press 8200'],
  [' ?', 'finger, help'],
  ['\x03', 'signal SIGINT'],
  ['\x1a', 'signal SIGTSTP'],
  ['\x1c', 'signal SIGQUIT'],
  ['\x0c', 'redraw'],
  ['xyz\r\n', ''],
  ['\x1b[Af', ''],
];

for (const [keys, wanted] of typed) {
  test(`keys ${JSON.stringify(keys)}: ${wanted}`, () => {
    const said = keyDeeds(keys).map((deed) => Object.values(deed).join(' '));
    assert.equal(said.join(', '), wanted);
  });
}

test('who is in the foreground', () => {
  const rest = '0 0 0';
  assert.ok(isForeground(`7 (node) S 1 7 5 34816 7 ${rest}`));
  assert.ok(!isForeground(`7 (node) S 1 7 5 34816 5 ${rest}`));
  assert.ok(!isForeground(`7 (node) S 1 7 5 0 -1 ${rest}`));
  assert.ok(isForeground(`7 (a) S 1 2) S 1 7 5 34816 7 ${rest}`));
  assert.ok(!isForeground(''));
});

class Written {
  writable = true;
  writableLength = 0;
  text = '';
  write(text: string): void {
    this.text += text;
  }
  on(): void {}
  take(): string {
    const text = this.text;
    this.text = '';
    return text;
  }
}

test('a last line stays last', () => {
  const written = new Written();
  let columns = 80;
  const line = new LastLine(written, () => columns);
  line.write('one\n');
  assert.equal(written.take(), 'one\n', 'nothing is added while nothing is shown');
  line.show('PANEL', 5);
  assert.equal(written.take(), '\r\x1b[JPANEL');
  line.show('PANEL', 5);
  assert.equal(written.take(), '', 'nothing new, nothing written');
  line.write('two\n');
  assert.equal(written.take(), '\r\x1b[Jtwo\nPANEL');
  line.write('half');
  assert.equal(written.take(), '\r\x1b[Jhalf\nPANEL');
  columns = 2;
  line.show('panel', 5);
  assert.equal(written.take(), '\x1b[2A\r\x1b[Jpanel', 'a terminal that became narrow broke it');
  columns = 0;
  line.show('PANEL', 5);
  assert.equal(written.take(), '\r\x1b[JPANEL', 'one that does not know its width broke nothing');
  line.hide();
  columns = 80;
  written.take();
  line.hide();
  line.write('three\n');
  assert.equal(written.take(), 'three\n');
});
