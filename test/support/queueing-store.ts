/*
 * A program that is killed: takes mail into the queue of the store in the folder it is given, as
 * fast as the disk answers, and sends every other message. Says each thing that is on disk, a line
 * each: `queued NAME` and `sent NAME`.
 */
import { SystemClock } from '#base/clock';
import { SqliteQueue } from '#mail/queue/sqlite/sqlite-queue';
import { copy, ids, sent } from '../contract/queue.ts';
import { take } from '../contract/store.ts';
import { openStore } from './stores.ts';

const [folder = '', round = ''] = process.argv.slice(2);
const { store } = await openStore(folder);
const clock = new SystemClock();
const queue = new SqliteQueue(store.database, clock);
const say = (line: string) => void process.stdout.write(`${line}\n`);

async function work(worker: number): Promise<void> {
  for (let count = 0; ; count += 1) {
    const name = `${round}-${worker}-${count}`;
    const queued = [
      copy(['a@x.example', 'b@x.example'], { name }),
      copy(['c@x.example'], { name }),
    ];
    const history = { name, addresses: ['a@x.example'], say: 'taken in', at: clock.now() };
    const incoming = store.incoming();
    // Some are longer than a chunk, so that spilled ones are cut off too.
    await incoming.write(Buffer.alloc(count % 5 === 3 ? 150_000 : 2_000, `${name}\r\n`));
    const { message } = take(await incoming.commit([], { queued, history }));
    say(`queued ${name}`);
    if (count % 2 === 0) continue;
    const items = take(await queue.list({}, 1_000)).filter((item) => item.message === message);
    const outcomes = items.flatMap(ids).map(sent);
    take(await queue.record(outcomes, [{ message, say: 'sent' }]));
    say(`sent ${name}`);
  }
}

await Promise.all(Array.from({ length: 6 }, (_, worker) => work(worker)));
