/* In the place of the collector while there is none: sources are kept, and nothing is fetched. */
import { failed, trouble } from '#base/result';
import type { Collecting } from './source-book.ts';

const say = 'This box keeps its sources, and cannot collect from them yet';

export const notCollecting: Collecting = {
  collect: async (source) =>
    source === 'all' ? { ok: true, value: [] } : failed(trouble('failing', say, say, false)),
  test: async () => ({ works: false, say: `${say}.`, answer: '' }),
  conditionOf: () => ({ kind: 'well', say: '' }),
  changed: () => {},
};
