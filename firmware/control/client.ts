/*
 * The other side of the door: asks a running box through its control socket. Used by the command
 * line; Node-RED's nodes speak the same HTTP.
 */
import type { ClientRequest, IncomingMessage } from 'node:http';
import { failed, ok, type Result, refusal, trouble } from '#base/result';
import { toRequest } from './routes.ts';
import type { ErrorReport } from './types.ts';
import type { Call, Verb } from './verb.ts';

/** Code of the failure when no box answers on the socket. */
export const notRunning = 'not-running';

/** Asks the box and gives its answer. */
export async function ask(socketPath: string, verb: Verb, call: Call): Promise<Result<unknown>> {
  const response = await send(socketPath, verb, call);
  if (!response.ok) return response;
  const answer: unknown = JSON.parse(await textOf(response.value));
  return response.value.statusCode === 200 ? ok(answer) : failed(failureFrom(answer));
}

/** Hands octets in with the call, and gives the box's answer. */
export async function askWith(
  socketPath: string,
  verb: Verb,
  call: Call,
  octets: Octets,
): Promise<Result<unknown>> {
  const response = await send(socketPath, verb, call, octets);
  if (!response.ok) return response;
  const answer: unknown = JSON.parse(await textOf(response.value));
  return response.value.statusCode === 200 ? ok(answer) : failed(failureFrom(answer));
}

/** Asks for octets and writes them; waits wherever `write` does. */
export async function askForOctets(
  socketPath: string,
  verb: Verb,
  call: Call,
  write: (piece: Uint8Array) => void | Promise<void>,
): Promise<Result<void>> {
  const response = await send(socketPath, verb, call);
  if (!response.ok) return response;
  if (response.value.statusCode !== 200) {
    return failed(failureFrom(JSON.parse(await textOf(response.value))));
  }
  try {
    for await (const piece of response.value as AsyncIterable<Buffer>) await write(piece);
    return ok(undefined);
  } catch (error) {
    const say = 'The box broke off: what came is not whole. Its log has more.';
    return failed(trouble('cut-off', say, String(error)));
  }
}

/** Calls `tell` for each event until the box stops. */
export async function follow(
  socketPath: string,
  verb: Verb,
  call: Call,
  tell: (event: unknown) => void,
): Promise<Result<void>> {
  const response = await send(socketPath, verb, call);
  if (!response.ok) return response;
  if (response.value.statusCode !== 200) {
    return failed(failureFrom(JSON.parse(await textOf(response.value))));
  }
  let rest = '';
  response.value.setEncoding('utf8');
  try {
    for await (const piece of response.value as AsyncIterable<string>) {
      const events = (rest + piece).split('\n\n');
      rest = events.pop() ?? '';
      for (const event of events) tell(JSON.parse(event.slice('data: '.length)));
    }
  } catch {
    // The box stopped while we listened: that is the end of the events, not a failure.
  }
  return ok(undefined);
}

/** Asks the box for something that takes a while; `tell` hears how far it is. */
export async function askTelling(
  socketPath: string,
  verb: Verb,
  call: Call,
  tell: (progress: unknown) => void,
): Promise<Result<unknown>> {
  const cutOff = 'The box ended before it had done that.';
  let answer: Result<unknown> = failed(trouble('no-answer', cutOff, cutOff));
  const withProgress = { ...call, flags: new Set([...call.flags, 'progress']) };
  const followed = await follow(socketPath, verb, withProgress, (event) => {
    const { progress, answer: value, error } = event as Partial<Told>;
    if (progress !== undefined) tell(progress);
    else answer = error === undefined ? ok(value) : failed(failureFrom({ error }));
  });
  return followed.ok ? answer : followed;
}

/** The events of a verb that tells: progress as often as it likes, then one of the others. */
interface Told {
  readonly progress: unknown;
  readonly answer: unknown;
  readonly error: ErrorReport['error'];
}

/** What is handed in with a call. */
export interface Octets {
  readonly type: string;
  readonly pieces: AsyncIterable<Uint8Array>;
}

function send(
  socketPath: string,
  verb: Verb,
  call: Call,
  octets?: Octets,
): Promise<Result<IncomingMessage>> {
  const { method, path, body } = toRequest(verb, call, octets && 'octets');
  // Not by `import`: see door.ts. It makes `status` 30 ms quicker.
  const http = process.getBuiltinModule('node:http');
  return new Promise((resolve) => {
    const headers = octets === undefined ? {} : { 'content-type': octets.type };
    const how = { socketPath, method, path, headers, agent: false };
    const request: ClientRequest = http.request(how);
    request.once('response', (response) => resolve(ok(response)));
    request.on('error', (error: NodeJS.ErrnoException) => resolve(failed(cannotAsk(error))));
    if (octets === undefined) request.end(body);
    else pour(octets.pieces, request).catch((error: Error) => request.destroy(error));
  });
}

/** A box that refuses early does not take the rest. */
async function pour(pieces: AsyncIterable<Uint8Array>, request: ClientRequest): Promise<void> {
  for await (const piece of pieces) {
    if (request.destroyed || request.writableEnded) return;
    if (request.write(piece)) continue;
    await new Promise<void>((resolve) => {
      for (const event of ['drain', 'close', 'response']) request.once(event, () => resolve());
    });
  }
  request.end();
}

function cannotAsk(error: NodeJS.ErrnoException) {
  switch (error.code) {
    case 'ENOENT':
    case 'ECONNREFUSED':
    case 'ENOTDIR':
      return trouble(notRunning, 'The box is not running.', error.message);
    case 'EACCES':
      return refusal('not-yours', 'The box belongs to another user, who alone may ask it.');
    default:
      return trouble('no-answer', 'The box ended before it answered.', error.message);
  }
}

async function textOf(response: IncomingMessage): Promise<string> {
  response.setEncoding('utf8');
  let text = '';
  for await (const piece of response as AsyncIterable<string>) text += piece;
  return text;
}

function failureFrom(answer: unknown) {
  const { error } = answer as ErrorReport;
  return refusal(error.code, error.say);
}
