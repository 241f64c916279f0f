/*
 * What a request of node:http says, as facts for judge.ts. Fields that decide and that came several
 * times are taken for absent, for two programs could each believe another one of them.
 */
import type { IncomingMessage } from 'node:http';
import { parseHost } from './host.ts';
import type { RequestFacts } from './judge.ts';
import { parseTarget } from './target.ts';

export function factsOf(
  request: IncomingMessage,
  about: Pick<RequestFacts, 'secure' | 'signedIn' | 'upgrade'>,
): RequestFacts {
  const host = one(request, 'host');
  return {
    ...about,
    method: request.method ?? '',
    target: isWellFramed(request) ? parseTarget(request.url ?? '') : undefined,
    host: host === undefined ? undefined : parseHost(host),
    // `null`, as for pages in a sandbox, is an origin, and nobody's.
    origin: has(request, 'origin') ? (one(request, 'origin') ?? 'several') : undefined,
    site: one(request, 'sec-fetch-site'),
    mode: one(request, 'sec-fetch-mode'),
  };
}

/** Does a body come with it? */
export function hasBody({ headers }: IncomingMessage): boolean {
  const length = headers['content-length'];
  return headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
}

/**
 * RFC 9112 §6: where a body ends must be plain to everybody. The parser refuses a length beside a
 * transfer coding, and codings that do not end in chunked; here, more than chunked alone, a coding
 * in HTTP/1.0 (§6.1), and a body where pages send none (RFC 9110 §9.3.1).
 */
function isWellFramed(request: IncomingMessage): boolean {
  const { headers, method, httpVersion } = request;
  const coding = headers['transfer-encoding'];
  if (coding !== undefined && (coding.toLowerCase() !== 'chunked' || httpVersion !== '1.1')) {
    return false;
  }
  return !((method === 'GET' || method === 'HEAD') && hasBody(request));
}

function has({ headers }: IncomingMessage, name: string): boolean {
  return headers[name] !== undefined;
}

/** The field's value, when it came once. */
function one({ rawHeaders }: IncomingMessage, name: string): string | undefined {
  let found: string | undefined;
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.toLowerCase() !== name) continue;
    if (found !== undefined) return undefined;
    found = rawHeaders[index + 1];
  }
  return found;
}
