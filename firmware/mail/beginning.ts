/*
 * The first line of a message's history: who brought it and for whom, in words, and under which
 * addresses it is found again. Pure; it is committed with the message.
 */
import { addressKey, formatAddress, type ReversePath } from './address.ts';
import type { Beginning } from './history/history.ts';
import type { Envelope, Origin } from './intake.ts';
import { believable } from './message/trace.ts';
import type { NewQueued } from './queue/queue.ts';

/** So many addresses find a message; a list of more is somebody's mailing. */
const mostAddresses = 50;

export interface BeginningFacts {
  readonly name: string;
  readonly now: number;
  readonly envelope: Envelope;
  readonly origin: Origin;
  readonly copies: readonly NewQueued[];
  /** It has been forwarded by this box before, and is not again. */
  readonly returned: boolean;
}

export function beginning({ name, now, returned, ...facts }: BeginningFacts): Beginning {
  const so = returned ? '; it came back after it was forwarded, so it is not forwarded again' : '';
  const say = `taken in from ${bringer(facts.origin)} for ${audience(facts.envelope)}${so}`;
  return { name, addresses: addressesOf(facts), say, at: now };
}

/** "Ann's iPad (192.168.1.20)": the device, the password that signed in, or what the host calls
 * itself. */
function bringer({ address, claimed, device, identity }: Origin): string {
  const person = identity?.password === 'main' ? identity.login : identity?.password;
  const name = device?.name ?? person ?? believable(claimed);
  return name === undefined || name.includes(address) ? address : `${name} (${address})`;
}

function audience({ recipients }: Envelope): string {
  const [first, ...others] = recipients;
  const more = others.length > 0 ? ` and ${others.length} more` : '';
  return first === undefined ? 'nobody' : `${formatAddress(first.address)}${more}`;
}

function addressesOf({
  envelope,
  copies,
}: Pick<BeginningFacts, 'envelope' | 'copies'>): readonly string[] {
  const keys = new Set<string>();
  const add = (path: ReversePath) => void (path !== 'null' && keys.add(addressKey(path)));
  add(envelope.sender);
  for (const { via } of copies) keys.add(via);
  for (const { address, departures = [] } of envelope.recipients) {
    add(address);
    for (const { to } of departures) add(to);
    if (keys.size >= mostAddresses) break;
  }
  // A blank in a quoted local part would be taken for the end of an address.
  return [...keys].filter((key) => !key.includes(' ')).slice(0, mostAddresses);
}
