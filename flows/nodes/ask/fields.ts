/*
 * From a message to the fields of a verb. What a form sent lies in `msg.payload`, what the address
 * of the page says in `msg.req.params`, and what the node itself says wins over both. Empty fields
 * of a form count as left out. The secret is taken out of the message before anything else happens,
 * so that no debug node behind this one, no context and no log ever sees it.
 */
import type { Fields } from '../box.ts';
import type { Message } from '../red.ts';
import type { Action } from './family.ts';

export function fieldsFor(action: Action, message: Message, own: Fields): Fields {
  const secret = takeSecret(message);
  const given: Record<string, unknown> = {
    ...record(message.payload),
    ...record(message.req?.params),
    ...own,
  };
  const fields: Record<string, string | boolean | readonly string[]> = {};
  for (const name of action.takes ?? []) {
    const text = textOf(given[name]);
    // Of the fields that a verb takes, only the value of a setting may be empty.
    if (text !== undefined && (text !== '' || name === 'value')) fields[name] = text;
  }
  for (const name of action.flags ?? []) {
    if (given[name] === true || given[name] === 'true' || given[name] === 'on') fields[name] = true;
  }
  for (const name of action.lists ?? []) {
    const texts = textsOf(given[name]);
    if (texts.length > 0) fields[name] = texts;
  }
  if (action.secret && secret !== undefined) fields['secret'] = secret;
  return fields;
}

/** Takes the secret out of the message: of its payload, which is the request's body, too. */
export function takeSecret(message: Message): string | undefined {
  let secret: string | undefined;
  for (const holder of [message.payload, message.req?.body]) {
    if (typeof holder !== 'object' || holder === null || !('secret' in holder)) continue;
    if (typeof holder.secret === 'string' && holder.secret !== '') secret = holder.secret;
    delete holder.secret;
  }
  return secret;
}

function record(value: unknown): Record<string, unknown> {
  const isRecord = typeof value === 'object' && value !== null && !Buffer.isBuffer(value);
  return isRecord && !Array.isArray(value) ? { ...value } : {};
}

/** Without what keyboards of phones put behind a word. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value.trim();
  // Several boxes of a form that are ticked: as the verbs write lists.
  if (Array.isArray(value)) return textsOf(value).join(',');
  return typeof value === 'number' ? String(value) : undefined;
}

function textsOf(value: unknown): readonly string[] {
  const all: unknown[] = Array.isArray(value) ? value : [value];
  return all.filter((one): one is string => typeof one === 'string' && one !== '');
}
