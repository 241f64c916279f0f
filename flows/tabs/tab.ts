/*
 * How a tab of the shipped flows is described: which pages it has, what each reads from the box
 * before it is shown, and what its forms ask of the box. scripts/flows makes Node-RED's flows.json
 * of it. Only data, and short names for it.
 */

/** Asking the box: a family of flows/nodes/ask and one of its actions. */
export interface Ask {
  readonly family: string;
  readonly action: string;
  /** Where in the message the answer goes. */
  readonly property: string;
  /** What the node says itself. */
  readonly fields?: Readonly<Record<string, string>>;
  /** The page does without when it is refused. */
  readonly optional?: true;
}

/** To be shown: asked for with GET at `at`, or reached from a form. */
export interface Page {
  readonly name: string;
  readonly at?: string;
  readonly title: string;
  /** Which place of the way about. */
  readonly place: string;
  readonly view: string;
  /** The file in flows/pages/. */
  readonly template: string;
  readonly reads: readonly Ask[];
}

/** A form: asked for with POST. When it is refused, the page `page` says why. */
export interface Form {
  readonly at: string;
  readonly ask: Ask;
  readonly page: string;
  readonly after: { readonly go: string; readonly say: string } | { readonly show: string };
}

export interface Tab {
  readonly id: string;
  readonly label: string;
  readonly info: string;
  readonly pages: readonly Page[];
  readonly forms: readonly Form[];
}

/** Reading for a page: `msg.box.NAME`. */
export function read(family: string, action: string, name: string, fields?: Ask['fields']): Ask {
  return { family, action, property: `box.${name}`, ...(fields === undefined ? {} : { fields }) };
}

/** The same, where the page does without. */
export function may(family: string, action: string, name: string): Ask {
  return { ...read(family, action, name), optional: true };
}

/** What a form does: its answer is `msg.answer`. */
export function act(family: string, action: string): Ask {
  return { family, action, property: 'answer' };
}
