/*
 * Asking a person at the terminal: a password without echo, a typed yes. Questions go to standard
 * error, so that standard output holds answers alone. Ctrl-C gives the echo back and ends.
 */
import type { ReadStream } from 'node:tty';

/** Ctrl-C at a question: the status a shell gives a program that SIGINT ended. */
const interrupted = 130;

const keys = {
  enter: /^[\r\n]$/,
  erase: /^[\b\u007f]$/,
  stop: '\u0003',
  end: '\u0004',
  kill: '\u0015',
};

/** Reads a line that is not shown. undefined at Ctrl-D on an empty line. */
export async function askHidden(
  terminal: ReadStream,
  question: string,
): Promise<string | undefined> {
  // First the silence, then the question: who answers at once is not shown either.
  terminal.setRawMode(true);
  process.stderr.write(`${question}: `);
  terminal.setEncoding('utf8');
  let typed = '';
  try {
    for await (const text of iterate(terminal)) {
      for (const key of text) {
        if (keys.enter.test(key)) return typed;
        if (key === keys.stop) leave(terminal);
        if (key === keys.end && typed === '') return undefined;
        if (key === keys.kill) typed = '';
        else if (keys.erase.test(key)) typed = [...typed].slice(0, -1).join('');
        else if (key >= ' ') typed += key;
      }
    }
    return undefined;
  } finally {
    terminal.setRawMode(false);
    process.stderr.write('\n');
  }
}

/** Reads a line as it is typed. */
export async function askOpenly(terminal: ReadStream, question: string): Promise<string> {
  process.stderr.write(`${question}: `);
  terminal.setEncoding('utf8');
  for await (const text of iterate(terminal)) return text.trim();
  return '';
}

/** All of a stream that is not a terminal, without its last line end. */
export async function readAll(input: NodeJS.ReadableStream): Promise<string> {
  input.setEncoding('utf8');
  let text = '';
  for await (const piece of input as AsyncIterable<string>) text += piece;
  return text.replace(/\r?\n$/, '');
}

/** The stream's pieces; leaving the loop pauses the stream and does not destroy it. */
function iterate(terminal: ReadStream): AsyncIterable<string> {
  return terminal.iterator({ destroyOnReturn: false });
}

function leave(terminal: ReadStream): never {
  terminal.setRawMode(false);
  process.stderr.write('\n');
  process.exit(interrupted);
}
