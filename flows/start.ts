/*
 * Starts Node-RED with the pages of the box: its own process, on a Unix socket that opens when the
 * flows run, so that who can connect is served. It gets three paths by the environment and nothing
 * else, says in lines of JSON how far it is, and ends on SIGTERM, when its parent ends, or when the
 * marker that wanted it goes.
 *
 * The editor and the nodes that no flow uses weigh a quarter of the memory. They are left out until
 * somebody opens /editor, which the gate allows only when the owner has switched it on: the process
 * then becomes (execve(2)) one that has them.
 */
import { existsSync, fstatSync, watch, writeFileSync } from 'node:fs';
import { access, readFile, unlink } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { putUpWithMissingNodes, type Runtime } from './missing-nodes.ts';
import { BoxClient } from './nodes/box.ts';
import { bringUpToDate } from './owner-flows.ts';
import { beforeName, takeUpRestored } from './restored.ts';
import { type LogLine, lineInWords, settingsFor, unusedCoreNodes } from './settings.ts';
import type { FlowNode } from './shipped/tab-print.ts';
import { whyToStay } from './stay.ts';
import { answerUntaken } from './web-sockets.ts';

/** The little of Node-RED and Express that is used here. */
interface NodeRed extends Runtime {
  init(server: Server, settings: Record<string, unknown>): void;
  start(): Promise<void>;
  stop(): Promise<void>;
  readonly httpAdmin: unknown;
  readonly httpNode: unknown;
}
interface Application {
  (request: IncomingMessage, response: ServerResponse): void;
  use(path: string, then: unknown): void;
  disable(name: string): void;
}
interface Express {
  (): Application;
  static(folder: string, options: object): unknown;
}

const here = dirname(fileURLToPath(import.meta.url));
const editorFlag = 'RESTANTE_FLOWS_EDITOR';

function tell(state: 'starting' | 'ready' | 'failed', say?: string): void {
  process.stdout.write(`${JSON.stringify({ state, ...(say === undefined ? {} : { say }) })}\n`);
}

/** One line for each, in the log of the box. */
function log(line: LogLine): void {
  const text = lineInWords(line);
  if (text !== undefined) process.stdout.write(`${text.replaceAll(/\s+/g, ' ').slice(0, 1000)}\n`);
}

function fromEnvironment(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`${name} is not set`);
  return value;
}

/** Why it ends; on an appliance the box does not hear what we say, and is told by the service when we
 * have ended (hardware/system/pages-ended). */
function leave(say: string): void {
  const note = process.env['RESTANTE_FLOWS_ENDED'];
  if (note === undefined || note === '') return;
  try {
    writeFileSync(`${note}.own`, `${say.replaceAll(/\s+/g, ' ').slice(0, 500)}\n`);
  } catch {
    // The log has it, too.
  }
}

async function main(): Promise<void> {
  // systemd starts what has failed once more, though nobody wants it meanwhile.
  const marker = process.env['RESTANTE_FLOWS_WANTED'] ?? '';
  if (marker !== '' && !existsSync(marker)) return;
  process.on('uncaughtExceptionMonitor', (fault) => leave(`A fault ended it: ${fault.message}.`));
  tell('starting');
  const control = fromEnvironment('RESTANTE_CONTROL');
  const socket = fromEnvironment('RESTANTE_FLOWS_SOCKET');
  const data = fromEnvironment('RESTANTE_FLOWS_DATA');
  const withEditor = process.env[editorFlag] === 'on';

  if (marker !== '' && (await takeUpRestored(data, marker))) {
    tell('starting', `The flows of a restored backup are here; ${beforeName} has those before`);
  }
  const shipped = JSON.parse(await readFile(join(here, 'flows.json'), 'utf8')) as FlowNode[];
  const { flows, did } = await bringUpToDate(data, shipped, marker === '' ? 0o600 : 0o640);
  for (const say of did) tell('starting', say);

  const load = createRequire(import.meta.url);
  const ofNodeRed = createRequire(load.resolve('node-red'));
  const red = load('node-red') as NodeRed;
  const express = ofNodeRed('express') as Express;
  const server = createServer((request, response) => application(request, response));
  const application = express();
  application.disable('x-powered-by');

  const core = dirname(ofNodeRed.resolve('@node-red/nodes/package.json'));
  const excluded = withEditor ? [] : await unusedIn(join(core, 'core'), flows);
  const nodes = join(here, 'nodes');
  red.init(server, settingsFor({ control, data, nodes, excluded, editor: withEditor, log }));

  application.use('/assets', express.static(join(here, 'assets'), { index: false, maxAge: 0 }));
  if (withEditor) application.use('/editor', red.httpAdmin);
  else application.use('/editor', (_: IncomingMessage, then: ServerResponse) => becomeEditor(then));
  application.use('/', red.httpNode);
  application.use('/', notHere);
  answerUntaken(server, application);

  putUpWithMissingNodes(red, (msg) => log({ msg }));
  const box = new BoxClient(control);
  const started = Promise.withResolvers<void>();
  red.events.on('flows:started', (event) => {
    const { config } = (event ?? {}) as { config?: { flows?: readonly FlowNode[] } };
    void sayWhetherToStay(box, config?.flows ?? flows);
    started.resolve();
  });
  await red.start();
  await started.promise;
  await unlink(socket).catch(() => {});
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(socket, resolve);
  });
  tell('ready');
  whenToEnd(async () => {
    server.close();
    server.closeAllConnections();
    await red.stop();
  });
}

async function unusedIn(folder: string, flows: readonly FlowNode[]): Promise<readonly string[]> {
  const used = new Set(flows.map(({ type }) => type));
  const { readFileSync } = await import('node:fs');
  return unusedCoreNodes(folder, used, (file) => {
    try {
      const text = readFileSync(file, 'utf8');
      return [...text.matchAll(/registerType\(\s*['"]([^'"]+)['"]/g)].map(([, type = '']) => type);
    } catch {
      return [];
    }
  });
}

/** The box keeps Node-RED on, or lets it end, by what its flows wait for. */
async function sayWhetherToStay(box: BoxClient, flows: readonly FlowNode[]): Promise<void> {
  const why = whyToStay(flows);
  const fields = why === undefined ? { stay: false } : { stay: true, why };
  await box.ask({ words: ['flows', 'stay'], reads: false, fields });
}

/** Looked at again by the browser itself, after the time that loading takes. */
function becomeEditor(response: ServerResponse): void {
  response.writeHead(503, {
    'content-type': 'text/html; charset=utf-8',
    'retry-after': '4',
    refresh: '4',
    connection: 'close',
  });
  response.end('<!doctype html><title>One moment</title><p>The editor is being loaded.', () => {
    // The answer shall reach the gate before this process is another one.
    setTimeout(() => become([...process.execArgv], { [editorFlag]: 'on' }), 100);
  });
}

/** The same process, begun anew: its parent and its streams stay. */
function become(flags: readonly string[], more: Readonly<Record<string, string>>): void {
  const words = [process.execPath, ...flags, fileURLToPath(import.meta.url)];
  process.execve?.(process.execPath, words, { ...process.env, ...more });
}

/** Forms that have no page of their own around them. */
const formsElsewhere: ReadonlyMap<string, string> = new Map([['/devices', '/people']]);

/** The answer to a form stands at the form's address: whoever asks for that again (by signing in
 * anew, by Enter in the address) is led to the page that the form is on. */
function notHere(request: IncomingMessage, response: ServerResponse): void {
  const path = (request.url ?? '/').split('?')[0] ?? '/';
  const [, up] = /^(\/[^/\\]+(?:\/[^/\\]+)*)\/[^/\\]+$/.exec(path) ?? [];
  const above = up ?? formsElsewhere.get(path);
  if (above !== undefined && request.method === 'GET') {
    response.writeHead(303, { location: above });
    response.end();
    return;
  }
  const text = [
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>Not here – Restante</title>',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<link rel="stylesheet" href="/assets/style.css">',
    '<header class="top"><a class="brand" href="/">Restante</a></header>',
    '<main><h1>There is no such page</h1>',
    '<p class="buttons"><a class="button" href="/">To the first page</a></p></main></html>',
  ];
  response.writeHead(404, { 'content-type': 'text/html; charset=utf-8' });
  response.end(text.join('\n'));
}

/** SIGTERM, SIGINT; the end of a parent that holds our standard input; the end of the marker. */
function whenToEnd(stop: () => Promise<void>): void {
  let ending = false;
  const end = () => {
    if (ending) return;
    ending = true;
    void stop().finally(() => process.exit(0));
    // Node-RED waits long for nodes that do not close.
    setTimeout(() => process.exit(0), 4_000).unref();
  };
  process.once('SIGTERM', end);
  process.once('SIGINT', end);
  const input = fstatSync(0);
  if (input.isFIFO() || input.isSocket())
    process.stdin.resume().once('end', end).once('error', end);
  const marker = process.env['RESTANTE_FLOWS_WANTED'];
  if (marker === undefined || marker === '') return;
  const look = () => void access(marker).catch(end);
  watch(dirname(marker), (_event, name) => {
    if (name === null || name === basename(marker)) look();
  });
  look();
}

// A small young generation keeps 15 MB less resident (measured). V8 takes it at its start only.
const small = '--max-semi-space-size=1';
if (!process.execArgv.includes(small)) become([...process.execArgv, small], {});

main().catch((error: unknown) => {
  const say = `The pages cannot start: ${error instanceof Error ? error.message : error}.`;
  leave(say);
  tell('failed', say);
  process.exit(1);
});
