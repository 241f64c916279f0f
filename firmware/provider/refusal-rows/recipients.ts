/*
 * Refusals of one recipient: the address is wrong, the mailbox full or closed, or not just now. The
 * mail to this one goes back or waits; nothing here is about the others, nor about the uplink.
 */
import type { RefusalRow } from '../refusal-row.ts';

const checkAddress = 'Check the address for slips and send it again';
const askThem = 'Reach them in another way, and tell them';

export const recipientRows: readonly RefusalRow[] = [
  {
    name: 'mailbox-full-now',
    when: { code: '4yz', enhanced: ['x.2.2'] },
    means: { kind: 'later', say: "The recipient's mailbox is full" },
    source: 'RFC 3463 §3.3, https://support.google.com/mail/?p=OverQuotaTemp',
    example: {
      reply:
        "452-4.2.2 The recipient's inbox is out of storage space. Please direct the\r\n" +
        '452 4.2.2 recipient to https://support.google.com/mail/?p=OverQuotaTemp x1 - gsmtp',
      to: 'rcpt',
      provider: 'gmail',
    },
  },
  {
    name: 'mailbox-full',
    when: { code: '5yz', enhanced: ['x.2.2'] },
    means: { kind: 'never', say: "The recipient's mailbox is full", advice: askThem },
    source: 'RFC 3463 §3.3',
    example: { reply: '552 5.2.2 Over quota', to: 'rcpt', provider: '' },
  },
  {
    name: 'receives-too-quickly',
    when: { enhanced: ['x.2.1'], says: /receiving mail (?:too quickly|at a rate)/i },
    means: { kind: 'later', say: 'The recipient gets too much mail at once' },
    source:
      'https://support.google.com/a/answer/3726730, https://github.com/zone-eu/zone-mta/issues/110',
    example: {
      reply:
        '450-4.2.1 The user you are trying to contact is receiving mail too quickly.\r\n' +
        '450 4.2.1 Please resend your message at a later time. x1 - gsmtp',
      to: 'rcpt',
      provider: 'gmail',
    },
  },
  {
    name: 'greylisted',
    when: { code: '4yz', says: /gr[ae]y-?list/i },
    means: { kind: 'later', say: 'The server takes mail of new senders at the second try only' },
    source: 'RFC 6647 §2.1',
    example: {
      reply: '450 4.2.0 <bob@b.example>: Recipient address rejected: Greylisted',
      to: 'rcpt',
      provider: '',
    },
  },
  {
    name: 'too-many-recipients',
    when: { code: [452, 550, 552, 554], enhanced: ['x.5.3'], to: ['rcpt', 'data', 'end'] },
    means: { kind: 'later', say: '%provider takes fewer recipients at a time' },
    source: 'RFC 5321 §4.5.3.1.10, RFC 3463 §3.6',
    example: { reply: '452 4.5.3 Too many recipients', to: 'rcpt', provider: '' },
  },
  {
    name: 'too-many-recipients-in-words',
    when: { code: [452, 552], says: /too many recipients/i, to: ['rcpt'] },
    means: { kind: 'later', say: '%provider takes fewer recipients at a time' },
    source: 'RFC 5321 §4.5.3.1.10 (552 is to be taken as 452)',
    example: { reply: '552 Too many recipients', to: 'rcpt', provider: '' },
  },
  {
    name: 'no-such-address',
    when: { code: '5yz', enhanced: ['5.1.1', '5.1.10', '5.1.0'], to: ['rcpt', 'data', 'end'] },
    means: { kind: 'never', say: 'There is no such address', advice: checkAddress },
    source: 'RFC 3463 §3.2, RFC 7505 §4.2 (5.1.10)',
    example: {
      reply:
        '550-5.1.1 The email account that you tried to reach does not exist. Please try\r\n' +
        "550 5.1.1 double-checking the recipient's email address for typos. x1 - gsmtp",
      to: 'rcpt',
      provider: 'gmail',
    },
  },
  {
    name: 'no-such-domain',
    when: { code: '5yz', enhanced: ['5.1.2', '5.4.4', '5.4.310'] },
    means: {
      kind: 'never',
      say: 'There is no mail server for what stands behind the @',
      advice: checkAddress,
    },
    source: 'RFC 3463 §3.2, §3.5',
    example: {
      reply: '550 5.1.2 <bob@b.exampel>: Recipient address rejected: Domain not found',
      to: 'rcpt',
      provider: '',
    },
  },
  {
    name: 'address-misspelt',
    when: { code: '5yz', enhanced: ['5.1.3', '5.1.4'] },
    means: { kind: 'never', say: 'This cannot be an address there', advice: checkAddress },
    source: 'RFC 3463 §3.2',
    example: { reply: '553 5.1.3 Bad recipient address syntax', to: 'rcpt', provider: '' },
  },
  {
    name: 'moved',
    when: { code: '5yz', enhanced: ['5.1.6'] },
    means: {
      kind: 'never',
      say: 'The recipient has moved to another address',
      advice: "Ask them for it; the server's own words may name it",
    },
    source: 'RFC 3463 §3.2',
    example: { reply: '551 5.1.6 Recipient has moved to bob@c.example', to: 'rcpt', provider: '' },
  },
  {
    name: 'mailbox-closed',
    when: { code: '5yz', enhanced: ['5.2.0', '5.2.1'], to: ['rcpt', 'data', 'end'] },
    means: { kind: 'never', say: "The recipient's mailbox takes no mail", advice: askThem },
    source: 'RFC 3463 §3.3',
    example: {
      reply: '550 5.2.1 The email account that you tried to reach is inactive.',
      to: 'rcpt',
      provider: '',
    },
  },
  {
    name: 'relay-denied',
    when: {
      code: '5yz',
      says: /relay(?:ing)? (?:access )?(?:is )?(?:denied|not permitted|not allowed)/i,
    },
    means: {
      kind: 'never',
      say: '%provider does not pass mail on to this address',
      advice:
        'When it is so with every address, the uplink wants a user and a password: remove it and ' +
        'add it with --user. Then send this again',
    },
    source: 'https://www.postfix.org/SMTPD_ACCESS_README.html#relay',
    example: {
      reply: '554 5.7.1 <bob@b.example>: Relay access denied',
      to: 'rcpt',
      provider: '',
    },
  },
  {
    name: 'may-not-write-to',
    when: { code: '5yz', enhanced: ['5.7.1', '5.7.0', '5.7.2'], to: ['rcpt'] },
    means: {
      kind: 'never',
      say: 'The recipient, or their server, does not take mail from this sender',
      advice: askThem,
    },
    source: 'RFC 3463 §3.8',
    example: {
      reply: '550 5.7.1 <bob@b.example>: Recipient address rejected: Access denied',
      to: 'rcpt',
      provider: '',
    },
  },
  {
    name: 'no-such-address-in-words',
    when: {
      code: [550, 551, 553, 554],
      says: /(?:user|mailbox|recipient|account|address)\b.{0,40}(?:unknown|not found|not exist)/i,
      to: ['rcpt', 'data', 'end'],
    },
    means: {
      kind: 'never',
      say: 'There is no such address',
      advice: checkAddress,
      status: '5.1.1',
    },
    source:
      'http://www.sitepackage.de/service/dokumentation/auswertung/typische-fehlermeldungen-bei-unzustellbarkeit.html',
    example: { reply: '550 User unknown', to: 'rcpt', provider: '' },
  },
  {
    name: 'unknown-user-in-words',
    when: {
      code: [550, 551, 553, 554],
      says: /(?:unknown|no such) (?:user|mailbox|address)|unrouteable address|doesn't exist/i,
      to: ['rcpt', 'data', 'end'],
    },
    means: {
      kind: 'never',
      say: 'There is no such address',
      advice: checkAddress,
      status: '5.1.1',
    },
    source:
      'http://www.sitepackage.de/service/dokumentation/auswertung/typische-fehlermeldungen-bei-unzustellbarkeit.html',
    example: { reply: '550 unrouteable address', to: 'rcpt', provider: 'freenet' },
  },
  {
    name: 'mailbox-full-in-words',
    when: {
      code: [550, 552, 554],
      bare: true,
      says: /over ?quota|quota exceeded|mailbox (?:is )?full|exhausted allowed storage/i,
      to: ['rcpt', 'data', 'end'],
    },
    means: {
      kind: 'never',
      say: "The recipient's mailbox is full",
      advice: askThem,
      status: '5.2.2',
    },
    source:
      'https://www.ionos.de/hilfe/e-mail/problemloesungen-mail-basicmail-business/fehlermeldungen-bei-unzustellbarer-e-mail/',
    example: { reply: '550 Quota exceeded', to: 'rcpt', provider: '' },
  },
  {
    name: 'mailbox-unavailable',
    when: { code: [550, 551, 553], bare: true, to: ['rcpt'] },
    means: {
      kind: 'never',
      say: 'There is no such address, or it takes no mail from this sender',
      advice: checkAddress,
      status: '5.1.1',
    },
    source: 'RFC 5321 §4.2.2, §4.2.3',
    example: {
      reply: '550 Requested action not taken: mailbox unavailable',
      to: 'rcpt',
      provider: '',
    },
  },
];
