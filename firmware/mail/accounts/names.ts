/*
 * What accounts and passwords may be called, and what a password may be. Each rule that is broken
 * gets its sentence. An account's name is also the local part of its addresses, so it is one that
 * every mail program can write without quotes.
 */
import { failed, ok, type Refusal, type Result, refusal } from '#base/result';
import { foldCase } from '../address.ts';

export type NameRefusal = Refusal<'bad-name'>;

const longestName = 32;
const longestPasswordName = 64;
const longestPassword = 1024;

/** The name as it is kept: in lower case, composed (NFC). */
export function checkAccountName(text: string): Result<string, NameRefusal> {
  const name = foldCase(text);
  if (name === '') return bad('An account needs a name, for example ann');
  if ([...name].length > longestName) {
    return bad(`An account's name has at most ${longestName} characters`);
  }
  if (name.includes('@')) {
    return bad("An account's name is what stands before the @; leave the rest out");
  }
  if (name.includes('+')) {
    return bad("An account's name has no +; what follows a + in an address sorts its mail");
  }
  if (!/^[\p{L}\p{M}\p{N}._-]+$/u.test(name)) {
    return bad("An account's name is made of letters, digits, dots, - and _");
  }
  if (!/^[\p{L}\p{N}](?:.*[\p{L}\p{M}\p{N}])?$/u.test(name) || name.includes('..')) {
    return bad("An account's name begins and ends with a letter or digit, and dots stand alone");
  }
  return ok(name);
}

/** The name of an app password, such as "Ann's iPad". */
export function checkPasswordName(text: string): Result<string, NameRefusal> {
  const name = text.normalize('NFC').trim();
  if (name === '') return bad("An app password needs a name, for example Ann's iPad");
  if ([...name].length > longestPasswordName) {
    return bad(`An app password's name has at most ${longestPasswordName} characters`);
  }
  if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u.test(name)) {
    return bad("An app password's name is one line of plain text");
  }
  if (foldCase(name) === 'main') {
    return bad('"main" is what the account\'s own password is called; choose another name');
  }
  return ok(name);
}

/**
 * SASLprep (RFC 4013), as far as it is sensible today: other spaces become a space (§2.1),
 * invisible characters vanish (§2.1), NFKC (§2.2), and control characters, surrogates and private
 * characters are refused (§2.3). Left out are the rules for the direction of writing (§2.4) and
 * the refusal of what was unassigned in Unicode 3.2 (§2.5): they would turn good passwords away,
 * and mail programs leave them out, too.
 */
export function preparePassword(text: string): Result<string, Refusal<'bad-password'>> {
  const prepared = /^[ -~]*$/.test(text)
    ? text
    : text
        .replace(/\p{Zs}/gu, ' ')
        .replace(nothing, '')
        .normalize('NFKC');
  if (prepared === '') return failed(refusal('bad-password', 'A password cannot be empty'));
  if (Buffer.byteLength(prepared) > longestPassword) {
    const say = `A password has at most ${longestPassword} octets`;
    return failed(refusal('bad-password', say));
  }
  if (/[\p{Cc}\p{Cs}\p{Co}\p{Zl}\p{Zp}\ufffd]/u.test(prepared)) {
    const say = 'A password cannot have control characters in it';
    return failed(refusal('bad-password', say));
  }
  return ok(prepared);
}

/** RFC 3454 table B.1: commonly mapped to nothing. */
const nothing =
  /\u034f|[\u180b-\u180d]|[\ufe00-\ufe0f]|[\u00ad\u1806\u200b\u2060\ufeff]|\u200c|\u200d/g;

function bad(say: string): Result<never, NameRefusal> {
  return failed(refusal('bad-name', say));
}
