/*
 * What the encrypted port says to a browser that comes to it without TLS, as by
 * http://restante.local:8443: a small page with the address that works. Of what came, only the name of
 * the box is looked for; nothing that was asked is done, and nothing else of it is said again.
 */
import { safetyFields } from './headers.ts';
import { isOwn, type OwnNames, parseHost } from './host.ts';
import { html } from './light/html.ts';

/** In octets: where the Host field of a browser stands. */
const beginning = 4_096;

/** `begin`: the first octets that came; `usual`: name and port, for who did not say them. */
export function answerWithoutTls(begin: Buffer, own: OwnNames, usual: string): string {
  const head = begin.toString('latin1', 0, beginning);
  const [, said = ''] = /^host:[ \t]*(\S{1,300})[ \t]*$/im.exec(head) ?? [];
  const host = parseHost(said);
  const address = `https://${host !== undefined && isOwn(host, own) ? host.text : usual}/`;
  const { text } = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Almost there – Restante</title>
</head>
<body>
<h1>Almost there</h1>
<p>This port of the box is encrypted: its address begins with https. Open
<a href="${address}">${address}</a></p>
</body>
</html>
`;
  const fields = {
    ...safetyFields(false),
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-length': Buffer.byteLength(text),
    connection: 'close',
  };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}`);
  return `${['HTTP/1.1 400 Bad Request', ...lines].join('\r\n')}\r\n\r\n${text}`;
}
