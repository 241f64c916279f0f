/*
 * HTML from templates in the source. Whatever is put into one is text and is escaped, unless it is
 * HTML from here; so nothing that a message, a name or a request says becomes markup. Attribute
 * values stand in double quotes, always.
 */

export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

export type Piece = string | number | Html | undefined | false | readonly Piece[];

/** html`<p>${words}</p>` */
export function html(strings: TemplateStringsArray, ...pieces: readonly Piece[]): Html {
  const parts = strings.map((text, index) => `${text}${textOf(pieces[index])}`);
  return new Html(parts.join(''));
}

function textOf(piece: Piece): string {
  if (piece === undefined || piece === false) return '';
  if (piece instanceof Html) return piece.text;
  if (typeof piece === 'object') return piece.map(textOf).join('');
  return String(piece).replace(/[&<>"'`]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
