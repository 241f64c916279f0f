/*
 * What stands around Node-RED in a box, for tests: the real control door over a household in memory,
 * the real program flows/start.ts, and a small gate that lets everybody in under the real headers.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { SystemClock } from '#base/clock';
import { Log } from '#base/log';
import { Door } from '#control/door';
import { verbs } from '#control/verbs/table';
import { loadSettings } from '#settings/settings';
import { safetyFields } from '#web/headers';
import { household } from './household.ts';

export async function openBox(now = Date.now(), isHostile = false) {
  const folder = await mkdtemp(join(tmpdir(), 'flows-'));
  const settings = await loadSettings(folder);
  if (!settings.ok) throw new Error('the settings table is broken');
  const house = household(now, settings.value, isHostile);
  const path = join(folder, 'control.sock');
  const clock = new SystemClock();
  const open = () => new Door(path, verbs, house.box, clock, new Log(() => {}, clock));
  let door = open();
  await door.start();
  return {
    ...{ folder, path, house, box: house.box },
    /** The box goes away, and comes back. */
    away: () => door.stop(),
    async back() {
      door = open();
      await door.start();
    },
    async [Symbol.asyncDispose]() {
      await door.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export interface Pages {
  readonly site: string;
  readonly pid: number;
  /** What it wrote, line by line. */
  readonly said: readonly string[];
  /** Resolves when it has written lines that contain this so many times; rejects when it ends before. */
  saying(text: string, times: number): Promise<void>;
  /** From spawning to the first connection (ms). */
  readonly took: number;
  /** Its end, by itself or not. */
  readonly ended: Promise<void>;
  /** As when its parent ends. */
  orphan(): void;
  stop(): Promise<void>;
}

/** `program`: dist/flows/start.js, which scripts/build makes. */
export async function startPages(
  control: string,
  folder: string,
  more: Readonly<Record<string, string>> = {},
): Promise<Pages> {
  const program = fileURLToPath(new URL('../../dist/flows/start.js', import.meta.url));
  const socket = join(folder, 'flows.sock');
  const began = performance.now();
  const child = spawn(process.execPath, [program], {
    cwd: folder,
    env: {
      ...{ PATH: process.env['PATH'], HOME: folder, NODE_ENV: 'production', MALLOC_ARENA_MAX: '1' },
      RESTANTE_CONTROL: control,
      RESTANTE_FLOWS_SOCKET: socket,
      RESTANTE_FLOWS_DATA: join(folder, 'flows'),
      ...more,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const said: string[] = [];
  const ended = once(child, 'close').then(() => {});
  const saying = hear(child, said);
  await saying('"ready"', 1);
  const took = performance.now() - began;
  const gate = await openGate(socket);
  return {
    ...{ site: `http://127.0.0.1:${(gate.address() as AddressInfo).port}`, said, took },
    ...{ pid: child.pid ?? 0, ended, saying },
    orphan: () => child.stdin.end(),
    async stop() {
      gate.close();
      gate.closeAllConnections();
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** Keeps what it says, and waits for some of it. */
function hear(child: ChildProcess, said: string[]): Pages['saying'] {
  const heard = new EventEmitter();
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    createInterface(stream).on('line', (line) => {
      said.push(line);
      heard.emit('line');
    });
  }
  return (text, times) =>
    new Promise((resolve, reject) => {
      const look = () => {
        if (said.filter((line) => line.includes(text)).length < times) return;
        heard.off('line', look);
        resolve();
      };
      heard.on('line', look);
      // Not before all that it said has come.
      child.once('close', () => reject(new Error(`it ended: ${said.join('\n')}`)));
      look();
    });
}

async function openGate(socketPath: string): Promise<Server> {
  const gate = createServer((asked, answered) => {
    if (asked.url === '/live') {
      answered.writeHead(204);
      answered.end();
      return;
    }
    const { method = 'GET', url = '/', headers } = asked;
    const host = headers.host ?? 'restante.local';
    const passed = { ...headers, 'x-forwarded-host': host, 'x-forwarded-proto': 'http' };
    // A connection of its own for each: one that is kept may lead to a program that was ended.
    const own = { socketPath, agent: false };
    const onward = request({ ...own, method, path: url, headers: passed }, (answer) => {
      answered.writeHead(answer.statusCode ?? 500, {
        ...answer.headers,
        ...safetyFields(false),
      });
      answer.pipe(answered);
    });
    onward.on('error', () => answered.destroy());
    asked.pipe(onward);
  });
  gate.listen(0, '127.0.0.1');
  await once(gate, 'listening');
  return gate;
}
