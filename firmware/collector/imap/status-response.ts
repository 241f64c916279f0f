/*
 * What a status response says: its code, which programs go by, and its words, which are for people.
 *
 *     resp-text       =  ["[" resp-text-code "]" SP] [text]
 *     resp-text-code  =  "ALERT" / ... / atom [SP ...]        ; RFC 9051 §9
 */
import type { ImapResponse } from 'imapflow';
import { plainText } from '#base/plain-text';
import type { SignInAnswer } from '../upstream.ts';

/** Code in capitals, words without control characters. */
export function answerOf({ attributes = [] }: ImapResponse): SignInAnswer {
  let code: string | undefined;
  const words: string[] = [];
  for (const node of attributes) {
    if (node === null || Array.isArray(node)) continue;
    const first = node.section?.[0];
    if (first && !Array.isArray(first) && typeof first.value === 'string') code ??= first.value;
    if (typeof node.value === 'string') words.push(node.value);
  }
  const text = plainText(words.join(' '));
  return code === undefined ? { text } : { code: code.toUpperCase(), text };
}
