/*
 * A process of its own that collects by IMAP and throws away, so that its memory can be weighed:
 * `imap-weigher.ts PORT list|fetch`. It signs in, tries once, and then says in JSON what it did and
 * how many octets of resident memory it had at most beyond those at the beginning. Garbage is
 * collected now and then: how long V8 leaves it lying is no matter of ours, and some 40 MB.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Listed } from '#collector/upstream';
import { connected, got } from './imap-peer.ts';

const [port, what] = process.argv.slice(2);

function kilobytes(name: string): number {
  const text = readFileSync('/proc/self/status', 'latin1');
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0);
}

/** Discards, at the pace of a disk that is asked to write each piece. */
async function collect(folderName: string): Promise<number> {
  const folder = got(await upstream.open(folderName));
  let done = 0;
  let pieces = 0;
  let pages = 0;
  for await (const page of folder.list(1)) {
    pages += 1;
    if (pages % 4 === 0) globalThis.gc?.();
    const messages: readonly Listed[] = got(page);
    if (what === 'list') done += messages.length;
    else {
      got(
        await folder.fetch(messages, () => ({
          write: async (octets) => {
            done += octets.length;
            pieces += 1;
            if (pieces % 8 === 0) globalThis.gc?.();
            await new Promise((resolve) => setImmediate(resolve));
            return true;
          },
          end: () => {},
          missing: () => {},
        })),
      );
    }
  }
  return done;
}

const upstream = await connected(Number(port));
await collect('Small');
globalThis.gc?.();
// Forgets the peak (proc(5)).
writeFileSync('/proc/self/clear_refs', '5');
const before = kilobytes('VmRSS');
let done = 0;
let trouble = '';
try {
  done = await collect('INBOX');
} catch (error) {
  trouble = String(error);
}
const grown = (kilobytes('VmHWM') - before) * 1024;
upstream.abort();
console.log(JSON.stringify({ done, grown, trouble }));
