/*
 * What a request asks for, as a path that means one thing to everybody: to this gate, which decides
 * by it who may pass, and to Node-RED behind it, which decodes and compares paths in ways of its
 * own. So whatever two programs could read differently is refused: dot segments, empty segments,
 * encoded slashes, backslashes, controls. Browsers send none of these.
 */

export interface Target {
  /** As it was sent, without the query. */
  readonly path: string;
  /** For comparing: decoded where that is harmless, in lower case. */
  readonly plain: string;
  readonly query: URLSearchParams;
  /** As it was sent, with its question mark; or nothing. */
  readonly search: string;
}

/** A longer one is no page's. */
const longest = 2048;

/**
 * RFC 9112 §3.2.1: origin-form = absolute-path [ "?" query ]. The absolute-form, which a server
 * must take (§3.2.2), is sent to proxies only, and this gate is none: it is refused, for its host
 * would contradict the Host field. Undefined: refused.
 */
export function parseTarget(text: string): Target | undefined {
  if (text.length > longest || !/^\/[\x21-\x7e]*$/.test(text)) return undefined;
  const mark = text.indexOf('?');
  const path = mark < 0 ? text : text.slice(0, mark);
  const search = mark < 0 ? '' : text.slice(mark);
  if (/[\\#]|%(?![0-9a-f]{2})|%(?:[01][0-9a-f]|7f|5c|25)/i.test(path)) return undefined;
  const plain = decoded(path).toLowerCase();
  // Node-RED's editor asks for /nodes/@scope%2Fname; what goes before it is looked at as it stands.
  const inEditor = isEditor(plain);
  if (/%2f/i.test(path) && !inEditor) return undefined;
  const segments = decoded(path)
    .split(/\/|%2f/i)
    .slice(1);
  const last = segments.length - 1;
  const empty = segments.some((segment, index) => segment === '' && index < last);
  if (empty || segments.some((segment) => segment === '.' || segment === '..')) return undefined;
  return { path, plain, search, query: new URLSearchParams(search) };
}

/** Is it Node-RED's editor, or anything below it? */
export function isEditor(plain: string): boolean {
  return plain === '/editor' || plain.startsWith('/editor/');
}

/** A place of this very site that a browser can be sent to; `/` for all else. */
export function safePlace(text: string | null | undefined): string {
  const target = text ? parseTarget(text) : undefined;
  return target === undefined ? '/' : `${target.path}${target.search}`;
}

/** RFC 3986 §2.3: unreserved characters mean the same when they are encoded. */
function decoded(path: string): string {
  return path.replaceAll(/%([0-9a-f]{2})/gi, (whole, digits: string) => {
    const character = String.fromCharCode(Number.parseInt(digits, 16));
    return /[a-z0-9._~-]/i.test(character) ? character : whole;
  });
}
