/*
 * What a person wants to see of a message in a list: who wrote it and about what. Reads the header
 * section's beginning (RFC 5322 §2.2), unfolds it (§2.2.3) and decodes encoded words (RFC 2047).
 * For showing only: nothing is decided by it.
 */
import { printable } from './printable.ts';

export interface Summary {
  readonly from: string;
  readonly subject: string;
}

/** As much of a field as a list has room for, in characters. */
const shown = 120;

/** `beginning`: a message's first octets. Fields that are not there are ''. */
export function summaryOf(beginning: Uint8Array): Summary {
  const text = Buffer.from(beginning).toString('utf8');
  const end = text.search(/^(?:\r\n|\r|\n)|\r\n\r\n|\n\n|\r\r/);
  const header = end < 0 ? text : text.slice(0, end);
  const unfolded = header.replace(/(?:\r\n|\r|\n)[ \t]+/g, ' ');
  return { from: field(unfolded, 'from'), subject: field(unfolded, 'subject') };
}

function field(header: string, name: string): string {
  const [, raw = ''] = new RegExp(`^${name}[ \\t]*:(.*)$`, 'im').exec(header) ?? [];
  return printable(decodeWords(raw), shown);
}

/**
 * RFC 2047 §2: encoded-word = "=?" charset "?" encoding "?" encoded-text "?="
 * RFC 2231 §5: charset may be followed by "*" and a language.
 *
 * No part can match what ends it: strangers write this, and a pattern that tries again and again
 * would stop the box.
 */
const encodedWord = /=\?([^?*\s]+)(?:\*[^?\s]*)?\?([bq])\?([!->@-~]*)\?=/gi;

function decodeWords(text: string): string {
  // White space between neighbouring encoded words is not shown (§6.2).
  return text
    .replace(/(\?=)\s+(?==\?)/g, '$1')
    .replace(encodedWord, (word, charset, how, encoded) => {
      const octets = String(how).toLowerCase() === 'b' ? fromBase64(encoded) : fromQ(encoded);
      try {
        return new TextDecoder(charset).decode(octets);
      } catch {
        return word; // a character set nobody knows: shown as it is
      }
    });
}

function fromBase64(encoded: string): Buffer {
  return Buffer.from(encoded, 'base64');
}

/** RFC 2047 §4.2. */
function fromQ(encoded: string): Buffer {
  const latin1 = encoded
    .replaceAll('_', ' ')
    .replace(/=([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(latin1, 'latin1');
}
