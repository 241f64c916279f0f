/* `shelf ...`: mail that was deleted and has not gone yet. */
import { failed, refusal } from '#base/result';
import type { ShelfRestoreReport, ShelvedReport } from '../types.ts';
import { type BoxVerb, value } from '../verb.ts';
import { columns, counted, sizeInWords, timeInWords } from '../words.ts';

const list: BoxVerb<readonly ShelvedReport[]> = {
  words: ['shelf', 'list'],
  arguments: [{ name: 'account', optional: true }],
  options: [{ name: 'count', value: 'N', summary: 'how many, last deleted first (default 50)' }],
  summary: 'deleted mail, of one account or of all, kept for the days of pop3.shelfDays',
  runs: 'box',
  reads: true,
  async run(call, box) {
    const count = Number(call.values['count'] ?? 50);
    if (!Number.isInteger(count) || count < 1 || count > 1000) {
      return failed(refusal('count', '--count takes a whole number from 1 to 1000'));
    }
    return box.shelf.list(call.values['account'], count);
  },
  render: (shelved) =>
    columns(
      shelved.map(({ id, account, deletedAt, octets, from, subject }) => [
        String(id),
        account,
        timeInWords(deletedAt),
        sizeInWords(octets),
        from,
        subject || '(no subject)',
      ]),
    ) || 'Nothing lies on the shelf.',
};

const restore: BoxVerb<ShelfRestoreReport> = {
  words: ['shelf', 'restore'],
  arguments: [{ name: 'id' }],
  options: [{ name: 'account', value: 'NAME', summary: "only this account's; 'all' wants it" }],
  summary: "put deleted mail back: a number of 'shelf list', several with commas, or all",
  runs: 'box',
  async run(call, box) {
    const text = value(call, 'id');
    const ids = text === 'all' ? 'all' : text.split(',').map(Number);
    if (ids !== 'all' && !ids.every((id) => Number.isSafeInteger(id) && id > 0)) {
      return failed(refusal('id', `'${text}' is no number of 'shelf list', nor 'all'`));
    }
    const account = call.values['account'];
    if (ids === 'all' && account === undefined) {
      return failed(refusal('account', "Say whose: 'all' goes with --account NAME"));
    }
    const done = await box.shelf.restore(account, ids);
    if (!done.ok || done.value.restored > 0) return done;
    return failed(refusal('not-there', `Nothing lies on the shelf under ${text}`));
  },
  render: ({ restored }) =>
    `${counted(restored, 'message')} put back; mail clients get ${
      restored === 1 ? 'it as a new one' : 'them as new ones'
    }.`,
};

export const shelfVerbs = [list, restore] as const;
