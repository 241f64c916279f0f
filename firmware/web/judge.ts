/*
 * What becomes of a request: one pure function of what it says and how the box is. The order is the
 * order of trust: nothing is looked up for a request that is not well-formed, nothing is shown to
 * one that came under another's name, nothing is changed by one that another site's page sent, and
 * nothing of Node-RED's is reached without the owner's session.
 */
import { type Host, isOwn, type OwnNames } from './host.ts';
import type { LightRoute } from './light/route.ts';
import { isEditor, type Target } from './target.ts';

export interface RequestFacts {
  /** It came over TLS. */
  readonly secure: boolean;
  readonly method: string;
  /** Undefined: not well-formed. */
  readonly target: Target | undefined;
  /** Undefined: none, several, or not well-formed. */
  readonly host: Host | undefined;
  readonly origin: string | undefined;
  /** Sec-Fetch-Site and Sec-Fetch-Mode, where the browser says them. */
  readonly site: string | undefined;
  readonly mode: string | undefined;
  readonly signedIn: boolean;
  /** It wants to become a web socket. */
  readonly upgrade: boolean;
}

export interface GateFacts {
  readonly own: OwnNames;
  readonly routes: readonly LightRoute[];
  readonly owned: boolean;
  readonly run: 'demand' | 'always' | 'off';
  readonly editor: boolean;
}

export type Decision =
  | { readonly do: 'refuse'; readonly status: number; readonly say: string }
  | { readonly do: 'answer'; readonly route: LightRoute }
  /** 303, so that it is asked for by GET. */
  | { readonly do: 'go'; readonly to: string }
  /** By a page of ours, so that the browser asks again as ours. */
  | { readonly do: 'lead'; readonly to: string }
  | { readonly do: 'say-off' }
  | { readonly do: 'pass'; readonly editor: boolean };

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH']);

export function judge(request: RequestFacts, gate: GateFacts): Decision {
  const { target, host, method } = request;
  if (target === undefined) return refuse(400, 'No page can have this address.');
  if (!methods.has(method)) return refuse(405, 'A page cannot be asked in this way.');
  // RFC 6455 §4.1: so that no body can stand between the handshake and what comes after it.
  if (request.upgrade && method !== 'GET') return refuse(405, 'A web socket is opened by GET.');
  const route = gate.routes.find((one) => serves(one, request.secure, target.plain));
  const asked = route?.methods.includes(method === 'HEAD' ? 'GET' : method) ?? false;
  if (asked && route?.foreign && !request.upgrade) return { do: 'answer', route };
  if (host === undefined) return refuse(400, 'The request does not say which host it is for.');
  if (!isOwn(host, gate.own)) {
    return refuse(421, `This box is not called ${host.name}. ${calledSo(gate.own)}`);
  }
  if (changes(request) && !isSameOrigin(request, host)) {
    return refuse(403, 'This came from a page that is not one of this box. Nothing was done.');
  }
  if (!request.secure) return judgePlain(request, asked ? route : undefined);
  if (route !== undefined && !request.upgrade) {
    if (!asked) return refuse(405, 'This page cannot be asked in this way.');
    if (route.wants === 'owner' && !request.signedIn) return toSignIn(request, target, gate);
    return { do: 'answer', route };
  }
  if (!request.signedIn) return toSignIn(request, target, gate);
  if (gate.run === 'off') return { do: 'say-off' };
  const editor = isEditor(target.plain);
  if (editor && !gate.editor) {
    return refuse(404, 'The editor is switched off; the setting flows.editor switches it on.');
  }
  return { do: 'pass', editor };
}

/** Over plain http nothing is shown but what a device needs before it can trust the box. */
function judgePlain({ upgrade, method }: RequestFacts, route: LightRoute | undefined): Decision {
  if (route !== undefined && !upgrade) return { do: 'answer', route };
  if (upgrade || !isRead(method)) return refuse(404, 'The pages are on the encrypted port alone.');
  return { do: 'go', to: '/' };
}

function toSignIn(request: RequestFacts, target: Target, { owned }: GateFacts): Decision {
  const isPage = isRead(request.method) && (request.mode ?? 'navigate') === 'navigate';
  if (request.upgrade || !isPage) return refuse(401, 'Sign in first; the session has ended.');
  if (!owned) return { do: 'go', to: '/setup' };
  const next = `${target.path}${target.search}`;
  const to = next === '/' ? '/sign-in' : `/sign-in?next=${encodeURIComponent(next)}`;
  // Whoever comes by a link of another site has left the cookie at home (SameSite=Strict), and our
  // own page over plain http is another site. A redirect would be so, too; a page's own way is not.
  return { do: request.site === 'cross-site' ? 'lead' : 'go', to };
}

function serves({ on, path }: LightRoute, secure: boolean, plain: string): boolean {
  if (on !== 'both' && on !== (secure ? 'secure' : 'plain')) return false;
  if (!path.endsWith('/*')) return path === plain;
  return plain.startsWith(path.slice(0, -1)) && plain.length > path.length - 1;
}

/** A web socket is opened by GET, and can do anything afterwards. */
function changes({ method, upgrade }: RequestFacts): boolean {
  return upgrade || !isRead(method);
}

/**
 * RFC 6454 §7: browsers say where the page is from that sent a request which changes something.
 * Sec-Fetch-Site (Fetch Metadata) says as much where there is no Origin; no page can forge either.
 */
function isSameOrigin({ secure, origin, site }: RequestFacts, host: Host): boolean {
  if (origin !== undefined) return origin === `${secure ? 'https' : 'http'}://${host.text}`;
  return site === 'same-origin';
}

function isRead(method: string): boolean {
  return method === 'GET' || method === 'HEAD';
}

function calledSo({ names }: OwnNames): string {
  const [first] = names;
  return first === undefined ? '' : `Open it as ${first}, or set host.name to the name it has.`;
}

function refuse(status: number, say: string): Decision {
  return { do: 'refuse', status, say };
}
