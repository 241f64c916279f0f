/* Log lines as people, the journal and machines get them, and what hostile values cannot do. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import type { LogLine } from '#base/log';
import { journalLine, jsonLine, type LogStream, logOutput, textLine } from '#base/log-output';

const line: LogLine = {
  at: new Date(2026, 10, 23, 9, 30, 1, 250).getTime(),
  level: 'info',
  part: 'smtp',
  session: 'k3f9',
  say: 'Took a message in.',
  facts: { octets: 1200, from: 'ann@restante.local', client: 'a b"c', gone: undefined },
};

class Reader implements LogStream {
  isTTY = false;
  writable = true;
  writableLength = 0;
  text = '';
  write(text: string): void {
    this.text += text;
  }
  on(): void {}
}

test('a line for people', () => {
  const facts = 'octets=1200 from=ann@restante.local client="a b\\"c"';
  assert.equal(textLine(line), `2026-11-23 09:30:01.250 smtp: k3f9 Took a message in. ${facts}\n`);
  assert.match(textLine({ ...line, level: 'warn' }), /\.250 warn smtp: /);
});

test('a line for the journal has a priority and no time', () => {
  const { session: _, ...rest } = line;
  const bare: LogLine = { ...rest, level: 'error', facts: {} };
  assert.equal(journalLine(bare), '<3>smtp: Took a message in.\n');
  assert.equal(journalLine({ ...bare, level: 'trace' }), '<7>smtp: Took a message in.\n');
});

test('a line for machines is one JSON object', () => {
  const read = JSON.parse(jsonLine(line)) as Record<string, unknown>;
  assert.equal(read['at'], new Date(line.at).toISOString());
  assert.equal(read['session'], 'k3f9');
});

const hostile = [
  'x\n2026-11-23 09:30:01.250 tls: All is well.',
  '\r\n<0>kernel: panic',
  '\u001b[2J\u001b[H',
  '\u009b31m',
  'a\u2028b\u2029c',
  'user\u202egpj.exe',
  '\u0000\u007f',
  '\ud800',
];

for (const value of hostile) {
  test(`a value cannot forge: ${JSON.stringify(value)}`, () => {
    const forged: LogLine = {
      ...line,
      say: value,
      session: value,
      facts: { a: value, [value]: 1 },
    };
    for (const written of [textLine(forged), journalLine(forged), jsonLine(forged)]) {
      assert.equal(written.indexOf('\n'), written.length - 1);
    }
    for (const written of [textLine(forged), journalLine(forged)]) {
      assert.doesNotMatch(written.slice(0, -1), /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Bidi_Control}]/u);
    }
  });
}

test('a quote in a value does not end it', () => {
  const facts = { helo: 'x" account="root\\' };
  assert.match(textLine({ ...line, facts }), / helo="x\\" account=\\"root\\\\"\n$/);
  assert.match(textLine({ ...line, facts: { helo: 'a=b' } }), / helo="a=b"\n$/);
  assert.match(textLine({ ...line, facts: { helo: '' } }), / helo=""\n$/);
});

test('a huge value is cut', () => {
  assert.ok(textLine({ ...line, facts: { helo: 'x'.repeat(1e6) } }).length < 2500);
});

test('auto is text, and the journal under systemd', () => {
  const reader = new Reader();
  logOutput(reader, 'auto', {})(line);
  logOutput(reader, 'auto', { JOURNAL_STREAM: '8:1234' })(line);
  assert.match(reader.text, /^2026-.*\n<6>smtp: k3f9 .*\n$/);
});

test('while the reader is stuck, lines are counted instead of kept', () => {
  const reader = new Reader();
  const sink = logOutput(reader, 'journal', {});
  reader.writableLength = 300 * 1024;
  sink(line);
  sink(line);
  assert.equal(reader.text, '');
  reader.writableLength = 0;
  sink(line);
  const [first, second] = reader.text.split('\n');
  assert.match(first ?? '', /^<4>log: Log lines were lost.* lines=2$/);
  assert.match(second ?? '', /^<6>smtp: /);
});

test('a reader that goes away does not end the program', async () => {
  const program = `
    import { logOutput } from '#base/log-output';
    const sink = logOutput(process.stdout, 'text', {});
    const line = { at: 0, level: 'info', part: 'x', say: 'y'.repeat(1000), facts: {} };
    process.stdin.on('data', () => { for (let i = 0; i < 1000; i += 1) sink(line); });
    process.stdin.on('end', () => { sink(line); process.exitCode = 7; });
    sink(line);
  `;
  const child = spawn(
    process.execPath,
    ['--conditions=source', '--input-type=module', '--eval', program],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  await once(child.stdout, 'data');
  child.stdout.destroy();
  child.stdin.write('more');
  child.stdin.end();
  assert.deepEqual(await once(child, 'exit'), [7, null]);
});
