/* Asking about the ways of mail: providers, uplinks, sources, the queue, the shelf. */
import type { Family } from './family.ts';

const name = ['name'] as const;

export const provider: Family = {
  label: 'provider',
  icon: 'restante-provider.svg',
  help: "The providers that the box knows, and connecting somebody's account at one in one go.",
  actions: {
    list: { words: ['provider', 'list'], reads: true, say: 'list the providers the box knows' },
    connect: {
      words: ['provider', 'connect'],
      takes: [
        ...['account', 'provider', 'user', 'address', 'smtp-host', 'smtp-port', 'smtp-security'],
        ...['imap-host', 'imap-port', 'imap-security', 'ca', 'again'],
      ],
      flags: ['collect', 'send', 'wait', 'pasted'],
      secret: true,
      say: 'connect an account at a provider, and test it',
    },
    certificate: {
      ...{ words: ['provider', 'certificate'], takes: ['ca'] },
      say: 'what a file with certificates holds',
    },
  },
};

export const uplink: Family = {
  label: 'uplink',
  icon: 'restante-uplink.svg',
  help: 'The ways out of the house: accounts at providers, through which mail is sent.',
  actions: {
    list: { words: ['uplink', 'list'], reads: true, say: 'list all uplinks' },
    add: {
      words: ['uplink', 'add'],
      takes: ['name', 'provider', 'host', 'port', 'security', 'user'],
      lists: ['for'],
      flags: ['default'],
      secret: true,
      say: 'add an uplink',
    },
    test: { words: ['uplink', 'test'], takes: name, say: 'test an uplink now' },
    'sign in': {
      ...{ words: ['uplink', 'signin'], takes: name, flags: ['wait'], secret: true },
      say: "sign in on the provider's own pages",
    },
    password: {
      ...{ words: ['uplink', 'password'], takes: name, secret: true },
      say: 'give it another password',
    },
    remove: { words: ['uplink', 'remove'], takes: name, flags: ['yes'], say: 'remove an uplink' },
  },
};

/** What can be said of a source. */
const wishes = [
  ...['name', 'provider', 'protocol', 'host', 'port', 'security', 'user'],
  ...['since', 'keep', 'every'],
];

export const source: Family = {
  label: 'source',
  icon: 'restante-source.svg',
  help: 'Mailboxes elsewhere from which the box collects mail.',
  actions: {
    list: { words: ['source', 'list'], reads: true, say: 'list all sources' },
    add: {
      words: ['source', 'add'],
      takes: [...wishes, 'account'],
      lists: ['folders'],
      secret: true,
      say: 'collect from an account elsewhere',
    },
    change: {
      words: ['source', 'change'],
      takes: [...wishes, 'rename'],
      lists: ['folders'],
      secret: true,
      say: 'say something of a source anew',
    },
    test: { words: ['source', 'test'], takes: name, say: 'test a source now' },
    collect: { words: ['source', 'collect'], takes: name, say: 'collect from a source now' },
    pause: { words: ['source', 'pause'], takes: name, say: 'stop collecting for a while' },
    resume: { words: ['source', 'resume'], takes: name, say: 'collect again' },
    'sign in': {
      ...{ words: ['source', 'signin'], takes: name, flags: ['wait'], secret: true },
      say: "sign in on the provider's own pages",
    },
    password: {
      ...{ words: ['source', 'password'], takes: name, secret: true },
      say: 'give it another password',
    },
    remove: {
      words: ['source', 'remove'],
      takes: name,
      flags: ['forget', 'yes'],
      say: 'remove a source',
    },
  },
};

export const queue: Family = {
  label: 'queue',
  icon: 'restante-queue.svg',
  help: 'Mail on its way out: what waits, why, and what to do about it.',
  actions: {
    list: {
      ...{ words: ['queue', 'list'], reads: true, takes: ['account', 'lines'] },
      say: 'list what waits',
    },
    why: { words: ['queue', 'why'], reads: true, takes: ['id'], say: 'why a message waits' },
    flush: { words: ['flush'], flags: ['force'], say: 'send all that waits now' },
    hold: { words: ['hold'], say: 'hold: send nothing until release' },
    release: { words: ['release'], say: 'release: send again' },
    retry: { words: ['queue', 'retry'], takes: ['id'], say: 'try one message now' },
    drop: {
      ...{ words: ['queue', 'drop'], takes: ['id'], flags: ['quiet', 'yes'] },
      say: 'drop a message unsent',
    },
  },
};

export const shelf: Family = {
  label: 'shelf',
  icon: 'restante-shelf.svg',
  help: 'Deleted mail that can still be brought back.',
  actions: {
    list: {
      ...{ words: ['shelf', 'list'], reads: true, takes: ['account', 'count'] },
      say: 'list what lies on the shelf',
    },
    restore: {
      ...{ words: ['shelf', 'restore'], takes: ['id', 'account'] },
      say: 'put deleted mail back',
    },
  },
};
