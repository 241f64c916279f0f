/*
 * POP3's replies: a status indicator, perhaps a response code in brackets, and a sentence
 * (RFC 1939 §3, RFC 2449 §8). RESP-CODES is advertised, so no other text begins with a bracket.
 */
import type { Failure } from '#base/result';

/** RFC 2449 §8.1.2 IN-USE; RFC 3206 §4 and §5 SYS/TEMP, SYS/PERM, AUTH. */
export type ResponseCode = 'IN-USE' | 'SYS/TEMP' | 'SYS/PERM' | 'AUTH';

/** `+OK text` */
export function positive(text: string): string {
  return `+OK ${text}\r\n`;
}

/** `-ERR [code] text` */
export function negative(text: string, code?: ResponseCode): string {
  return code === undefined ? `-ERR ${text}\r\n` : `-ERR [${code}] ${text}\r\n`;
}

/** `1 message`, `2 messages` */
export function messagesInWords(count: number): string {
  return count === 1 ? '1 message' : `${count} messages`;
}

/** What is said about a failure, with the code that lets a mail program act on it. */
export function negativeFor(failure: Failure): string {
  return negative(failure.say, codeOf(failure));
}

function codeOf(failure: Failure): ResponseCode | undefined {
  if (failure.kind === 'trouble') return failure.temporary ? 'SYS/TEMP' : 'SYS/PERM';
  if (failure.code === 'in-use') return 'IN-USE';
  // RFC 3206 §4: a lock lifts itself, and the password may be right,
  // so nobody is to be asked for it.
  if (failure.code === 'locked') return 'SYS/TEMP';
  // RFC 3206 §5: AUTH tells a program to ask its user for the password again.
  return failure.code === 'password' ? 'AUTH' : undefined;
}
