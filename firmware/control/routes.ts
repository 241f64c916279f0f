/*
 * Verbs as HTTP, version 1. The path is the verb's words (`/v1/account/add`); a verb that only
 * looks is GET with its values in the query, every other one POST with a JSON object. A flag is
 * `true`, an option that repeats is an array, the secret is the field `secret`. An answer is the
 * verb's answer as JSON; a failure is an ErrorReport under a status that says whose fault it is.
 * Where octets are the body (`takes` in verb.ts), the values of a POST stand in the query, too.
 */
import { type Failure, failed, ok, type Refusal, type Result, refusal } from '#base/result';
import type { Call, Verb } from './verb.ts';

export const version = 'v1';

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  /** Path and query. */
  readonly path: string;
  /** 'octets': the body is no JSON, and goes another way. */
  readonly body: string | 'octets' | undefined;
}

export function toRequest(verb: Verb, call: Call, body?: 'octets'): HttpRequest {
  const path = `/${version}/${verb.words.join('/')}`;
  if (verb.reads || body === 'octets') {
    const query = new URLSearchParams(call.values);
    for (const flag of call.flags) query.set(flag, 'true');
    for (const [name, texts] of Object.entries(call.lists ?? {})) {
      for (const text of texts) query.append(name, text);
    }
    const text = query.toString();
    const method = verb.reads ? 'GET' : 'POST';
    return { method, path: text === '' ? path : `${path}?${text}`, body };
  }
  const fields: Record<string, string | boolean | readonly string[]> = { ...call.values };
  Object.assign(fields, call.lists);
  for (const flag of call.flags) fields[flag] = true;
  if (call.secret !== undefined) fields['secret'] = call.secret;
  return { method: 'POST', path, body: JSON.stringify(fields) };
}

export interface Routed {
  readonly verb: Verb;
  readonly call: Call;
}

/** The verb that a path names, whatever the method. */
export function verbAt(path: string, verbs: readonly Verb[]): Verb | undefined {
  const words = pathOf(path).split('/').slice(1).join('/');
  return verbs.find(
    (one) => one.runs !== 'command-line' && words === `${version}/${one.words.join('/')}`,
  );
}

/** Codes: `unknown-verb` (404), `wrong-method` (405), `usage` (400). */
export function fromRequest(request: HttpRequest, verbs: readonly Verb[]): Result<Routed, Refusal> {
  const place = pathOf(request.path);
  const verb = verbAt(request.path, verbs);
  if (verb === undefined) return failed(refusal('unknown-verb', `Nothing is at ${place}.`));
  const method = verb.reads ? 'GET' : 'POST';
  if (request.method !== method) {
    return failed(refusal('wrong-method', `${place} is asked with ${method}.`));
  }
  const inQuery = verb.reads || request.body === 'octets';
  const fields = inQuery ? fieldsOf(request.path, verb) : objectFrom(request.body ?? '');
  if (fields === undefined) return failed(refusal('usage', 'The body is not a JSON object.'));
  const call = callFrom(verb, fields);
  return call.ok ? ok({ verb, call: call.value }) : call;
}

/** RFC 9110 §15: 4xx is the asker's affair, 5xx the box's. */
export function statusOf(failure: Failure): number {
  if (failure.kind === 'trouble') return 503;
  const special: Readonly<Record<string, number>> = {
    'unknown-verb': 404,
    'wrong-method': 405,
    usage: 400,
  };
  return special[failure.code] ?? 422;
}

function pathOf(path: string): string {
  return path.split('?', 1)[0] ?? path;
}

/** What the query says; an option that repeats may stand there several times. */
function fieldsOf(path: string, verb: Verb): Record<string, unknown> {
  const query = new URLSearchParams(path.slice(pathOf(path).length));
  const fields: Record<string, unknown> = Object.fromEntries(query);
  for (const { name, repeats } of verb.options ?? []) {
    if (repeats && query.has(name)) fields[name] = query.getAll(name);
  }
  return fields;
}

function objectFrom(text: string): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = text === '' ? {} : JSON.parse(text);
    const isObject = typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed);
    return isObject ? { ...parsed } : undefined;
  } catch {
    return undefined;
  }
}

function callFrom(verb: Verb, fields: Record<string, unknown>): Result<Call, Refusal> {
  const values: Record<string, string> = {};
  const lists: Record<string, readonly string[]> = {};
  const flags = new Set<string>();
  let secret: string | undefined;
  const names = new Set(verb.arguments?.map((argument) => argument.name));
  for (const [name, field] of Object.entries(fields)) {
    const option = verb.options?.find((one) => one.name === name);
    if (option !== undefined && option.value === undefined) {
      if (field === true || field === 'true') flags.add(name);
      else if (field !== false && field !== 'false') return wrong(`${name} is true or false.`);
    } else if (option?.repeats) {
      const texts = typeof field === 'string' ? [field] : field;
      if (!isTexts(texts)) return wrong(`${name} is an array of texts.`);
      lists[name] = texts;
    } else if (name === 'secret' && verb.secret !== undefined && typeof field === 'string') {
      secret = field;
    } else if (typeof field !== 'string' || (option === undefined && !names.has(name))) {
      return wrong(`There is no text field '${name}' here.`);
    } else {
      values[name] = field;
    }
  }
  const missing = verb.arguments?.find((one) => !one.optional && values[one.name] === undefined);
  if (missing !== undefined) return wrong(`The field '${missing.name}' is missing.`);
  if (secret === undefined && verb.secret !== undefined && !verb.secret.optional) {
    return wrong("The field 'secret' is missing.");
  }
  const listed = Object.keys(lists).length === 0 ? {} : { lists };
  return ok({ values, flags, ...listed, ...(secret === undefined ? {} : { secret }) });
}

function isTexts(field: unknown): field is readonly string[] {
  return Array.isArray(field) && field.every((one) => typeof one === 'string');
}

function wrong(say: string): Result<never, Refusal> {
  return failed(refusal('usage', say));
}
