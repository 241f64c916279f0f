/*
 * XML from templates in the source, as html.ts does it for pages: whatever is put in is text and is
 * escaped. What XML 1.0 §2.2 has no character for is left out, for no escape can carry it. And
 * Apple's property lists, which are XML of a few kinds of value.
 */

export class Xml {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type XmlPiece = string | number | Xml | readonly Xml[];

/** xml`<port>${port}</port>` */
export function xml(strings: TemplateStringsArray, ...pieces: readonly XmlPiece[]): Xml {
  const parts = strings.map((text, index) => `${text}${textOf(pieces[index] ?? '')}`);
  return new Xml(parts.join(''));
}

export const xmlHeader = new Xml('<?xml version="1.0" encoding="UTF-8"?>\n');

/** Not a Char of XML 1.0 §2.2. (A lone surrogate is none, either.) */
const noCharacter = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;

function textOf(piece: XmlPiece): string {
  if (piece instanceof Xml) return piece.text;
  if (typeof piece === 'object') return piece.map(textOf).join('');
  return String(piece)
    .replace(noCharacter, '')
    .replace(/[&<>"'\r]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

export type PlistValue =
  | string
  | number
  | boolean
  | Buffer
  | readonly PlistValue[]
  | { readonly [key: string]: PlistValue };

/** A property list (plist(5) of macOS), whole. */
export function plist(value: PlistValue): string {
  const doctype = new Xml(
    '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" ' +
      '"http://www.apple.com/DTDs/PropertyList-1.0.dtd">\n',
  );
  return xml`${xmlHeader}${doctype}<plist version="1.0">
${plistValue(value)}</plist>
`.text;
}

function plistValue(value: PlistValue): Xml {
  if (typeof value === 'string') return xml`<string>${value}</string>\n`;
  if (typeof value === 'number') return xml`<integer>${Math.round(value)}</integer>\n`;
  if (typeof value === 'boolean') return new Xml(value ? '<true/>\n' : '<false/>\n');
  if (value instanceof Buffer) return xml`<data>${value.toString('base64')}</data>\n`;
  if (isList(value)) return xml`<array>\n${value.map(plistValue)}</array>\n`;
  const entries = Object.entries(value);
  return xml`<dict>\n${entries.map(([key, one]) => xml`<key>${key}</key>\n${plistValue(one)}`)}</dict>\n`;
}

function isList(value: PlistValue): value is readonly PlistValue[] {
  return Array.isArray(value);
}
