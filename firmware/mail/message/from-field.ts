/*
 * The addresses in a From field (RFC 5322 §3.6.2), each with the place where it stands, so that one
 * can be replaced and every other octet stays: names, comments, folding, groups, encoded words.
 * Grammar: RFC 5322 §3.4 with the obsolete forms of §4.4, RFC 6532 §3.2 (UTF-8), RFC 6854 (groups).
 * More is taken than they allow only in display names, where mail programs write "@" unquoted.
 *
 * A field is octets; here it is a latin1 string, so that places count octets.
 */
import { type Address, formatAddress } from '../address.ts';

/** A piece of the field that is not white space or a comment. */
interface Token {
  readonly kind: 'atom' | 'quoted' | 'literal' | 'special';
  readonly text: string;
  readonly at: number;
}

/** local-part "@" domain: the tokens of each. Comments may stand between them. */
interface AddrSpec {
  readonly local: readonly Token[];
  readonly domain: readonly Token[];
}

/**
 * The body of a From field with each address for which `isOurs` holds replaced by `to`. Undefined:
 * there is none, or the field is malformed.
 */
export function replaceAddresses(
  body: string,
  isOurs: (address: Address) => boolean,
  to: Address,
): string | undefined {
  const tokens = tokensOf(body);
  const found = tokens && addrSpecs(tokens);
  const ours = found?.filter((one) => isOurs(toAddress(one))) ?? [];
  if (ours.length === 0) return undefined;
  const [newLocal, newDomain] = [formatAddress({ ...to, domain: '' }), to.domain].map(toLatin1);
  const edits = ours.flatMap(({ local, domain }) => [
    ...local.map((token, index) => ({ token, by: index === 0 ? newLocal : '' })),
    ...domain.map((token, index) => ({ token, by: index === 0 ? newDomain : '' })),
  ]);
  let written = '';
  let copied = 0;
  for (const { token, by } of edits) {
    written += body.slice(copied, token.at) + by;
    copied = token.at + token.text.length;
  }
  return written + body.slice(copied);
}

/** The addresses in the body of a From field; none when it is malformed. */
export function addressesIn(body: string): Address[] {
  const tokens = tokensOf(body);
  return (tokens && addrSpecs(tokens))?.map(toAddress) ?? [];
}

// RFC 5322 §3.2.2:  FWS = ([*WSP CRLF] 1*WSP) / obs-FWS; where lines end was decided before.
const space = /[ \t\r\n]+/y;
/** RFC 2047 §2; as one word, for its text may hold "@" or "," where a mail program was careless. */
const encodedWord = /=\?[^?\s]+\?[bq]\?[^?\s]*\?=/iy;
/** RFC 5322 §3.2.3 1*atext, RFC 6532 §3.2: also UTF8-non-ascii */
const atom = /[\w!#$%&'*+/=?^`{|}~\x80-\xff-]+/y;
/** RFC 5322 §3.2.4: quoted-string = DQUOTE *([FWS] qcontent) [FWS] DQUOTE */
const quoted = /"(?:[^"\\\0]|\\[^\0])*"/y;
/** RFC 5322 §3.4.1: domain-literal = "[" *([FWS] dtext) [FWS] "]" */
const literal = /\[(?:[^[\]\\\0]|\\[^\0])*\]/y;
const special = /[<>:;,.@]/y;

const shapes = [
  ['atom', encodedWord],
  ['atom', atom],
  ['quoted', quoted],
  ['literal', literal],
  ['special', special],
] as const;

/** Undefined: a comment, a quote or a bracket does not end, or a character belongs nowhere. */
function tokensOf(body: string): Token[] | undefined {
  const tokens: Token[] = [];
  let at = 0;
  while (at < body.length) {
    const passed = body[at] === '(' ? commentAt(body, at) : matchAt(space, body, at)?.length;
    const token = passed === undefined ? tokenAt(body, at) : undefined;
    if (token !== undefined) tokens.push(token);
    const octets = passed ?? token?.text.length;
    if (octets === undefined) return undefined;
    at += octets;
  }
  return tokens;
}

function tokenAt(body: string, at: number): Token | undefined {
  for (const [kind, pattern] of shapes) {
    const text = matchAt(pattern, body, at);
    if (text !== undefined) return { kind, text, at };
  }
  return undefined;
}

function matchAt(pattern: RegExp, body: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(body)?.[0];
}

/** RFC 5322 §3.2.2: comment = "(" *([FWS] ccontent) [FWS] ")", and ccontent may be a comment.
 * Octets of the one that begins here; undefined when it does not end. */
function commentAt(body: string, from: number): number | undefined {
  let depth = 0;
  for (let at = from; at < body.length; at++) {
    const character = body[at];
    if (character === '\\') at++;
    else if (character === '(') depth++;
    else if (character === ')' && --depth === 0) return at + 1 - from;
  }
  return undefined;
}

// RFC 5322 §3.4, §4.4:
//   address-list = address *("," address), where addresses may be missing
//   address      = mailbox / group
//   mailbox      = [display-name] "<" [route] addr-spec ">" / addr-spec
//   group        = display-name ":" [group-list] ";"
//   route        = "@" domain *("," "@" domain) ":"

/** All addr-specs, in their order; undefined when the list is malformed. */
function addrSpecs(tokens: readonly Token[]): AddrSpec[] | undefined {
  const found: AddrSpec[] = [];
  let inGroup = false;
  let at = 0;
  while (at < tokens.length) {
    const mark = indexOf(tokens, '<:;,', at);
    const words = tokens.slice(at, mark);
    at = mark + 1;
    const text = tokens[mark]?.text;
    if (text === '<') {
      const close = indexOf(tokens, '>', at);
      const spec = addrSpec(withoutRoute(tokens.slice(at, close)));
      at = close + 1;
      if (spec === undefined || close === tokens.length || !words.every(isNamePart))
        return undefined;
      if (at < tokens.length && indexOf(tokens, ',;', at) !== at) return undefined;
      found.push(spec);
    } else if (text === ':') {
      if (inGroup || words.length === 0 || !words.every(isNamePart)) return undefined;
      inGroup = true;
    } else {
      const spec = addrSpec(words);
      if (spec !== undefined) found.push(spec);
      else if (words.length > 0) return undefined;
      if (text !== ';') continue;
      if (!inGroup || (at < tokens.length && indexOf(tokens, ',', at) !== at)) return undefined;
      inGroup = false;
    }
  }
  return inGroup ? undefined : found;
}

/** RFC 5322 §3.4.1: addr-spec = local-part "@" domain; local-part = dot-atom / quoted-string, or
 * words with dots (§4.4); domain = dot-atom / domain-literal, or atoms with dots. */
function addrSpec(tokens: readonly Token[]): AddrSpec | undefined {
  const sign = indexOf(tokens, '@', 0);
  const [local, domain] = [tokens.slice(0, sign), tokens.slice(sign + 1)];
  const isLocal = isDotted(local, ['atom', 'quoted']);
  const isLiteral = domain.length === 1 && domain[0]?.kind === 'literal';
  const isDomain = isLiteral || isDotted(domain, ['atom']);
  return isLocal && isDomain ? { local, domain } : undefined;
}

/** element *("." element) */
function isDotted(tokens: readonly Token[], kinds: readonly Token['kind'][]): boolean {
  return (
    tokens.length % 2 === 1 &&
    tokens.every(({ kind, text }, index) =>
      index % 2 === 0 ? kinds.includes(kind) : kind === 'special' && text === '.',
    )
  );
}

/** Words with dots (RFC 5322 §4.1 obs-phrase), and what stands there unquoted in the wild. */
function isNamePart({ kind, text }: Token): boolean {
  return kind !== 'special' || text === '.' || text === '@';
}

/** RFC 5322 §4.4: a route before the address is taken and has no meaning. */
function withoutRoute(tokens: readonly Token[]): readonly Token[] {
  const colon = indexOf(tokens, ':', 0);
  const isRoute = indexOf(tokens, '@', 0) === 0 && colon < tokens.length;
  return isRoute ? tokens.slice(colon + 1) : tokens;
}

/** Where one of these specials is next; the length when there is none. */
function indexOf(tokens: readonly Token[], specials: string, from: number): number {
  for (let at = from; at < tokens.length; at++) {
    const token = tokens[at];
    if (token?.kind === 'special' && specials.includes(token.text)) return at;
  }
  return tokens.length;
}

function toAddress({ local, domain }: AddrSpec): Address {
  const words = local.map(({ kind, text }) =>
    kind === 'quoted' ? text.slice(1, -1).replace(/\r?\n/g, '').replace(/\\(.)/gs, '$1') : text,
  );
  const labels = domain.map(({ text }) => text);
  return { local: fromLatin1(words.join('')), domain: fromLatin1(labels.join('')) };
}

function fromLatin1(text: string): string {
  return Buffer.from(text, 'latin1').toString('utf8');
}

function toLatin1(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}
