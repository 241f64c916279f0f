/* `address ...`: the addresses an account answers for here, and those it may send as. */
import { ok } from '#base/result';
import type { AddressReport } from '../types.ts';
import { type BoxVerb, value } from '../verb.ts';
import { columns } from '../words.ts';

const account = { name: 'account' } as const;
const address = { name: 'address' } as const;

const add: BoxVerb<AddressReport> = {
  words: ['address', 'add'],
  arguments: [account, address],
  options: [{ name: 'outside', summary: 'an address somewhere else: the account may send as it' }],
  summary: 'give an account another address; given to several accounts, all of them get the mail',
  runs: 'box',
  run: (call, box) =>
    box.accounts.addresses.add(
      value(call, 'account'),
      value(call, 'address'),
      call.flags.has('outside') ? 'outside' : 'local',
    ),
  render: (added) =>
    added.kind === 'local'
      ? `Mail to ${added.address} goes to ${added.account}.`
      : `${added.account} may send as ${added.address}; mail to it goes out.`,
};

const remove: BoxVerb<Omit<AddressReport, 'kind'>> = {
  words: ['address', 'remove'],
  arguments: [account, address],
  summary: 'take an address from an account; mail that lies here stays',
  runs: 'box',
  async run(call, box) {
    const taken = { account: value(call, 'account'), address: value(call, 'address') };
    const done = await box.accounts.addresses.remove(taken.account, taken.address);
    return done.ok ? ok(taken) : done;
  },
  render: (taken) => `${taken.address} does not belong to ${taken.account} any more.`,
};

const list: BoxVerb<readonly AddressReport[]> = {
  words: ['address', 'list'],
  arguments: [{ ...account, optional: true }],
  summary: 'every address, or those of one account',
  runs: 'box',
  reads: true,
  run: (call, box) => box.accounts.addresses.list(call.values['account']),
  render: (addresses) =>
    columns(addresses.map((one) => [one.address, one.account, one.kind])) ||
    'There is no address yet.',
};

export const addressVerbs = [add, remove, list] as const;
