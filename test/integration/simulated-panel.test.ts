/* The simulated panel on a real terminal, with a shell that stops and continues it. */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const shell = fileURLToPath(new URL('../support/job-control.py', import.meta.url));
const program = fileURLToPath(new URL('../support/panel-on-terminal.ts', import.meta.url));
const command = [
  process.execPath,
  '--conditions=source',
  '--disable-warning=ExperimentalWarning',
  program,
];

type Step = readonly [what: string, value?: string | number];

interface Session {
  readonly shown: string;
  readonly status: number;
  /** Whether the terminal echoed at each `modes`, and in the end. */
  readonly echoes: readonly boolean[];
}

async function session(...steps: readonly Step[]): Promise<Session> {
  const env = { ...process.env, LANG: 'C.UTF-8', LC_ALL: '', TERM: 'xterm', NO_COLOR: '1' };
  const words = [shell, JSON.stringify(steps), ...command];
  const { stdout } = await run('python3', words, { env, timeout: 300_000 });
  const [shown, status, echoes] = JSON.parse(stdout);
  return { shown, status, echoes };
}

const usual = '○ mail  ○ queue  ● status    f flush  h hold  ? help';

/** The last line there is drawn: what is seen after it was not there before. */
const begun: readonly Step[] = [
  ['see', 'Ready'],
  ['see', usual],
];

test('the panel is the last line, with the log above it; Ctrl-C ends', async () => {
  const { shown, status, echoes } = await session(
    ...begun,
    ['modes'],
    ['signal', 'SIGUSR1'],
    ['see', '● mail'],
    ['signal', 'SIGUSR2'],
    ['see', 'A line of the log\r\n● mail'],
    ['type', '?'],
    ['see', 'Ctrl-Z stops it'],
    ['type', '\x03'],
  );
  assert.equal(status, 0, shown);
  assert.deepEqual(echoes, [false, true]);
  assert.match(shown, /\r\x1b\[J[^\r]*Off\r\n$/, 'the line is gone in the end');
});

test('keys press the button', async () => {
  const { shown } = await session(
    ...begun,
    ['type', 'f'],
    ['see', '● mail  ● queue  ● status'],
    ['see', 'Flushed.'],
    ['type', ' '],
    ['see', '● mail  ● queue  ● status'],
    ['type', ' '],
    ['see', 'Flushed.'],
    ['type', '\x03'],
  );
  assert.match(shown, /pressed by a finger: flush/);
});

test('Ctrl-Z stops, fg brings the panel back, raw', async () => {
  const { shown, status, echoes } = await session(
    ...begun,
    ['type', '\x1a'],
    ['stopped'],
    ['modes'],
    ['fg'],
    ['see', usual],
    ['modes'],
    ['type', 'f'],
    ['see', 'Flushed.'],
    ['type', '\x03'],
  );
  assert.equal(status, 0, shown);
  assert.deepEqual(echoes, [true, false, true]);
});

test('in the background it runs on with plain lines, and comes back', async () => {
  const { shown, status, echoes } = await session(
    ...begun,
    ['type', '\x1a'],
    ['stopped'],
    ['bg'],
    ['signal', 'SIGUSR1'],
    ['signal', 'SIGUSR2'],
    ['see', 'A line of the log\r\n'],
    // Typed for the shell; a box that read it would be stopped by the kernel.
    ['type', 'f\r'],
    ['signal', 'SIGUSR2'],
    ['see', 'A line of the log\r\n'],
    ['modes'],
    ['fg'],
    ['see', '● mail  ○ queue'],
    ['type', '\x03'],
  );
  assert.equal(status, 0, shown);
  assert.deepEqual(echoes, [true, true]);
});

test('follows the width of the terminal', async () => {
  const { shown, status } = await session(
    ...begun,
    ['columns', 20],
    ['see', '\x1b[J○ mail  ○ queue'],
    ['columns', 100],
    ['see', usual],
    ['type', '\x03'],
  );
  assert.equal(status, 0, shown);
});

test('without a terminal: plain lines, the lamps among them', async () => {
  const [runtime = '', ...words] = command;
  const child = spawn(runtime, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.setEncoding('utf8');
  // Each once, whatever pieces come: a second SIGUSR1 takes the mail away again.
  const signals = [
    [/Ready/, 'SIGUSR1'],
    [/mail on/, 'SIGINT'],
  ] as const;
  let sent = 0;
  child.stdout.on('data', (text: string) => {
    said += text;
    const [sight, signal] = signals[sent] ?? [];
    if (sight === undefined || !sight.test(said)) return;
    sent += 1;
    child.kill(signal);
  });
  await once(child, 'close');
  assert.match(said, /Lamps: mail off, queue off, status on\n/);
  assert.match(said, /Lamps: mail on, queue off, status on\n/);
  assert.ok(!said.includes('\x1b'));
});
