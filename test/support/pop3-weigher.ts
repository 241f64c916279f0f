/*
 * A process of its own that reads a POP3 listing as the collector does, so that its memory can be
 * weighed: `pop3-weigher.ts PORT`. The first session makes everything ready, the second is weighed;
 * then it says in JSON how many messages are listed, and how many octets of resident memory it had at
 * most beyond those at the beginning. Garbage is collected now and then: how long V8 leaves it lying
 * is the matter of scripts/start.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { Listing } from '#collector/listing';
import { connected, maildropOf } from './pop3-peer.ts';

const [port] = process.argv.slice(2);

function kilobytes(name: string): number {
  const text = readFileSync('/proc/self/status', 'latin1');
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0);
}

async function listed(): Promise<Listing> {
  const upstream = await connected(Number(port));
  const folder = await maildropOf(upstream);
  const listing = new Listing();
  for await (const page of folder.list(0)) {
    if (!page.ok) throw new Error(page.error.detail);
    globalThis.gc?.();
    for (const message of page.value) listing.add(message);
  }
  await upstream.close();
  return listing;
}

await listed();
globalThis.gc?.();
// Forgets the peak (proc(5)).
writeFileSync('/proc/self/clear_refs', '5');
const before = kilobytes('VmRSS');
const collecting = setInterval(() => globalThis.gc?.(), 20);
const listing = await listed();
clearInterval(collecting);
const grown = (kilobytes('VmHWM') - before) * 1024;
let done = 0;
for (const page of listing.pages()) done += page.length;
console.log(JSON.stringify({ done, grown, last: listing.has('a-unique-id-99999') }));
