/*
 * Refusals of a message for what it is: too large, taken for spam, with a virus, in a form that the
 * next server cannot carry, going round in circles. It goes back to its sender with some advice.
 */
import type { RefusalRow } from '../refusal-row.ts';

const smaller = 'Send it with smaller or fewer attachments, or put them somewhere to download';
const reword =
  "Change its words, links or attachments; the server's own words may say which. A " +
  'short personal text before a link helps';

const gmailErrors = 'https://support.google.com/a/answer/3726730';

export const messageRows: readonly RefusalRow[] = [
  {
    name: 'microsoft-too-large',
    when: { says: /MessageSubmissionExceeded|MaxSubmissionExceeded/i },
    means: {
      kind: 'never',
      say: 'The message is too large for %provider',
      advice: smaller,
      status: '5.3.4',
    },
    source: 'https://github.com/pankleks/pm2-health/issues/52',
    example: {
      reply:
        '554 5.2.0 STOREDRV.Submission.Exception:MessageSubmissionExceededException.' +
        'MapiExceptionMaxSubmissionExceeded; Message size exceeds maximum size limit.',
      to: 'end',
      provider: 'microsoft365',
    },
  },
  {
    name: 'microsoft-554-5.2.0',
    when: { code: [550, 554], says: /STOREDRV\.(?:Client)?Submi/i },
    means: { kind: 'later', say: '%provider could not take it in' },
    source:
      'https://learn.microsoft.com/exchange/troubleshoot/send-emails/smtp-submission-improvements ' +
      '(what is not in a row above: kept, and told to its sender when it lasts)',
    example: {
      reply:
        '554 5.2.0 STOREDRV.Submission.Exception:StorageTransientException; Failed to process ' +
        'message due to a transient exception with message Cannot submit message.',
      to: 'end',
      provider: 'outlook',
    },
  },
  {
    name: 'too-large',
    when: { code: '5yz', enhanced: ['5.3.4', '5.2.3'] },
    means: { kind: 'never', say: 'The message is too large', advice: smaller },
    source: `RFC 3463 §3.4, RFC 1870 §6.1, ${gmailErrors} (552 5.2.3)`,
    example: {
      reply: "552-5.2.3 Your message exceeded Google's message size limits.\r\n552 5.2.3 - gsmtp",
      to: 'end',
      provider: 'gmail',
    },
  },
  {
    name: 'too-large-in-words',
    when: { code: '5yz', says: /message (?:is )?too (?:large|big|long)|message size exceeds/i },
    means: {
      kind: 'never',
      say: 'The message is too large',
      advice: smaller,
      status: '5.3.4',
    },
    source: 'RFC 1870 §6.1',
    example: { reply: '552 Message size exceeds fixed limit', to: 'mail', provider: '' },
  },
  {
    name: 'virus',
    when: { code: '5yz', says: /\bvirus\b|\bmalware\b|potential security issue/i },
    means: {
      kind: 'never',
      say: 'An attachment is taken for a virus, or is of a kind that viruses are',
      advice: 'Send it without that attachment, or put it somewhere to download',
    },
    source: `${gmailErrors} (552 5.7.0), https://smtp.codes/zoho`,
    example: {
      reply:
        '552-5.7.0 This message was blocked because its content presents a potential\r\n' +
        '552 5.7.0 security issue. x1 - gsmtp',
      to: 'end',
      provider: 'gmail',
    },
  },
  {
    name: 'taken-for-spam',
    when: {
      code: '5yz',
      says: /\bspam\b|unsolicited|policy reasons|content rejected|possible abuse|ofr_506/i,
      to: ['data', 'end'],
    },
    means: { kind: 'never', say: 'The message was taken for spam', advice: reword },
    source: `${gmailErrors} (550 5.7.1), https://postmaster.yahooinc.com/error-codes (554 5.7.9)`,
    example: {
      reply:
        '554 5.7.9 Message not accepted for policy reasons. See https://postmaster.yahooinc.com',
      to: 'end',
      provider: 'yahoo',
    },
  },
  {
    name: 'gmx-policy',
    when: { code: 554, says: /reject due to policy/i, to: ['data', 'end'] },
    means: {
      kind: 'never',
      say: '%provider did not take this message: it looks like spam, or its header is not right',
      advice: 'See that it has a From, a To and a Date, change its words, and send it again',
    },
    source:
      'https://github.com/authelia/authelia/issues/2571, https://postmaster.gmx.net/en/error-messages',
    example: {
      reply:
        '554-Transaction failed\r\n554-Reject due to policy restrictions.\r\n' +
        '554 For explanation visit https://postmaster.gmx.net/en/error-messages?c=hi',
      to: 'end',
      provider: 'gmx',
    },
  },
  {
    name: 'yahoo-request-failed',
    when: { providers: ['yahoo', 'aol', 'xfinity'], code: 550, says: /request failed/i },
    means: {
      kind: 'never',
      say: '%provider did not take this message and does not say why; mostly it looks like spam',
      advice: reword,
    },
    source: 'https://github.com/PHPMailer/PHPMailer/issues/2685',
    example: { reply: '550 Request failed; Mailbox unavailable', to: 'end', provider: 'yahoo' },
  },
  {
    name: 'loop',
    when: { code: '5yz', enhanced: ['5.4.6', '5.4.14'] },
    means: {
      kind: 'never',
      say: 'The message goes round in circles',
      advice: 'Somewhere two addresses forward to each other; one of them has to stop',
    },
    source: 'RFC 3463 §3.5',
    example: {
      reply: '554 5.4.6 Too many hops',
      to: 'end',
      provider: '',
    },
  },
  {
    name: 'needs-smtputf8',
    when: { code: '5yz', enhanced: ['5.6.7', '5.6.8', '5.6.9'] },
    means: {
      kind: 'never',
      say: 'An address has letters that mail servers on the way do not understand',
      advice: 'Ask for an address of plain letters (a to z) and send it there',
    },
    source: 'RFC 6531 §3.5, §3.6',
    example: {
      reply: '550 5.6.7 SMTPUTF8 is required, but was not offered by host mx.a.example',
      to: 'rcpt',
      provider: '',
    },
  },
  {
    name: 'form-of-message',
    when: { code: '5yz', enhanced: ['5.6.0', '5.6.1', '5.6.2', '5.6.3', '5.6.5', '5.6.6'] },
    means: {
      kind: 'never',
      say: 'The message is written in a form that %provider does not take',
      advice: 'Write it anew with another mail program, or as plain text',
    },
    source: 'RFC 3463 §3.7',
    example: { reply: '554 5.6.1 Eight bit data not allowed', to: 'end', provider: '' },
  },
];
