/* What becomes of a request: the whole table. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseHost } from '#web/host';
import { type Decision, type GateFacts, judge, type RequestFacts } from '#web/judge';
import type { LightRoute } from '#web/light/route';
import { parseTarget } from '#web/target';

const answer = () => ({ status: 200 });
const routes: readonly LightRoute[] = [
  { on: 'plain', methods: ['GET'], path: '/', wants: 'nobody', answer },
  { on: 'both', methods: ['GET'], path: '/ca.pem', wants: 'nobody', answer },
  { on: 'secure', methods: ['GET', 'POST'], path: '/sign-in', wants: 'nobody', answer },
  { on: 'secure', methods: ['GET'], path: '/live', wants: 'owner', answer },
  { on: 'secure', methods: ['GET'], path: '/join/*', wants: 'nobody', answer },
  { on: 'both', methods: ['POST'], path: '/autodiscover', wants: 'nobody', foreign: true, answer },
];

const gate: GateFacts = {
  own: { names: ['restante.local'], addresses: ['192.168.1.5'] },
  routes,
  owned: true,
  run: 'demand',
  editor: false,
};

interface Said {
  readonly secure?: boolean;
  readonly method?: string;
  readonly path?: string;
  readonly host?: string | undefined;
  readonly origin?: string;
  readonly site?: string;
  readonly mode?: string;
  readonly signedIn?: boolean;
  readonly upgrade?: boolean;
}

function request(said: Said): RequestFacts {
  const host = 'host' in said ? said.host : 'restante.local';
  return {
    secure: said.secure ?? true,
    method: said.method ?? 'GET',
    target: parseTarget(said.path ?? '/'),
    host: host === undefined ? undefined : parseHost(host),
    origin: said.origin,
    site: said.site,
    mode: said.mode,
    signedIn: said.signedIn ?? true,
    upgrade: said.upgrade ?? false,
  };
}

function inShort(decision: Decision): string {
  switch (decision.do) {
    case 'refuse':
      return String(decision.status);
    case 'answer':
      return `answer ${decision.route.path}`;
    case 'go':
      return `go ${decision.to}`;
    case 'lead':
      return `lead ${decision.to}`;
    case 'say-off':
      return 'off';
    case 'pass':
      return decision.editor ? 'pass editor' : 'pass';
  }
}

const home = 'https://restante.local';
const away = { signedIn: false };
const plain = { secure: false, signedIn: false };
const post = { method: 'POST', path: '/people' };

const rows: readonly [string, Said, Partial<GateFacts>, string][] = [
  ['a page, signed in', {}, {}, 'pass'],
  ['a page, by address', { host: '192.168.1.5:8443' }, {}, 'pass'],
  ['a page, not signed in', away, {}, 'go /sign-in'],
  [
    'by a link of another site, whose browser keeps the cookie back',
    { ...away, path: '/queue', site: 'cross-site', mode: 'navigate' },
    {},
    'lead /sign-in?next=%2Fqueue',
  ],
  ['the same while nobody owns it', { ...away, site: 'cross-site' }, { owned: false }, 'go /setup'],
  ['a page further in', { ...away, path: '/queue?a=b' }, {}, 'go /sign-in?next=%2Fqueue%3Fa%3Db'],
  ['a page of a box that nobody owns', away, { owned: false }, 'go /setup'],
  ['a script that asks, not signed in', { ...away, mode: 'cors' }, {}, '401'],
  ['a page while Node-RED is off', {}, { run: 'off' }, 'off'],
  ['the editor, off', { path: '/editor/' }, {}, '404'],
  ['the editor in other letters', { path: '/%45ditor/' }, {}, '404'],
  ['the editor, on', { path: '/editor/' }, { editor: true }, 'pass editor'],
  [
    'the editor, on, not signed in',
    { ...away, path: '/editor' },
    { editor: true },
    'go /sign-in?next=%2Feditor',
  ],

  ['a malformed path', { path: '//evil.example' }, {}, '400'],
  ['no host', { host: undefined }, {}, '400'],
  ['another name (DNS rebinding)', { host: 'evil.example' }, {}, '421'],
  ['another name, not signed in', { ...away, host: 'evil.example', path: '/sign-in' }, {}, '421'],
  ['another name over plain http', { ...plain, host: 'evil.example' }, {}, '421'],
  ['another address', { host: '192.168.1.6' }, {}, '421'],
  ['TRACE', { method: 'TRACE' }, {}, '405'],
  ['CONNECT', { method: 'CONNECT' }, {}, '405'],
  ['OPTIONS of another site', { method: 'OPTIONS', origin: 'https://evil.example' }, {}, '405'],

  ['a form from this box', { ...post, origin: home }, {}, 'pass'],
  ['a form, by Sec-Fetch-Site', { ...post, site: 'same-origin' }, {}, 'pass'],
  ['a form that says nothing', post, {}, '403'],
  ['a form from another site', { ...post, origin: 'https://evil.example' }, {}, '403'],
  ['a form from a sandbox', { ...post, origin: 'null' }, {}, '403'],
  ['a form from the plain port', { ...post, origin: 'http://restante.local' }, {}, '403'],
  ['a form from another port', { ...post, origin: `${home}:8443` }, {}, '403'],
  ['a form from a neighbour', { ...post, site: 'same-site' }, {}, '403'],
  [
    'an origin that contradicts Sec-Fetch-Site',
    { ...post, origin: 'https://evil.example', site: 'same-origin' },
    {},
    '403',
  ],
  ['a deletion from another site', { method: 'DELETE', origin: 'https://evil.example' }, {}, '403'],
  [
    'a sign-in from another site',
    { ...away, method: 'POST', path: '/sign-in', origin: 'x' },
    {},
    '403',
  ],
  ['a sign-in', { ...away, method: 'POST', path: '/sign-in', origin: home }, {}, 'answer /sign-in'],
  ['a form, not signed in', { ...away, ...post, origin: home }, {}, '401'],

  ['a web socket', { upgrade: true, origin: home }, {}, 'pass'],
  ['a web socket from another site', { upgrade: true, origin: 'https://evil.example' }, {}, '403'],
  ['a web socket by another method', { upgrade: true, origin: home, method: 'POST' }, {}, '405'],
  ['a web socket that says nothing', { upgrade: true }, {}, '403'],
  ['a web socket without a session', { ...away, upgrade: true, origin: home }, {}, '401'],
  [
    'a web socket of the editor, off',
    { upgrade: true, origin: home, path: '/editor/comms' },
    {},
    '404',
  ],
  [
    'a web socket at a light page',
    { ...away, upgrade: true, origin: home, path: '/sign-in' },
    {},
    '401',
  ],
  [
    'a web socket over plain http',
    { ...plain, upgrade: true, origin: 'http://restante.local' },
    {},
    '404',
  ],

  ['a light page', { ...away, path: '/sign-in' }, {}, 'answer /sign-in'],
  ['its head', { ...away, path: '/sign-in', method: 'HEAD' }, {}, 'answer /sign-in'],
  ['asked in a wrong way', { path: '/sign-in', method: 'PUT', origin: home }, {}, '405'],
  ['one for the owner', { path: '/live' }, {}, 'answer /live'],
  ['one for the owner, not signed in', { ...away, path: '/live', mode: 'cors' }, {}, '401'],
  ['one below', { ...away, path: '/join/ToKeN' }, {}, 'answer /join/*'],
  ['one below, without what is below', { path: '/join/' }, {}, 'pass'],
  [
    'asked by a mail program',
    { ...away, method: 'POST', path: '/autodiscover', host: 'autodiscover.a.example' },
    {},
    'answer /autodiscover',
  ],

  ['the first page', plain, {}, 'answer /'],
  ['the certificate over plain http', { ...plain, path: '/ca.pem' }, {}, 'answer /ca.pem'],
  ['a page over plain http', { ...plain, path: '/people' }, {}, 'go /'],
  ['a page over plain http, with a cookie', { secure: false, path: '/people' }, {}, 'go /'],
  ['signing in over plain http', { ...plain, path: '/sign-in' }, {}, 'go /'],
  [
    'a password over plain http',
    { ...plain, method: 'POST', path: '/sign-in', origin: 'http://restante.local' },
    {},
    '404',
  ],
];

for (const [name, said, state, expected] of rows) {
  test(`${name}: ${expected}`, () => {
    assert.equal(inShort(judge(request(said), { ...gate, ...state })), expected);
  });
}
