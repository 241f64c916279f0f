/*
 * A process of its own that reads a POP3 listing as the collector does, so that its memory can be
 * weighed: `pop3-weigher.ts PORT`. The first session makes everything ready, the second is weighed
 * after each page, without garbage: how long V8 leaves that lying is the matter of scripts/start. Then
 * it says in JSON how many messages are listed, and how many octets more were in use at most.
 */
import { Listing } from '#collector/listing';
import { connected, maildropOf } from './pop3-peer.ts';

const [port] = process.argv.slice(2);

function inUse(): number {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

let most = 0;

async function listed(): Promise<Listing> {
  const upstream = await connected(Number(port));
  const folder = await maildropOf(upstream);
  const listing = new Listing();
  for await (const page of folder.list(0)) {
    if (!page.ok) throw new Error(page.error.detail);
    most = Math.max(most, inUse());
    for (const message of page.value) listing.add(message);
  }
  await upstream.close();
  return listing;
}

await listed();
const before = inUse();
const listing = await listed();
let done = 0;
for (const page of listing.pages()) done += page.length;
console.log(JSON.stringify({ done, grown: most - before, last: listing.has('a-unique-id-99999') }));
