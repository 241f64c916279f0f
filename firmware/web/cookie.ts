/*
 * The session's cookie (RFC 6265). The prefix `__Host-` makes browsers see to it that it was set
 * over TLS by this very host; Strict keeps it from requests that other sites' pages cause.
 */

const name = '__Host-restante';
const attributes = 'Path=/; Secure; HttpOnly; SameSite=Strict';
const form = /^[A-Za-z0-9_-]{43}$/;

/** The keys in a Cookie field that could be a session's; a browser sends one. */
export function keysIn(field: string | undefined): readonly string[] {
  return (field ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1))
    .filter((key) => form.test(key))
    .slice(0, 4);
}

/** A Set-Cookie field that gives the key, for so many seconds. */
export function cookieOf(key: string, seconds: number): string {
  return `${name}=${key}; Max-Age=${seconds}; ${attributes}`;
}

export const noCookie = `${name}=; Max-Age=0; ${attributes}`;
