/*
 * A program that is killed: collects into the store of the folder it is given, as fast as the disk
 * answers. Says each message that is on disk, a line each: its unique-id.
 */
import type { Collected } from '#mail/collected/collected';
import { SqliteCollected } from '#mail/collected/sqlite/sqlite-collected';
import type { MailboxId, SourceFolderId, SourceId } from '#mail/ids';
import { take } from '../contract/store.ts';
import { openStore } from './stores.ts';

const [folder = '', round = '', source = '', inbox = ''] = process.argv.slice(2);
const { store } = await openStore(folder);
const collected: Collected = new SqliteCollected(store.database);
const from = take(await collected.folder(Number(source) as SourceId, '', '')).id;
const say = (line: string) => void process.stdout.write(`${line}\n`);

async function work(worker: number, into: SourceFolderId, mailbox: MailboxId): Promise<void> {
  for (let count = 0; ; count += 1) {
    const uid = `${round}-${worker}-${count}`;
    const incoming = store.incoming();
    // Some are longer than a chunk, so that spilled ones are cut off too.
    await incoming.write(Buffer.alloc(count % 5 === 3 ? 150_000 : 2_000, `${uid}\r\n`));
    const record = { folder: into, uid, fate: 'here', octets: 2_000, at: 1 } as const;
    take(await incoming.commit([{ mailbox, internalDate: 0 }], { collected: record }));
    say(uid);
  }
}

await Promise.all(
  Array.from({ length: 6 }, (_, worker) => work(worker, from, Number(inbox) as MailboxId)),
);
