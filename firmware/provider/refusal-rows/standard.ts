/*
 * What is left when no row above knew better: what the standards say of a reply code where it
 * stands, and at the very end the first digit. Nothing falls through these. Only what is said to
 * everybody (a greeting, 421) pauses the uplink: a message that a server stumbles over must not
 * stop the others.
 */
import type { RefusalRow } from '../refusal-row.ts';

export const standardRows: readonly RefusalRow[] = [
  {
    name: 'going-away',
    when: { code: 421 },
    means: { kind: 'pause', say: '%provider has no time for the box just now' },
    source: 'RFC 5321 §3.8, §4.2.3',
    example: {
      reply: '421 4.7.0 Try again later, closing connection. x1 - gsmtp',
      to: 'hello',
      provider: 'gmail',
    },
  },
  {
    name: 'no-service-now',
    when: { code: '4yz', to: ['greeting', 'hello'] },
    means: { kind: 'pause', say: '%provider does not take mail just now' },
    source: 'RFC 5321 §4.2.1',
    example: { reply: '450 4.3.2 try again', to: 'hello', provider: '' },
  },
  {
    name: 'no-service',
    when: { code: '5yz', to: ['greeting', 'hello'] },
    means: { kind: 'pause', say: '%provider does not speak with the box' },
    source: 'RFC 5321 §3.1 (554 for a greeting), RFC 7504 §3 (521)',
    example: {
      reply:
        '554-gmx.net (mrgmx104) Nemesis ESMTP Service not available\r\n' +
        '554-No SMTP service\r\n554 IP address is block listed.',
      to: 'greeting',
      provider: 'gmx',
    },
  },
  {
    name: 'short-of-room',
    when: { code: 452, to: ['mail'] },
    means: { kind: 'later', say: '%provider is short of room' },
    source: 'RFC 5321 §4.2.3',
    example: { reply: '452 4.3.1 Insufficient system storage', to: 'mail', provider: '' },
  },
  {
    name: 'confused',
    when: { code: [500, 502, 503], to: ['mail', 'rcpt', 'data'] },
    means: { kind: 'later', say: '%provider and the box did not understand each other' },
    source: 'RFC 5321 §4.2.4 (of commands that every server has, so it was a slip of the moment)',
    example: { reply: '503 5.5.1 Bad sequence of commands', to: 'data', provider: '' },
  },
  {
    name: 'too-large-by-code',
    when: { code: 552, bare: true, to: ['mail', 'data', 'end'] },
    means: {
      kind: 'never',
      say: 'The message is too large, or there is no room for it',
      advice: 'Send it with smaller or fewer attachments',
      status: '5.3.4',
    },
    source: 'RFC 5321 §4.2.3, RFC 1870 §6.1',
    example: { reply: '552 Exceeded storage allocation', to: 'end', provider: '' },
  },
  {
    name: 'refused-by-policy',
    when: { code: '5yz', enhanced: ['5.7.1', '5.7.0'] },
    means: {
      kind: 'never',
      say: '%provider does not want this message',
      advice: "The server's own words say more; change what they name and send it again",
    },
    source: 'RFC 3463 §3.8',
    example: {
      reply: '550 5.7.1 Requested action not taken: message refused',
      to: 'end',
      provider: '',
    },
  },
  {
    name: 'sender-refused',
    when: { code: '5yz', to: ['mail'] },
    means: {
      kind: 'never',
      say: '%provider does not accept the sender',
      advice: 'Send it under an address that belongs to the account there',
    },
    source: 'RFC 5321 §3.3, §4.2.1',
    example: { reply: '550 No', to: 'mail', provider: '' },
  },
  {
    name: 'later',
    when: { code: '4yz' },
    means: { kind: 'later', say: 'Not just now' },
    source: 'RFC 5321 §4.2.1',
    example: { reply: '451 4.3.0 Temporary lookup failure', to: 'rcpt', provider: '' },
  },
  {
    name: 'never',
    when: { code: '5yz' },
    means: {
      kind: 'never',
      say: 'The server refused it for good',
      advice: "The server's own words may say why",
    },
    source: 'RFC 5321 §4.2.1',
    example: { reply: '554 Transaction failed', to: 'end', provider: '' },
  },
];
