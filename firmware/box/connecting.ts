/*
 * Connecting somebody with their provider in one go: the address they have there, the way out, the
 * way in, each tested by really signing in. Each step is on disk when it is done and finds what an
 * earlier try left, so whoever was cut off simply connects again.
 *
 * What was added is taken back when the provider refuses it: a wrong password is to be typed anew,
 * not to be found later in a list. It stays when the provider cannot be reached just now, for then it
 * is tried by itself; and a half that works stays when the other one does not.
 */
import { ok, type Result } from '#base/result';
import type { NewConnection } from '#control/box';
import type { ConnectReport, ConnectStep, UplinkSignInReport } from '#control/types';
import { sentence } from '#control/words';
import { foldCase, parseAddress } from '#mail/address';

/** Sending or collecting: one half of a connection. */
export interface Half {
  /** What connects with this provider account already. */
  find(wish: NewConnection): Promise<Result<Found | undefined>>;
  /** Names that are taken. */
  names(): Promise<Result<readonly string[]>>;
  /** `missing`: it waits for a sign-in on the provider's pages. `first`: what its provider wants a
   * person to do. */
  add(name: string, wish: NewConnection, address: string): Promise<Result<Added>>;
  setPassword(name: string, password: string): Promise<Result<void>>;
  signIn(name: string, wish: NewConnection['signIn']): Promise<Result<UplinkSignInReport>>;
  test(name: string): Promise<Result<Tested>>;
  /** It is to be kept; until then it does nothing by itself. */
  begin(name: string): Promise<Result<void>>;
  remove(name: string): Promise<Result<void>>;
}

export interface Found extends Added {
  readonly name: string;
}

export interface Added {
  readonly signIn: 'none' | 'password' | 'oauth' | 'missing';
  readonly first?: string;
}

export interface Tested {
  readonly works: boolean;
  /** Whole sentences. */
  readonly say: string;
  /** The server's own words, '' when it said none. */
  readonly answer: string;
  /** When it does not work. */
  readonly kind?: 'unreachable' | 'sign-in' | 'certificate' | 'settings' | 'clock';
}

export interface ConnectPorts {
  readonly sending: Half;
  /** Undefined: this build does not collect. */
  readonly collecting: Half | undefined;
  readonly addresses: {
    /** The outside address belongs to the account already. */
    has(account: string, address: string): boolean;
    /** The account is known by it when it has named no other. */
    add(account: string, address: string): Promise<Result<void>>;
    remove(account: string, address: string): Promise<Result<void>>;
  };
}

export async function connect(
  wish: NewConnection,
  ports: ConnectPorts,
): Promise<Result<ConnectReport>> {
  const { account, user } = wish;
  const address = wish.address ?? (parseAddress(user) === undefined ? undefined : user);
  const steps: ConnectStep[] = [];
  const known = address !== undefined && ports.addresses.has(account, address);
  const named =
    address === undefined ? undefined : await addAddress(known, account, address, ports);
  if (named !== undefined) steps.push(named);
  if (named?.ok === false) return ok(reportOf(wish, steps, undefined));
  const halves = [
    ...(wish.send ? [['sending', ports.sending] as const] : []),
    ...(wish.collect ? [['collecting', ports.collecting] as const] : []),
  ];
  let signIn: UplinkSignInReport | undefined;
  for (const [step, half] of halves) {
    const done = half === undefined ? noCollecting : await connectHalf(half, step, wish, address);
    steps.push(...done.steps);
    signIn ??= done.signIn;
    // One sign-in on the provider's pages at a time; whoever did it connects again.
    if (signIn !== undefined) break;
  }
  const anyLeft = steps.some((one) => one.step !== 'address' && (one.ok || one.kept));
  if (!anyLeft && !known && address !== undefined) {
    const removed = await ports.addresses.remove(account, address);
    steps.push({
      step: 'undone',
      ok: removed.ok,
      say: `${address} was taken from ${account} again.`,
    });
  }
  return ok(reportOf(wish, steps, signIn));
}

interface HalfDone {
  readonly steps: readonly ConnectStep[];
  readonly signIn?: UplinkSignInReport;
}

const noCollecting: HalfDone = {
  steps: [{ step: 'collecting', ok: false, say: 'This build of the box does not collect mail.' }],
};

async function connectHalf(
  half: Half,
  step: 'sending' | 'collecting',
  wish: NewConnection,
  address: string | undefined,
): Promise<HalfDone> {
  const stopped = (say: string): HalfDone => {
    return { steps: [{ step, ok: false, say: sentence(say) }] };
  };
  const found = await half.find(wish);
  if (!found.ok) return stopped(found.error.say);
  const there = found.value;
  const isNew = there === undefined;
  const free = isNew ? await freeName(half, wish) : ok(there.name);
  const name = free.ok ? free.value : undefined;
  if (!free.ok || name === undefined) return stopped(free.ok ? 'No name is free' : free.error.say);
  const ready = isNew
    ? await half.add(name, wish, address ?? wish.user)
    : await renew(half, there, wish);
  if (!ready.ok) return stopped(ready.error.say);
  const withdraw = async (said: ConnectStep): Promise<HalfDone> => {
    if (!isNew) return { steps: [{ ...said, kept: true, name }] };
    const removed = await half.remove(name);
    const say = removed.ok
      ? `${said.say} Nothing of it was kept.`
      : `${said.say} It could not be taken back: ${removed.error.say}.`;
    return { steps: [{ ...said, say, ...(removed.ok ? {} : { kept: true, name }) }] };
  };
  if (ready.value.signIn === 'missing') {
    // What was added just now has no sign-in under way.
    const begun = await half.signIn(name, isNew ? { step: 'begin' } : wish.signIn);
    if (!begun.ok) {
      const say = sentence(begun.error.say);
      return withdraw({ step, ok: false, say, trouble: 'sign-in' });
    }
    if (begun.value.step !== 'done') {
      const kept = await half.begin(name);
      if (!kept.ok) return stopped(kept.error.say);
      const say = 'It waits for somebody to sign in on the pages of the provider.';
      return { steps: [{ step, ok: true, say, name }], signIn: begun.value };
    }
  }
  const tested = await half.test(name);
  if (!tested.ok) return { steps: [{ step, ok: false, say: tested.error.say, kept: true, name }] };
  const { works, say, answer, kind } = tested.value;
  const said = answer === '' ? say : `${say} The server said: ${answer}`;
  const isRefused = kind === 'sign-in' || kind === 'certificate' || kind === 'settings';
  if (works || !isRefused) {
    const kept = await half.begin(name);
    if (!kept.ok) return stopped(kept.error.say);
  }
  if (works) return { steps: [{ step, ok: true, say, name }] };
  const trouble = kind === undefined ? {} : { trouble: kind };
  if (!isRefused) {
    const again = `${said} It was kept, and is tried again by itself.`;
    return { steps: [{ step, ok: false, say: again, kept: true, name, ...trouble }] };
  }
  const first = ready.value.first === undefined ? '' : ` ${ready.value.first}`;
  return withdraw({ step, ok: false, say: `${said}${first}`, ...trouble });
}

/** What is there already gets the new password only when it does not work: what works is not risked
 * for a slip of the finger. */
async function renew(half: Half, there: Found, wish: NewConnection): Promise<Result<Added>> {
  const { name } = there;
  if (wish.password === undefined) return ok(there);
  const tested = await half.test(name);
  if (!tested.ok) return tested;
  if (!tested.value.works) {
    const set = await half.setPassword(name, wish.password);
    if (!set.ok) return set;
  }
  return ok({ signIn: 'password' });
}

/** "ann-gmail", then "ann-gmail-2"; every uplink and source has such a name. */
async function freeName(half: Half, wish: NewConnection): Promise<Result<string | undefined>> {
  const names = await half.names();
  if (!names.ok) return names;
  const wanted = foldCase(`${wish.account}-${wish.provider ?? wish.smtp?.host ?? wish.imap?.host}`);
  const plain = wanted.replace(/[^a-z0-9._-]/g, '').replace(/^[._-]+/, '');
  const base = plain.slice(0, 28).replace(/[._-]+$/, '') || 'mail';
  const numbers = Array.from({ length: 99 }, (_, index) => (index === 0 ? '' : `-${index + 1}`));
  return ok(numbers.map((number) => base + number).find((name) => !names.value.includes(name)));
}

async function addAddress(
  known: boolean,
  account: string,
  address: string,
  { addresses }: ConnectPorts,
): Promise<ConnectStep> {
  const step = 'address';
  if (known) return { step, ok: true, say: `${account} has the address ${address} already.` };
  const added = await addresses.add(account, address);
  if (!added.ok) return { step, ok: false, say: sentence(added.error.say) };
  return { step, ok: true, say: `${account} may send as ${address}.` };
}

function reportOf(
  { account }: NewConnection,
  steps: readonly ConnectStep[],
  signIn: UplinkSignInReport | undefined,
): ConnectReport {
  const done = signIn === undefined && steps.every((one) => one.ok);
  return { account, done, steps, ...(signIn === undefined ? {} : { signIn }) };
}
