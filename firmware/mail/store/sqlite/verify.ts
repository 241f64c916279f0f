/*
 * Checks everything that is kept: the file (SQLite's own check), the rules between rows, the
 * counters against a count, and every message's octets against its digest. Runs on a connection
 * of its own, in any process, with the box running or stopped; changes nothing. Each look is one
 * statement, so what the box does meanwhile is not mistaken for damage.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { exists } from '#base/exists';
import { failed, ok, type Result, trouble } from '#base/result';
import type { StoreTrouble } from '../store.ts';
import { chunkId, type PackedChunk, unpack } from './chunks.ts';
import { Connection } from './connection.ts';
import { applicationId, databaseName } from './database.ts';
import { storeTrouble } from './errors.ts';
import { schemaVersion } from './migrations/migrations.ts';

export interface VerifyReport {
  readonly messages: number;
  readonly octets: number;
  /** What is wrong, a sentence each; empty when all is well. */
  readonly findings: readonly string[];
}

/** More findings than this are counted, not told. */
const tellAtMost = 100;

/** Verifies the store of a data directory. `progress` hears of messages checked and of how many. */
export async function verifyStore(
  directory: string,
  progress: (checked: number, of: number) => void = () => {},
): Promise<Result<VerifyReport, StoreTrouble>> {
  const path = join(directory, databaseName);
  if (!(await exists(path))) {
    const say = `There is no mail store in ${directory}`;
    return failed(trouble('lost', say, say, false));
  }
  const findings: string[] = [];
  try {
    const connection = await Connection.open(path, 'write');
    try {
      await connection.exec('PRAGMA busy_timeout = 5000; PRAGMA query_only = ON;');
      const refused = await wrongFile(connection);
      if (refused) return failed(refused);
      await checkFile(connection, findings);
      await checkRules(connection, findings);
      const counted = await checkMessages(connection, findings, progress);
      return ok({ ...counted, findings: tell(findings) });
    } finally {
      await connection.close();
    }
  } catch (error) {
    const why = storeTrouble(error);
    if (why === undefined) throw error;
    if (why.code !== 'damaged') return failed(why);
    const damage = `The file is damaged: ${why.detail}`;
    return ok({ messages: 0, octets: 0, findings: tell([...findings, damage]) });
  }
}

async function wrongFile(connection: Connection): Promise<StoreTrouble | undefined> {
  const [header] = await connection.all<{ id: number; version: number }>(
    `SELECT application_id AS id, user_version AS version
     FROM pragma_application_id, pragma_user_version`,
  );
  if (header?.id === applicationId && header.version === schemaVersion) return undefined;
  const say =
    header?.id === applicationId
      ? `The mail store has schema ${header.version} and this program knows ${schemaVersion}: ` +
        'start the box once with this version first, or use the newer program'
      : 'The file is not a Restante mail store';
  return trouble('failing', say, say, false);
}

async function checkFile(connection: Connection, findings: string[]): Promise<void> {
  const checks = await connection.all<{ integrity_check: string }>(
    `PRAGMA integrity_check(${tellAtMost})`,
  );
  for (const { integrity_check: said } of checks) {
    if (said !== 'ok') findings.push(`The file is damaged: ${said}`);
  }
  const strangers = await connection.all<{ table: string; rowid: number; parent: string }>(
    'PRAGMA foreign_key_check',
  );
  for (const { table, rowid, parent } of strangers) {
    findings.push(`Row ${rowid} of ${table} points to a row of ${parent} that is not there`);
  }
}

/** Each rule selects the rows that break it, as sentences. */
const rules: readonly string[] = [
  `SELECT 'The counters of mailbox ' || id || ' say ' || messages || ' messages and ' || octets
     || ' octets; it holds ' || real_messages || ' and ' || real_octets AS say
   FROM (SELECT mailbox.*, count(entry.id) AS real_messages,
           coalesce(sum(entry.octets), 0) AS real_octets,
           coalesce(sum(entry.wire_octets), 0) AS real_wire,
           coalesce(sum(entry.retrieved = 0), 0) AS real_unretrieved,
           coalesce(sum((entry.flags & 1) = 0), 0) AS real_unseen,
           coalesce(max(entry.uid), 0) AS last_uid
         FROM mailbox LEFT JOIN entry ON entry.mailbox = mailbox.id GROUP BY mailbox.id)
   WHERE messages <> real_messages OR octets <> real_octets OR wire_octets <> real_wire
      OR unretrieved <> real_unretrieved OR unseen <> real_unseen OR uidnext <= last_uid`,
  `SELECT 'Entry ' || entry.id || ' gives another size than its message' AS say
   FROM entry JOIN message ON message.id = entry.message
   WHERE entry.octets <> message.octets OR entry.wire_octets <> message.wire_octets
      OR entry.shape <> message.shape`,
  `SELECT 'Message ' || id || ' is held by no mailbox and not queued' AS say FROM message
   WHERE NOT EXISTS (SELECT 1 FROM entry WHERE entry.message = message.id)
     AND NOT EXISTS (SELECT 1 FROM shelf WHERE shelf.message = message.id)
     AND NOT EXISTS (SELECT 1 FROM queued WHERE queued.message = message.id)`,
  `SELECT 'Queued copy ' || queued.id || ' gives another size than its message' AS say
   FROM queued JOIN message ON message.id = queued.message
   WHERE queued.octets <> message.octets OR queued.shape <> message.shape`,
  `SELECT 'Queued copy ' || id || ' has no recipient' AS say FROM queued
   WHERE NOT EXISTS (SELECT 1 FROM queued_recipient WHERE queued_recipient.queued = queued.id)`,
  `SELECT 'Queued recipient ' || queued_recipient.id || ' waits for another uplink than its message'
     AS say
   FROM queued_recipient JOIN queued ON queued.id = queued_recipient.queued
   WHERE queued_recipient.uplink IS NOT queued.uplink`,
  `SELECT 'Chunk ' || (id & 1048575) || ' belongs to message ' || (id >> 20)
     || ', which is not there' AS say FROM chunk
   WHERE NOT EXISTS (SELECT 1 FROM message WHERE message.id = chunk.id >> 20)
     AND NOT EXISTS (SELECT 1 FROM incoming WHERE incoming.message = chunk.id >> 20)`,
  `SELECT 'A collected message is noted in folder ' || folder || ', which is not there' AS say
   FROM (SELECT DISTINCT folder FROM collected)
   WHERE NOT EXISTS (SELECT 1 FROM source_folder WHERE source_folder.id = folder)`,
  `SELECT 'Account ' || name || ' has no INBOX' AS say FROM account
   WHERE NOT EXISTS (SELECT 1 FROM mailbox WHERE mailbox.account = account.id
                     AND mailbox.name = 'INBOX')`,
];

async function checkRules(connection: Connection, findings: string[]): Promise<void> {
  for (const rule of rules) {
    const broken = await connection.all<{ say: string }>(`${rule} LIMIT ${tellAtMost}`);
    findings.push(...broken.map((row) => row.say));
  }
}

interface MessageRow {
  readonly id: number;
  readonly octets: number;
  readonly chunks: number;
  readonly digest: Uint8Array;
}

async function checkMessages(
  connection: Connection,
  findings: string[],
  progress: (checked: number, of: number) => void,
): Promise<{ messages: number; octets: number }> {
  const [total] = await connection.all<{ messages: number }>(
    'SELECT count(*) AS messages FROM message',
  );
  const of = total?.messages ?? 0;
  let messages = 0;
  let octets = 0;
  for (let after = 0; ; ) {
    const rows = await connection.all<MessageRow>(
      'SELECT id, octets, chunks, digest FROM message WHERE id > ? ORDER BY id LIMIT 100',
      [after],
    );
    if (rows.length === 0) return { messages, octets };
    for (const row of rows) {
      const wrong = await checkMessage(connection, row);
      if (wrong !== undefined && (await isThere(connection, row.id))) findings.push(wrong);
      messages += 1;
      octets += row.octets;
      after = row.id;
    }
    progress(messages, of);
  }
}

/** What is wrong with a message's octets, one chunk in memory at a time. */
async function checkMessage(
  connection: Connection,
  { id, octets, chunks, digest }: MessageRow,
): Promise<string | undefined> {
  const hash = createHash('sha256');
  let length = 0;
  for (let number = 0; number < chunks; number += 1) {
    const [chunk] = await connection.all<PackedChunk>('SELECT * FROM chunk WHERE id = ?', [
      chunkId(id, number),
    ]);
    if (chunk === undefined) return `Message ${id} lacks chunk ${number} of ${chunks}`;
    const unpacked = unpack(chunk);
    if (unpacked === undefined) return `Message ${id} is damaged in chunk ${number}`;
    hash.update(unpacked);
    length += unpacked.length;
  }
  if (length !== octets) return `Message ${id} has ${length} octets and should have ${octets}`;
  if (!hash.digest().equals(digest)) return `Message ${id} is not what came: its digest differs`;
  return undefined;
}

/** A message the box took out while we looked at it is not damaged. */
async function isThere(connection: Connection, id: number): Promise<boolean> {
  const rows = await connection.all('SELECT 1 FROM message WHERE id = ?', [id]);
  return rows.length > 0;
}

function tell(findings: readonly string[]): readonly string[] {
  if (findings.length <= tellAtMost) return findings;
  return [...findings.slice(0, tellAtMost), `and ${findings.length - tellAtMost} more`];
}
