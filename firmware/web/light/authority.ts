/*
 * The certificate of the box's own authority: the first page, over plain http, which says why
 * browsers warn and leads to the encrypted pages; and the download, in the forms that systems want
 * (as a profile for Apple's: ../profiles/routes.ts).
 */
import type { Host } from '../host.ts';
import { withPort } from '../host.ts';
import { html } from './html.ts';
import { page, trouble } from './page.ts';
import type { LightAnswer, LightRequest, LightRoute } from './route.ts';
import { howToTrust, inRows } from './trusting.ts';

export interface AuthorityFacts {
  /** PEM; undefined: the box has lost its authority's key. */
  readonly certificate: () => string | undefined;
  /** SHA-256, `AA:BB:...` */
  readonly fingerprint: () => string | undefined;
  /** Where the encrypted pages are; undefined: nowhere. */
  readonly securePort: () => number | undefined;
}

export function authorityRoutes(facts: AuthorityFacts): readonly LightRoute[] {
  const download = (path: string, answer: () => LightAnswer): LightRoute => ({
    ...{ on: 'both', methods: ['GET'], path, wants: 'nobody', answer },
  });
  return [
    {
      ...{ on: 'plain', methods: ['GET'], path: '/', wants: 'nobody' },
      answer: (request) => explanation(request, facts),
    },
    download('/ca.pem', () => pem(facts)),
    download('/ca.crt', () => der(facts, 'crt')),
    download('/ca.der', () => der(facts, 'der')),
  ];
}

function explanation({ host }: LightRequest, facts: AuthorityFacts): LightAnswer {
  const port = facts.securePort();
  const fingerprint = facts.fingerprint();
  if (port === undefined || host === undefined) return noPages();
  return page({
    title: 'Your mail box',
    body: html`<h1>Your mail box is here</h1>
<p>Its pages are encrypted with a certificate that it made itself; no public office knows a box in
your home, so your browser will warn you. Go on past the warning, or install the certificate first:
a device that has it does not warn again.</p>
<p class="buttons"><a class="button" href="https://${place(host, port)}/">Go to my mail box</a>
<a class="button second" href="/ca.crt">Install the certificate</a></p>
${
  fingerprint !== undefined &&
  html`<p class="soft">To be sure that it is this box that you reach, compare the certificate’s
SHA-256 fingerprint with the one that the box itself tells (<code>restante status</code>):</p>
<pre class="code">${inRows(fingerprint)}</pre>`
}
<h2>How to install it</h2>
${howToTrust()}`,
  });
}

function pem({ certificate }: AuthorityFacts): LightAnswer {
  const text = certificate();
  if (text === undefined) return lost();
  return file(text, 'application/x-pem-file', 'pem');
}

function der({ certificate }: AuthorityFacts, ending: string): LightAnswer {
  const text = certificate();
  if (text === undefined) return lost();
  return file(derOf(text), 'application/x-x509-ca-cert', ending);
}

/** RFC 7468 §5.1: base64 of the DER between two lines. */
export function derOf(pem: string): Buffer {
  return Buffer.from(pem.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64');
}

function file(body: string | Buffer, type: string, ending: string): LightAnswer {
  const disposition = `attachment; filename="restante-ca.${ending}"`;
  const headers = { 'content-type': type, 'content-disposition': disposition };
  return { status: 200, headers: { ...headers, 'cache-control': 'no-store' }, body };
}

function lost(): LightAnswer {
  const say = 'The key of the box’s own authority is lost. “restante status” says what to do.';
  return trouble(404, 'There is no certificate', say);
}

function noPages(): LightAnswer {
  const say = 'The encrypted pages are switched off: the setting webs.port is 0.';
  return trouble(404, 'There are no pages', say);
}

function place(host: Host, port: number): string {
  return withPort(host, port, 443);
}
