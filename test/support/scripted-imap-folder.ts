/*
 * The folders of the scripted IMAP server: messages that a test makes, and may make wrong, and the
 * rows of FETCH that give them. Sizes are what the listing says, which need not be true.
 */

export interface ScriptedMessage {
  readonly uid: number;
  readonly octets: Buffer;
  /** RFC822.SIZE; its octets when left out. */
  readonly size?: number;
  deleted?: boolean;
}

export interface ScriptedFolder {
  uidValidity: number;
  uidNext: number;
  messages: ScriptedMessage[];
  readonly specialUse?: string;
}

/** Letters under unique-ids from 1 on. */
export function folderOf(
  letters: readonly (string | Buffer)[],
  more: Partial<ScriptedFolder> = {},
): ScriptedFolder {
  const messages = letters.map((letter, at) => ({ uid: at + 1, octets: Buffer.from(letter) }));
  return { uidValidity: 17, uidNext: messages.length + 1, messages, ...more };
}

/** '1:3,7' as a question; '*' is as large as may be. */
export function numbersOf(set: string): (uid: number) => boolean {
  const number = (text = '') => (text === '*' ? 0xffff_ffff : Number(text));
  const runs = set.split(',').map((run) => {
    const [first, last = first] = run.split(':');
    return { first: number(first), last: number(last) };
  });
  return (uid) => runs.some(({ first, last }) => first <= uid && uid <= last);
}

/** '* n FETCH (...)' with what was asked for. */
export function fetchRow(sequence: number, message: ScriptedMessage, items: string): Buffer {
  const { uid, octets, size = octets.length } = message;
  const parts: (string | Buffer)[] = [`* ${sequence} FETCH (UID ${uid}`];
  if (/\bRFC822\.SIZE\b/.test(items)) parts.push(` RFC822.SIZE ${size}`);
  if (/\bINTERNALDATE\b/.test(items)) parts.push(' INTERNALDATE " 7-Feb-2026 21:52:25 +0100"');
  if (/\bMODSEQ\b/.test(items)) parts.push(' MODSEQ (7)');
  const body = /BODY\.PEEK\[(HEADER)?\](?:<(\d+)\.(\d+)>)?/.exec(items);
  if (body !== null) {
    const [, section = '', from, count] = body;
    const whole = section === '' ? octets : octets.subarray(0, octets.indexOf('\r\n\r\n') + 4);
    const start = Number(from ?? 0);
    const part = whole.subarray(start, start + Number(count ?? whole.length));
    const origin = from === undefined ? '' : `<${from}>`;
    parts.push(` BODY[${section}]${origin} {${part.length}}\r\n`, part);
  }
  parts.push(')\r\n');
  return Buffer.concat(parts.map((part) => Buffer.from(part)));
}
