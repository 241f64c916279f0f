/*
 * What a page is made of, gathered from the message that reaches the page node: where the browser
 * went, what a form said (without its secret), what the box answered on the way here, and what was
 * refused. Views (../views) make of it what the template shows.
 */

import { takeSecret } from '../ask/fields.ts';
import type { Refused } from '../box.ts';
import type { Message } from '../red.ts';

export interface Asked {
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  /** What a form sent. */
  readonly fields: Readonly<Record<string, string>>;
  /** What reading nodes put there: `msg.box.status` and so on. */
  readonly box: Readonly<Record<string, unknown>>;
  /** What the form did: `msg.answer`. */
  readonly answer: unknown;
  readonly refusal?: Refused & { readonly asked?: string };
  readonly isPost: boolean;
  readonly now: number;
  /** `https://restante.local:8443`, as the browser sees this site. */
  readonly site: string;
}

export function askedOf(message: Message, now: number): Asked {
  takeSecret(message);
  const { req } = message;
  const isPost = req?.method === 'POST';
  const host = String(req?.headers?.['x-forwarded-host'] ?? req?.headers?.host ?? 'restante.local');
  const protocol = String(req?.headers?.['x-forwarded-proto'] ?? 'https');
  const refusal = message.refusal;
  return {
    // A form repeats it as its action: it must never be read as another host's.
    path: `/${(req?.path ?? '/').replace(/^[/\\]+/, '')}`,
    params: texts(req?.params),
    query: texts(req?.query),
    fields: isPost ? texts(message.payload) : {},
    box: (message['box'] ?? {}) as Asked['box'],
    answer: message['answer'],
    ...(refusal === undefined ? {} : { refusal }),
    isPost,
    now,
    site: `${protocol}://${host}`,
  };
}

/** Only texts: a query may hold arrays and objects (a[b]=c). */
function texts(value: unknown): Readonly<Record<string, string>> {
  if (typeof value !== 'object' || value === null) return {};
  const all = Object.entries(value).filter((entry) => typeof entry[1] === 'string');
  return Object.fromEntries(all) as Record<string, string>;
}
