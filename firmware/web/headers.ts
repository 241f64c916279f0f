/*
 * Header fields: what every answer carries to keep pages safe, and what goes no further than this
 * gate in either direction. Pure. HSTS is left out on purpose: with a certificate of the box's own
 * authority it would lock out whoever has not imported that yet.
 */

export type Fields = Readonly<Record<string, string | readonly string[] | undefined>>;

const strict = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "font-src 'self'",
  "manifest-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

/** Node-RED's editor writes styles and evaluates templates; it still reaches this box alone. */
const editor = [
  "default-src 'none'",
  "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "font-src 'self' data:",
  "worker-src 'self' blob:",
  "frame-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

/** What every answer carries. */
export function safetyFields(isEditor: boolean): Readonly<Record<string, string>> {
  return {
    'content-security-policy': isEditor ? editor : strict,
    'x-content-type-options': 'nosniff',
    // Nothing is told to other sites. With no-referrer, browsers send `Origin: null` with the forms
    // of these very pages (Fetch, "append a request Origin header"), and the judge refuses them.
    'referrer-policy': 'same-origin',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
  };
}

/** RFC 9110 §7.6.1: meant for the next hop alone. */
const hopByHop = [
  ...['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer'],
  ...['transfer-encoding', 'upgrade', 'http2-settings'],
];

/** The owner's keys are the gate's affair, and who forwarded what is said by the gate alone. */
const notPassedOn = [
  ...['cookie', 'authorization', 'proxy-authorization', 'expect', 'host', 'forwarded', 'via'],
  ...['x-real-ip'],
];

/** What Node-RED is told of a request. `host`: under which name the browser came. */
export function passedOn(fields: Fields, host: string): Record<string, string | string[]> {
  return {
    ...without(fields, notPassedOn, /^x-forwarded-/),
    host,
    'x-forwarded-proto': 'https',
    'x-forwarded-host': host,
  };
}

/** Node-RED sets no cookies and no policies of its own. */
const notPassedBack = [
  ...['set-cookie', 'server', 'x-powered-by', 'strict-transport-security', 'alt-svc'],
  ...['content-security-policy', 'content-security-policy-report-only', 'x-content-type-options'],
  ...['referrer-policy', 'permissions-policy', 'clear-site-data', 'sourcemap'],
];

/** What a browser is told of Node-RED's answer. Pages are not kept, for they show mail. */
export function passedBack(fields: Fields, isEditor: boolean): Record<string, string | string[]> {
  const kept = without(fields, notPassedBack, /^(?:access-control|cross-origin|report)-/);
  const isPage = /^text\/html\b/i.test(String(fields['content-type'] ?? 'text/html'));
  const caching = isPage ? 'no-store' : (kept['cache-control'] ?? 'no-cache');
  return { ...kept, 'cache-control': caching, ...safetyFields(isEditor) };
}

function without(
  fields: Fields,
  names: readonly string[],
  pattern: RegExp,
): Record<string, string | string[]> {
  const named = String(fields['connection'] ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase());
  const out = new Set([...hopByHop, ...names, ...named]);
  const kept: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined || out.has(name) || pattern.test(name)) continue;
    kept[name] = typeof value === 'string' ? value : [...value];
  }
  return kept;
}
