/*
 * What every row needs: a folder of its own on the disk that is measured, emptied afterwards, and
 * what a mail server under measurement looks like, whoever wrote it.
 */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Memory } from './processes.ts';

/** All accounts use this one. */
export const password = 'a-household-password';
export const domain = 'restante.local';

export function login(index: number): string {
  return `user${index}`;
}

/** A server that is started and stopped for a row. */
export interface Server {
  start(): Promise<void>;
  /** Returns when all its processes are gone and nothing is left to write. */
  stop(): Promise<void>;
  memory(): Memory;
  /** The sum of its processes' highest resident memory so far, in octets. */
  peakResident(): number;
}

export interface Receiver extends Server {
  readonly smtpPort: number;
  /** Waits until everything it accepted lies in a mailbox. */
  settle(): Promise<void>;
}

export interface Giver extends Server {
  readonly pop3Port: number;
}

/** A server whose mail for the world goes to one provider, and stays in its queue until `drain`. */
export interface Forwarder extends Server {
  readonly smtpPort: number;
  /** Makes ready for `drain`, where that is a step of its own. */
  beforeDrain(): Promise<void>;
  /** Everything that waits goes out now; resolves when nothing waits any more. */
  drain(): Promise<void>;
}

/** The sender of the household's mail, and somebody elsewhere. */
export const sender = `${login(0)}@${domain}`;
export const elsewhere = 'somebody@example.net';

/** A folder under BENCH_DIR (default: the system's folder for temporary files). */
export async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(process.env['BENCH_DIR'] ?? tmpdir(), 'restante-bench-'));
  await chmod(folder, 0o755); // the peers' processes run as other users
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Runs with the server up, and stops it whatever happens. */
export async function withServer<S extends Server, T>(
  server: S,
  use: (server: S) => Promise<T>,
): Promise<T> {
  try {
    await server.start();
    return await use(server);
  } finally {
    await server.stop();
  }
}

/** Seconds that the task took. */
export async function seconds(task: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await task();
  return (performance.now() - begin) / 1000;
}

/** What a run was told: how often, which sides, and where Restante was compiled to. */
export interface Rig {
  readonly rounds: number;
  readonly peers: boolean;
  readonly dist: string | undefined;
}

export interface Turns {
  readonly peer: readonly number[];
  readonly restante: readonly number[];
}

/** Measures both sides in turns, so that a busy minute of the machine meets both. */
export async function inTurns(
  rig: Rig,
  peer: () => Promise<number>,
  restante: () => Promise<number>,
): Promise<Turns> {
  const turns = { peer: [] as number[], restante: [] as number[] };
  for (let round = 0; round < rig.rounds; round += 1) {
    if (rig.peers) turns.peer.push(await peer());
    if (rig.dist !== undefined) turns.restante.push(await restante());
  }
  return turns;
}

/** Runs with both servers up (a side that is switched off is not started). */
export async function withBoth<P extends Server, R extends Server, T>(
  rig: Rig,
  peer: P,
  restante: R,
  use: () => Promise<T>,
): Promise<T> {
  const ours = () => (rig.dist === undefined ? use() : withServer(restante, use));
  return rig.peers ? withServer(peer, ours) : ours();
}
