/*
 * What a sign-in is good for. Who signed in before the box collected may have let it send only; and
 * somebody may have left a tick out. Known from what the provider said it granted (RFC 6749 §5.1), at
 * the sign-in or at a renewal; as long as it has not said, nothing is held against it.
 */
import { type MailUse, nameOf, scopeFor } from './endpoints.ts';
import type { OAuthTrouble } from './ports.ts';
import { missingScope } from './token-answer.ts';
import type { Tokens } from './tokens.ts';

const words: Readonly<Record<MailUse, string>> = {
  smtp: 'sending',
  imap: 'collecting by IMAP',
  pop3: 'collecting by POP3',
};

/** Why the sign-in is of no use for this, in a sentence; undefined: it is, as far as is known. */
export function lackOf(
  { provider, scope }: Pick<Tokens, 'provider' | 'scope'>,
  use: MailUse,
): OAuthTrouble | undefined {
  const missing = missingScope(scopeFor(provider, use), scope);
  if (missing === undefined) return undefined;
  const say = `The sign-in at ${nameOf(provider)} does not allow ${words[use]}. Sign in anew.`;
  return { kind: 'sign-in', code: 'missing-scope', say, detail: `${missing} was not granted` };
}
