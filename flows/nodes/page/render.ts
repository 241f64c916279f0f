/*
 * From a template and a view to HTML. The templates are Mustache: what a view says is text and is
 * escaped, so nothing that a message, a name or a file says becomes markup. The raw forms of
 * Mustache ({{{x}}} and {{&x}}) are refused here, not by convention, and so is changing the signs.
 * Attribute values stand in double quotes, always.
 */
import mustache from 'mustache';

/** Partials by name: `{{> steps}}`. */
export type Partials = Readonly<Record<string, string>>;

export function render(template: string, view: unknown, partials: Partials = {}): string {
  for (const text of [template, ...Object.values(partials)]) {
    const fault = faultIn(text);
    if (fault !== undefined) throw new Error(fault);
  }
  return mustache.render(template, view, partials, { escape: asText });
}

/** What is wrong with a template, in a sentence. */
export function faultIn(template: string): string | undefined {
  if (/\{\{\s*[{&]/.test(template)) {
    return 'A page may not use {{{...}}} or {{&...}}: what mail says must stay text.';
  }
  if (/\{\{\s*=/.test(template)) return 'A page may not change the signs of its template.';
  return undefined;
}

/** A sentence with values in it, as plain text: for what is said, not for HTML. */
export function sentence(template: string, view: unknown): string {
  return mustache.render(template, view, {}, { escape: (text) => String(text) });
}

/** A path of this site with values in it. */
export function path(template: string, view: unknown): string {
  return mustache.render(template, view, {}, { escape: (text) => encodeURIComponent(text) });
}

/** Control characters, and what turns the direction of writing around, are shown, not obeyed. */
const unprintable = /(?![\n\t])[\p{Cc}\p{Bidi_Control}\p{Cs}]/gu;

function asText(text: unknown): string {
  return String(text)
    .replace(unprintable, '\u{fffd}')
    .replace(/[&<>"'`=/]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
