/*
 * A message on its way into the SQLite store. Up to one chunk it stays in memory and lands with a
 * single statement. A longer one spills its chunks ahead into the file, where nothing points at
 * them yet; the row in `incoming` lets the next start find them if the power goes.
 */
import { createHash, type Hash, hash } from 'node:crypto';
import { failed, ok, type Result, trouble } from '#base/result';
import { collectedRow } from '../../collected/sqlite/collected-rows.ts';
import type { MessageId } from '../../ids.ts';
import { Measure } from '../../message/measure.ts';
import { shapeBits } from '../shape.ts';
import type { Along, Incoming, Placement, Stored, StoreTrouble } from '../store.ts';
import { chunkOctets } from '../store.ts';
import { type ChunkBuffers, chunkId, lastChunkId, pack } from './chunks.ts';
import type { Database } from './database.ts';
import type { Packer } from './packer.ts';

/** Chunks that may be under way to the disk before the sender must wait. */
const chunksAhead = 2;

export class SqliteIncoming implements Incoming {
  readonly #database: Database;
  readonly #buffers: ChunkBuffers;
  readonly #packer: Packer;
  readonly #message: MessageId;
  readonly #took: (octets: number) => void;
  readonly #measure = new Measure();
  readonly #underWay = new Set<Promise<void>>();
  #buffer: Buffer | undefined;
  #filled = 0;
  #spilled = 0;
  #digest: Hash | undefined;
  #trouble: StoreTrouble | undefined;
  #ended = false;

  /** `took` hears of octets on their way to the disk. */
  constructor(
    database: Database,
    buffers: ChunkBuffers,
    packer: Packer,
    message: MessageId,
    took: (octets: number) => void,
  ) {
    this.#database = database;
    this.#buffers = buffers;
    this.#packer = packer;
    this.#message = message;
    this.#took = took;
  }

  write(octets: Uint8Array): void | Promise<void> {
    if (this.#ended) throw new Error('this message has been committed or abandoned');
    if (this.#trouble) return; // drained; the sender hears of it at commit
    this.#measure.update(octets);
    const before = this.#spilled;
    let rest = octets;
    while (rest.length > 0) {
      if (this.#filled === chunkOctets) this.#spill();
      this.#buffer ??= this.#buffers.take();
      const room = rest.subarray(0, chunkOctets - this.#filled);
      this.#buffer.set(room, this.#filled);
      this.#filled += room.length;
      rest = rest.subarray(room.length);
    }
    if (this.#spilled > before) return this.#catchUp();
  }

  async commit(
    places: readonly Placement[],
    along: Along = {},
  ): Promise<Result<Stored, StoreTrouble>> {
    if (this.#ended) throw new Error('this message has been committed or abandoned');
    await Promise.all(this.#underWay);
    if (this.#trouble) {
      const why = this.#trouble;
      await this.abandon();
      return failed(why);
    }
    this.#ended = true;
    const last = this.#buffer?.subarray(0, this.#filled);
    const landed = await this.#land(last, places, along);
    this.#release();
    if (!landed.ok) await this.#unspill();
    return landed;
  }

  async abandon(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    this.#release();
    await Promise.all(this.#underWay);
    await this.#unspill();
  }

  async #land(
    last: Uint8Array | undefined,
    places: readonly Placement[],
    along: Along,
  ): Promise<Result<Stored, StoreTrouble>> {
    const shape = this.#measure.shape();
    const chunk = last === undefined ? undefined : pack(last, this.#packer);
    this.#took(chunk?.data.length ?? 0);
    const row = [
      this.#message,
      shape.octets,
      shape.wireOctets,
      shapeBits(shape),
      this.#spilled + (chunk ? 1 : 0),
      this.#digestOf(last),
      chunk?.octets ?? 0,
      chunk?.crc ?? 0,
      chunk?.data ?? null,
      JSON.stringify(places.map((place) => [place.mailbox, Math.floor(place.internalDate)])),
      ...alongColumns(along),
    ];
    try {
      const landed = await this.#database.writer.arrive(row);
      return landed.ok ? ok({ message: this.#message, shape }) : landed;
    } catch (error) {
      // What arrival can say no to: a mailbox, or its source, went away while the octets came.
      const detail = error instanceof Error ? error.message : String(error);
      const gone = gones.find(([law]) => detail.includes(law));
      if (gone === undefined) throw error;
      return failed(trouble('lost', gone[1], detail));
    }
  }

  #digestOf(last: Uint8Array | undefined): Buffer {
    if (this.#digest === undefined) return hash('sha256', last ?? Buffer.alloc(0), 'buffer');
    if (last) this.#digest.update(last);
    return this.#digest.digest();
  }

  #spill(): void {
    const buffer = this.#buffer;
    if (buffer === undefined) return;
    this.#digest ??= createHash('sha256');
    this.#digest.update(buffer);
    const chunk = pack(buffer, this.#packer);
    this.#took(chunk.data.length);
    const first = this.#spilled === 0;
    const id = chunkId(this.#message, this.#spilled);
    this.#spilled += 1;
    this.#filled = 0;
    const written = this.#database
      .write(async (sql) => {
        if (first) await sql.run('INSERT INTO incoming (message) VALUES (?)', [this.#message]);
        const { octets, crc, data } = chunk;
        await sql.run('INSERT INTO chunk VALUES (?, ?, ?, ?)', [id, octets, crc, data]);
      })
      .then((result) => {
        if (!result.ok) this.#trouble ??= result.error;
      })
      .finally(() => this.#underWay.delete(written));
    this.#underWay.add(written);
  }

  async #catchUp(): Promise<void> {
    while (this.#underWay.size >= chunksAhead) await Promise.race(this.#underWay);
  }

  /** Takes back what was spilled.
   * What a full disk keeps from being deleted, the next start deletes. */
  async #unspill(): Promise<void> {
    if (this.#spilled === 0) return;
    const all = [chunkId(this.#message, 0), lastChunkId(this.#message)];
    await this.#database.write(async (sql) => {
      await sql.run('DELETE FROM chunk WHERE id BETWEEN ? AND ?', all);
      await sql.run('DELETE FROM incoming WHERE message = ?', [this.#message]);
    }, true);
  }

  #release(): void {
    if (this.#buffer) this.#buffers.give(this.#buffer);
    this.#buffer = undefined;
  }
}

const gones = [
  ['a mailbox is gone', 'A mailbox it was meant for is gone'],
  ['a source is gone', 'The source it was collected from is gone'],
] as const;

/** The last columns of `arrival`; NULL where there is nothing, as for most mail. */
function alongColumns(along: Along): (string | null)[] {
  const { requests, queued, history, ends, delayTold } = along;
  const collected = along.collected && collectedRow(along.collected);
  return [requests, queued, history, ends, delayTold, collected].map((part) =>
    part === undefined || (Array.isArray(part) && part.length === 0) ? null : JSON.stringify(part),
  );
}
