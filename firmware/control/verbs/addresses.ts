/*
 * `address ...`: the addresses an account answers for here, those it may send as, where mail to
 * them is forwarded, and the one that an account is known by elsewhere.
 */
import { failed, ok, type Result, refusal } from '#base/result';
import type { AddressReport } from '../types.ts';
import { type BoxVerb, type Call, value } from '../verb.ts';
import { columns } from '../words.ts';

const account = { name: 'account' } as const;
const address = { name: 'address' } as const;
const forwardTo = 'forward-to';

const add: BoxVerb<AddressReport> = {
  words: ['address', 'add'],
  arguments: [account, address],
  options: [
    { name: 'outside', summary: 'an address somewhere else: the account may send as it' },
    { name: 'known-as', summary: 'with --outside: what the account sends goes out under it' },
    { name: forwardTo, value: 'ADDRESS', summary: 'send mail for it on to an address elsewhere' },
  ],
  summary: 'give an account another address; given to several accounts, all of them get the mail',
  runs: 'box',
  async run(call, box) {
    const [owner, text] = [value(call, 'account'), value(call, 'address')];
    const fault = optionFault(call);
    if (fault !== undefined) return failed(refusal('usage', fault));
    const { addresses } = box.accounts;
    const to = call.values[forwardTo];
    if (to !== undefined) return addresses.forward(owner, text, to);
    const kind = call.flags.has('outside') ? 'outside' : 'local';
    return addresses.add(owner, text, kind, call.flags.has('known-as'));
  },
  render(added, call) {
    const to = call.values[forwardTo];
    if (to !== undefined) return forwardInWords(added, to);
    if (added.kind === 'local') return `Mail to ${added.address} goes to ${added.account}.`;
    const known = added.knownAs ? ` ${knownInWords(added.account, added.address)}` : '';
    return `${added.account} may send as ${added.address}; mail to it goes out.${known}`;
  },
};

interface Removed {
  readonly account: string;
  readonly address: string;
  readonly forwardTo?: string;
  /** What is left of the address: it was only forwarded, or is the account's own. */
  readonly left?: AddressReport;
}

const remove: BoxVerb<Removed> = {
  words: ['address', 'remove'],
  arguments: [account, address],
  options: [{ name: forwardTo, value: 'ADDRESS', summary: 'only end forwarding to this one' }],
  summary: 'take an address from an account; mail that lies here stays',
  runs: 'box',
  async run(call, box): Promise<Result<Removed>> {
    const taken = { account: value(call, 'account'), address: value(call, 'address') };
    const to = call.values[forwardTo];
    const done = await box.accounts.addresses.remove(taken.account, taken.address, to);
    if (!done.ok) return done;
    return ok({
      ...taken,
      ...(to === undefined ? {} : { forwardTo: to }),
      ...(done.value === undefined ? {} : { left: done.value }),
    });
  },
  render({ account: owner, address: text, forwardTo: to, left }) {
    if (to !== undefined) return `Mail to ${text} is not forwarded to ${to} any more.`;
    if (left === undefined) return `${text} does not belong to ${owner} any more.`;
    return `Mail to ${text} is not forwarded any more; the address itself stays with ${owner}.`;
  },
};

interface KnownAs {
  readonly account: string;
  readonly address?: string;
}

const knownAs: BoxVerb<KnownAs> = {
  words: ['address', 'known-as'],
  arguments: [account, { ...address, optional: true }],
  options: [{ name: 'none', summary: 'its mail goes out under the address it was sent as' }],
  summary: 'name the outside address that an account is known by: its mail goes out under it',
  runs: 'box',
  async run(call, box): Promise<Result<KnownAs>> {
    const owner = value(call, 'account');
    const text = call.values['address'];
    if ((text === undefined) !== call.flags.has('none')) {
      const say = 'Say either the outside address the account is known by, or --none.';
      return failed(refusal('usage', say));
    }
    const done = await box.accounts.addresses.knownAs(owner, text);
    if (!done.ok) return done;
    return ok(text === undefined ? { account: owner } : { account: owner, address: text });
  },
  render: (named) =>
    named.address === undefined
      ? `Mail of ${named.account} goes out under the address it was sent as.`
      : knownInWords(named.account, named.address),
};

const list: BoxVerb<readonly AddressReport[]> = {
  words: ['address', 'list'],
  arguments: [{ ...account, optional: true }],
  summary: 'every address, or those of one account',
  runs: 'box',
  reads: true,
  run: (call, box) => box.accounts.addresses.list(call.values['account']),
  render: (addresses) =>
    columns(addresses.map((one) => [one.address, one.account, one.kind, notesOf(one)])) ||
    'There is no address yet.',
};

export const addressVerbs = [add, remove, knownAs, list] as const;

/** An address with what is special about it: 'ann@gmail.com (known by it)'. */
export function addressInWords(report: AddressReport): string {
  const notes = notesOf(report);
  return notes === '' ? report.address : `${report.address} (${notes})`;
}

function notesOf({ knownAs: isKnown, forwardTo: targets = [] }: AddressReport): string {
  const forwarded = targets.length === 0 ? [] : [`forwarded to ${targets.join(', ')}`];
  return [...(isKnown ? ['known by it'] : []), ...forwarded].join('; ');
}

function optionFault({ flags, values }: Call): string | undefined {
  const forwards = values[forwardTo] !== undefined;
  if (forwards && (flags.has('outside') || flags.has('known-as'))) {
    return 'Mail is forwarded from an address of this house: leave --outside and --known-as out.';
  }
  if (flags.has('known-as') && !flags.has('outside')) {
    return 'An account is known by an address that it has elsewhere: --known-as wants --outside.';
  }
  return undefined;
}

function forwardInWords({ account: owner, address: text, kind }: AddressReport, to: string) {
  if (kind !== 'forward') return `Mail to ${text} stays with ${owner}, and a copy goes to ${to}.`;
  return (
    `Mail to ${text} goes on to ${to}; ${owner} keeps no copy here. ` +
    `To keep one, write: restante address add ${owner} ${text}`
  );
}

function knownInWords(owner: string, text: string): string {
  return `${owner} is known by ${text}: what ${owner} sends out goes under that address.`;
}
