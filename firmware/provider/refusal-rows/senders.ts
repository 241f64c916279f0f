/*
 * Refusals of the sender's address: a provider lets an account send as itself and its own other
 * addresses only. Trying again changes nothing, so the mail goes back, with what its sender can do.
 */
import type { RefusalRow } from '../refusal-row.ts';

const notYours = {
  kind: 'never',
  say: '%provider does not let this account send under the address of the sender',
  advice:
    'Send it under an address of that account, or have your mail go by the uplink of the right ' +
    'one (restante uplink list shows who serves whom)',
  status: '5.7.1',
} as const;

export const senderRows: readonly RefusalRow[] = [
  {
    name: 'microsoft-send-as',
    when: { says: /SendAsDenied|permissions? to send as/i },
    means: notYours,
    source:
      'https://github.com/MicrosoftDocs/OfficeDocs-Support/issues/1187, ' +
      'https://github.com/gophish/gophish/issues/1600 (5.7.60)',
    example: {
      reply:
        '554 5.2.252 SendAsDenied; ann@outlook.com not allowed to send as ann@a.example; ' +
        'STOREDRV.Submission.Exception:SendAsDeniedException.MapiExceptionSendAsDenied; Failed ' +
        'to process message due to a permanent exception with message Cannot submit message.',
      to: 'end',
      provider: 'outlook',
    },
  },
  {
    name: 'sender-not-owned',
    when: {
      code: '5yz',
      says: /not owned by (?:auth(?:orized)? )?user|must be same as auth|relaying disallowed as/i,
    },
    means: notYours,
    source:
      'https://www.postfix.org/postconf.5.html#reject_sender_login_mismatch, ' +
      'https://goneo.de/hilfe/email/fehlermeldungen, ' +
      'https://www.zoho.com/zeptomail/help/api/smtp-error-codes.html, ' +
      'https://github.com/nodeSolidServer/node-solid-server/issues/1281',
    example: {
      reply: '553 5.7.1 <ann@a.example>: Sender address rejected: not owned by user ann@b.example',
      to: 'rcpt',
      provider: '',
    },
  },
  {
    name: 'sender-not-allowed',
    when: {
      code: '5yz',
      says: /not (?:one of your|authori[sz]ed to send)|sender address is not allowed/i,
    },
    means: notYours,
    source:
      'https://github.com/infertux/zeyple/issues/49, ' +
      'https://github.com/loganmarchione/docker-postfixrelay/issues/46',
    example: {
      reply:
        '550-Requested action not taken: mailbox unavailable\r\n' +
        '550 Sender address is not allowed.',
      to: 'mail',
      provider: 'gmx',
    },
  },
  {
    name: 'sender-blocked',
    when: { enhanced: ['5.1.8'], says: /sender address blocked/i },
    means: {
      kind: 'quota',
      say: '%provider has blocked sending for this account. Sign in on its web page and see why',
      resumes: { at: '08:00' },
    },
    source: 'https://help.zoho.com/portal/en/community/topic/issue-with-outgoing-mail',
    example: { reply: '554 5.1.8 Sender Address Blocked', to: 'mail', provider: 'zoho' },
  },
  {
    name: 'several-from-addresses',
    when: { says: /multiple addresses in a? ?from header/i },
    means: {
      kind: 'never',
      say: '%provider takes only messages with one address in From',
      advice: 'Send it with a single address in From',
      status: '5.7.1',
    },
    source: 'https://github.com/mealie-recipes/mealie/issues/1887',
    example: {
      reply: '551 5.7.1 Multiple addresses in a From header is not allowed',
      to: 'end',
      provider: 'fastmail',
    },
  },
  {
    name: 'sender-address-bad',
    when: { code: '5yz', enhanced: ['5.1.7', '5.1.8', '5.1.9'] },
    means: {
      kind: 'never',
      say: '%provider does not accept the address of the sender',
      advice: 'Send it under an address that exists in the world and is yours there',
    },
    source: 'RFC 3463 §3.2, RFC 5248 §2.4',
    example: {
      reply: '550 5.1.8 <ann@restante.local>: Sender address rejected: Domain not found',
      to: 'mail',
      provider: '',
    },
  },
  {
    name: 'sender-authentication',
    when: {
      code: '5yz',
      enhanced: ['5.7.20', '5.7.21', '5.7.22', '5.7.23', '5.7.24', '5.7.26', '5.7.27', '5.7.515'],
    },
    means: {
      kind: 'never',
      say: 'It could not be shown that the mail really is from the address of the sender',
      advice:
        'Send it by the provider to which that address belongs: it signs the mail (SPF, DKIM, ' +
        'DMARC)',
    },
    source: 'RFC 7372 §3, https://support.google.com/mail/answer/81126',
    example: {
      reply:
        '550-5.7.26 Your email has been blocked because the sender is unauthenticated.\r\n' +
        '550 5.7.26 Gmail requires all senders to authenticate with either SPF or DKIM. - gsmtp',
      to: 'end',
      provider: '',
    },
  },
];
