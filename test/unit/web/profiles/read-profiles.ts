/* What is written for mail programs, read by parsers that are not ours: Python's. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('read-profiles.py', import.meta.url));

/** An element: its name with its name space, attributes, text and children. */
export type Element = readonly [string, Readonly<Record<string, string>>, string, Element[]];

export function readPlist(text: string): Record<string, unknown> {
  return read('plist', text) as Record<string, unknown>;
}

export function readXml(text: string): Element {
  return read('xml', text) as Element;
}

/** The texts of all elements of this name, in order. */
export function textsOf(element: Element, name: string): string[] {
  const [full, , text, children] = element;
  const own = full.replace(/^\{.*\}/, '') === name ? [text] : [];
  return [...own, ...children.flatMap((child) => textsOf(child, name))];
}

export function elementsOf(element: Element, name: string): Element[] {
  const [full, , , children] = element;
  const own = full.replace(/^\{.*\}/, '') === name ? [element] : [];
  return [...own, ...children.flatMap((child) => elementsOf(child, name))];
}

function read(kind: string, text: string): unknown {
  const input = JSON.stringify([[kind, text]]);
  const [answer] = JSON.parse(execFileSync('python3', [program], { input, encoding: 'utf8' }));
  return answer;
}
