/*
 * What a page is made of: its tags with the names of their attributes, in order, and nothing of its
 * texts. Whatever is no tag of ours but begins like one throws. A page that strangers write in has
 * the same skeleton as one that they do not, or something has become markup.
 */

const tag = /<(\/?[a-z][a-z0-9]*)((?:\s+[a-z-]+(?:="[^"<>]*")?)*)\s*\/?>|<!doctype html>/giy;

export function skeletonOf(html: string): string[] {
  const found: string[] = [];
  let at = html.indexOf('<');
  while (at >= 0) {
    tag.lastIndex = at;
    const match = tag.exec(html);
    if (match === null) throw new Error(`no tag of ours: ${html.slice(at, at + 120)}`);
    const names = [...(match[2] ?? '').matchAll(/\s+([a-z-]+)(?:="[^"]*")?/gi)].map(
      ([, name]) => name,
    );
    found.push([match[1] ?? '!', ...names].join(' '));
    at = html.indexOf('<', tag.lastIndex);
  }
  return found;
}
