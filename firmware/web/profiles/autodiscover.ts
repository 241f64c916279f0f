/*
 * Microsoft's Autodiscover in its plain XML form ([MS-OXDSCLI]), as Outlook and others ask for it.
 * Only the request's address and the schema that it takes are read; no document type, no entity but
 * XML's own five and numbers. The address is not looked up, as in autoconfig.ts.
 */
import type { Offer, Way } from './offer.ts';
import { type Xml, xml, xmlHeader } from './xml.ts';

const responseSchema =
  'http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a';
const outerSchema = 'http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006';

export interface Asked {
  readonly address: string;
  /** What kind of answer is wanted: `.../outlook/responseschema/2006a`. */
  readonly schema: string | undefined;
}

/** Undefined: that is no request. */
export function readRequest(body: Buffer): Asked | undefined {
  const text = withoutComments(textOf(body));
  if (!/<(?:[\w.-]+:)?Autodiscover[\s>]/.test(text) || /<!DOCTYPE/i.test(text)) return undefined;
  const address = contentOf(text, 'EMailAddress');
  if (address === undefined || !/^[^\s@]{1,64}@[^\s@]{1,255}$/.test(address)) return undefined;
  return { address, schema: contentOf(text, 'AcceptableResponseSchema') };
}

/** What the answer says; `time` of the box as HH:MM:SS. */
export function autodiscover(asked: Asked | undefined, offer: Offer, time: string): string {
  if (asked === undefined) return failure(600, 'Invalid Request', time);
  // [MS-OXDSCLI] names this one for Outlook; a phone asks for another (mobilesync), which is
  // Exchange's own protocol.
  if (asked.schema !== undefined && asked.schema !== responseSchema) {
    return failure(601, 'The requested schema version is not supported', time);
  }
  const ways = [...offer.incoming.slice(0, 2), ...offer.outgoing.slice(0, 1)];
  if (offer.incoming.length === 0) return failure(500, 'There is nothing to collect from', time);
  return xml`${xmlHeader}<Autodiscover xmlns="${outerSchema}">
  <Response xmlns="${responseSchema}">
    <User>
      <DisplayName>${asked.address}</DisplayName>
    </User>
    <Account>
      <AccountType>email</AccountType>
      <Action>settings</Action>
${unlike(ways).map((way) => protocol(way, offer.server, asked.address))}    </Account>
  </Response>
</Autodiscover>
`.text;
}

/** The best of each protocol: Outlook takes the first and is confused by a second. */
function unlike(ways: readonly Way[]): Way[] {
  return ways.filter(
    (way, index) => ways.findIndex(({ protocol }) => protocol === way.protocol) === index,
  );
}

function protocol({ protocol, port, security }: Way, server: string, login: string): Xml {
  const sending = xml`        <UsePOPAuth>on</UsePOPAuth>
        <SMTPLast>off</SMTPLast>\n`;
  return xml`      <Protocol>
        <Type>${protocol.toUpperCase()}</Type>
        <Server>${server}</Server>
        <Port>${port}</Port>
        <DomainRequired>off</DomainRequired>
        <LoginName>${login}</LoginName>
        <SPA>off</SPA>
        <SSL>on</SSL>
        <Encryption>${security === 'tls' ? 'SSL' : 'TLS'}</Encryption>
        <AuthRequired>on</AuthRequired>
${protocol === 'smtp' ? [sending] : []}      </Protocol>\n`;
}

function failure(code: number, message: string, time: string): string {
  return xml`${xmlHeader}<Autodiscover xmlns="${outerSchema}">
  <Response>
    <Error Time="${time}.0000000" Id="1">
      <ErrorCode>${code}</ErrorCode>
      <Message>${message}</Message>
      <DebugData />
    </Error>
  </Response>
</Autodiscover>
`.text;
}

/** XML 1.0 §F.1: by the mark at its beginning, else UTF-8. */
function textOf(body: Buffer): string {
  if (body[0] === 0xff && body[1] === 0xfe) return body.subarray(2).toString('utf16le');
  return body.toString().replace(/^\uFEFF/, '');
}

/** XML 1.0 §2.5. In one pass: a pattern would look for the end of each comment anew. */
function withoutComments(text: string): string {
  const [before = '', ...others] = text.split('<!--');
  const kept = others.map((part) => {
    const end = part.indexOf('-->');
    return end < 0 ? '' : part.slice(end + '-->'.length);
  });
  return [before, ...kept].join('');
}

/** The text of the first element of this name, whatever its prefix; no elements in it. Each part is
 * bounded, so that no request takes long to read. */
function contentOf(text: string, name: string): string | undefined {
  const element = new RegExp(
    `<(?:[\\w.-]+:)?${name}(?:\\s[^<>]{0,500})?>([^<>]{0,500})</(?:[\\w.-]+:)?${name}\\s*>`,
  );
  const found = element.exec(text)?.[1];
  return found
    ?.trim()
    .replaceAll(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|(amp|lt|gt|quot|apos));/gi, unescaped);
}

const named: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
};

function unescaped(_whole: string, decimal?: string, hex?: string, name?: string): string {
  if (name !== undefined) return named[name.toLowerCase()] ?? '';
  const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
  return code <= 0x10ffff ? String.fromCodePoint(code) : '';
}
