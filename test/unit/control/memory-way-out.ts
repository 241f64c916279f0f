/* The books of queue, uplinks and sources in memory: what was asked of them stays to be seen. */
import { failed, ok, refusal } from '#base/result';
import type { Box, NewSource, NewUplink, SignInStep, SourceChanges } from '#control/box';
import type { FlushReport, QueuedReport, SourceReport, UplinkReport } from '#control/types';
import { formatKeep, formatSince } from '#mail/sources/spans';
import { usualSpans } from '#mail/sources/wanted';

export const queued: QueuedReport = {
  id: 'a1b2c3',
  account: 'ann',
  sender: 'ann@example.org',
  queuedAt: Date.UTC(2026, 10, 23, 9, 0),
  octets: 1536,
  uplink: 'gmail',
  recipients: [
    {
      address: 'bob@example.net',
      attempts: 1,
      nextAt: Date.UTC(2026, 10, 23, 9, 17),
      last: 'gmail answered 452 4.2.2',
      doubt: false,
    },
  ],
};

const unknown = failed(refusal('unknown', 'No message here has this id.'));

export function memoryQueue(): Box['queue'] & { held: boolean; dropped: [string, boolean][] } {
  const report = (joined: boolean, held: boolean): FlushReport => ({
    ...{ joined, held, messages: 3, sent: 2, later: 1, gaveUp: 0, untried: 0 },
    uplinks: [{ name: 'gmail', say: '2 sent, 1 later' }],
    collected: 4,
  });
  return {
    held: false,
    dropped: [],
    list: async (account) => ok(account === undefined || account === 'ann' ? [queued] : []),
    why: async (id) =>
      id === queued.id
        ? ok({ id, lines: [{ at: queued.queuedAt, say: "taken in from Ann's iPad" }], queued })
        : unknown,
    whyAddress: async (address) =>
      ok(address === 'bob@example.net' ? [{ id: queued.id, lines: [] }] : []),
    async retry(id) {
      return id === queued.id ? ok(report(false, this.held)) : unknown;
    },
    lossOf: async (id) => (id === queued.id ? ok('bob@example.net will not get it.') : unknown),
    async drop(id, tell) {
      this.dropped.push([id, tell]);
      return ok(undefined);
    },
    async flush(_force, progress) {
      for (let done = 0; done <= 3; done += 1) progress?.({ messages: 3, done });
      return ok(report(false, this.held));
    },
    async hold() {
      this.held = true;
      return ok({ held: true, messages: 3 });
    },
    async release() {
      this.held = false;
      return ok({ held: false, messages: 3 });
    },
  };
}

export function memoryUplinks(): Box['uplinks'] & {
  readonly added: NewUplink[];
  readonly steps: SignInStep[];
} {
  const added: NewUplink[] = [];
  const steps: SignInStep[] = [];
  const reportOf = (one: NewUplink): UplinkReport => ({
    name: one.name,
    provider: one.provider ?? '',
    host: one.host ?? 'smtp.gmail.com',
    port: one.port ?? 465,
    security: one.security ?? 'tls',
    ...(one.user === undefined ? {} : { user: one.user }),
    signIn: one.password === undefined ? 'missing' : 'password',
    isDefault: one.isDefault,
    addresses: one.addresses,
    connections: one.connections ?? 4,
    condition: 'well',
    say: '',
    waiting: 0,
  });
  return {
    added,
    steps,
    providers: ['gmail', 'outlook'],
    async add(uplink) {
      const before = uplink.isDefault ? added.findLast(({ isDefault }) => isDefault) : undefined;
      added.push(uplink);
      const report = reportOf(uplink);
      return ok(before === undefined ? report : { ...report, defaultBefore: before.name });
    },
    list: async () => ok(added.map(reportOf)),
    test: async (name) => ok({ name, works: false, say: 'It is closed.', answer: '554 no' }),
    async signIn(name, step) {
      steps.push(step);
      if (step.step !== 'begin') return ok({ step: 'done', name, say: 'Signed in.' });
      return ok({
        step: 'device',
        name,
        address: 'https://example.com/device',
        code: 'WDJB-MJHT',
        expiresAt: 0,
      });
    },
    setPassword: async () => ok(undefined),
    lossOf: async (name) => ok(name === 'busy' ? '3 messages wait for busy.' : undefined),
    remove: async () => ok(undefined),
  };
}

export function memorySources(): Box['sources'] & {
  readonly added: NewSource[];
  readonly changes: SourceChanges[];
  readonly told: string[];
} {
  const added: NewSource[] = [];
  const changes: SourceChanges[] = [];
  const told: string[] = [];
  const note = (what: string) => async (name: string) => {
    told.push(`${what} ${name}`);
    return ok(undefined);
  };
  const reportOf = (one: NewSource): SourceReport => ({
    ...{ name: one.name, account: one.account, provider: one.provider ?? '', user: one.user },
    ...{ protocol: one.protocol ?? 'imap', host: one.host ?? 'imap.gmail.com' },
    ...{ port: one.port ?? 993, security: one.security ?? 'tls', folders: one.folders ?? [] },
    since: formatSince(one.since ?? usualSpans.since),
    keep: formatKeep(one.keep ?? usualSpans.keep),
    everySeconds: (one.every ?? usualSpans.every) / 1000,
    ...{ condition: 'well', say: '', messages: 1, signIn: one.password ? 'password' : 'missing' },
  });
  const look = {
    works: true,
    collected: 2,
    known: 3,
    skipped: 0,
    tooLarge: 1,
    removed: 0,
    say: '',
  };
  return {
    ...{ added, changes, told },
    async add(source) {
      added.push(source);
      return ok(reportOf(source));
    },
    async change(name, change) {
      changes.push(change);
      return ok(reportOf({ name, account: 'ann', user: 'ann', ...change }));
    },
    list: async () => ok(added.map(reportOf)),
    test: async (name) =>
      ok({ name, works: name !== 'closed', say: 'It works.', answer: '', messages: 7 }),
    async collect(name, progress) {
      progress?.({ name: 'gmail', collected: 1, others: 2 });
      if (name === 'closed') return ok([{ ...look, name, works: false, say: 'It is closed.' }]);
      return ok(name === undefined ? [] : [{ ...look, name }]);
    },
    pause: note('pause'),
    resume: note('resume'),
    signIn: async (name, step) =>
      ok(
        step.step === 'begin'
          ? { step: 'paste', name, address: 'https://example.com/' }
          : { step: 'done', name, say: 'Signed in.' },
      ),
    setPassword: note('password'),
    lossOf: async (name, forget) =>
      ok(
        `Nothing more is collected from ${name}.${forget ? ' It brings everything once more.' : ''}`,
      ),
    remove: (name, forget) => note(forget ? 'forget' : 'remove')(name),
  };
}
