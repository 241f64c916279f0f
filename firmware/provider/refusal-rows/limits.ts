/*
 * Refusals that mean "not now, you have sent enough": many come with a 5yz code, and would be
 * bounces if the first digit were believed. Daily limits roll over 24 hours at most providers, so
 * there is no hour at which they end for sure; the next morning at eight much of the day before has
 * left the window, and it is a time that people understand. Who is refused again waits a day more.
 */
import type { RefusalRow } from '../refusal-row.ts';

const minute = 60_000;
const hour = 60 * minute;
const morning = { at: '08:00' } as const;

const enoughToday = '%provider takes no more mail from this account for today';
const enoughThisHour = '%provider takes no more mail from this account for this hour';

const gmailErrors = 'https://support.google.com/a/answer/3726730';

export const limitRows: readonly RefusalRow[] = [
  {
    name: 'gmail-daily-limit',
    when: { enhanced: ['5.4.5', '4.4.5'], says: /sending (?:quota|limit)/i },
    means: { kind: 'quota', say: enoughToday, resumes: morning },
    source: `${gmailErrors} and https://support.google.com/a/answer/166852 (up to 24 hours)`,
    example: {
      reply:
        '550-5.4.5 Daily user sending limit exceeded. For more information on Gmail\r\n' +
        '550-5.4.5 sending limits go to\r\n' +
        '550 5.4.5  https://support.google.com/a/answer/166852 d2e1a72fcca58-76e.112 - gsmtp',
      to: 'end',
      provider: 'gmail',
    },
  },
  {
    name: 'gmail-too-many-sign-ins',
    when: { code: [421, 454], says: /too many login attempts/i },
    means: {
      kind: 'quota',
      say: '%provider has seen too many sign-ins and wants a rest',
      resumes: { afterMs: hour },
    },
    source: `${gmailErrors} and https://support.google.com/mail/answer/7126229`,
    example: {
      reply: '454 4.7.0 Too many login attempts, please try again later. n5sm10868.78 - gsmtp',
      to: 'sign-in',
      provider: 'gmail',
    },
  },
  {
    name: 'gmail-unusual-rate',
    when: { code: [421, 450, 550], enhanced: ['x.7.28', 'x.7.0'], says: /unusual rate/i },
    means: {
      kind: 'quota',
      say: '%provider finds that too much mail comes at once',
      resumes: { afterMs: hour },
    },
    source: gmailErrors,
    example: {
      reply:
        '421-4.7.28 Gmail has detected an unusual rate of mail originating from your account.\r\n' +
        '421 4.7.28 To protect our users it has been temporarily rate limited. x1 - gsmtp',
      to: 'end',
      provider: 'gmail',
    },
  },
  {
    name: 'gmail-relay-limit',
    when: { code: [450, 550], enhanced: ['4.2.1', '5.7.1'], says: /smtp relay limit exceeded/i },
    means: { kind: 'quota', say: enoughToday, resumes: morning },
    source: gmailErrors,
    example: {
      reply: '550 5.7.1 Daily SMTP relay limit exceeded for customer. 1si2 - gsmtp',
      to: 'mail',
      provider: 'google-workspace',
    },
  },
  {
    name: 'gmx-ionos-send-limit',
    when: { says: /mail send limit exceeded/i },
    means: { kind: 'quota', say: enoughThisHour, resumes: { afterMs: hour } },
    source: 'https://www.ionos.ca/help/email/general-topics/what-are-the-mass-mailing-limits/',
    example: {
      reply:
        '450-Requested mail action not taken: mailbox unavailable\r\n' +
        '450 Mail send limit exceeded.',
      to: 'rcpt',
      provider: 'gmx',
    },
  },
  {
    name: 'gmx-failure-sending',
    when: { code: [450, 550], says: /failure sending mail\. try again later/i },
    means: { kind: 'later', say: '%provider could not take it in just now' },
    source: 'https://github.com/jstedfast/MailKit/issues/968',
    example: {
      reply:
        '550-Requested action not taken: mailbox unavailable\r\n' +
        '550 Failure sending mail. Try again later',
      to: 'rcpt',
      provider: 'gmx',
    },
  },
  {
    name: 't-online-send-quota',
    when: { says: /send quota exceeded/i },
    means: { kind: 'quota', say: enoughToday, resumes: morning },
    source:
      'https://edvservice.bayern/t-online-kein-versand-von-emails-moeglich-send-quota-exceeded/',
    example: { reply: '550 5.7.0 Send quota exceeded', to: 'rcpt', provider: 't-online' },
  },
  {
    name: 'icloud-daily-limit',
    when: {
      says: /exceeded (?:your|its|the) (?:daily |hourly |24-hour )?sending (?:limit|quota)/i,
    },
    means: { kind: 'quota', say: enoughToday, resumes: morning },
    source:
      'https://support.apple.com/en-us/HT202305, https://github.com/nodemailer/nodemailer/issues/1137',
    example: {
      reply:
        '550 5.7.1 ann@icloud.com: You have exceeded your daily sending limit. ' +
        'Please try again later.',
      to: 'mail',
      provider: 'icloud',
    },
  },
  {
    name: 'reached-sending-limit',
    when: { says: /reached (?:a|your|the) (?:\w+ )?limit for sending|reached your sending limit/i },
    means: { kind: 'quota', say: enoughToday, resumes: morning },
    source:
      'https://support.google.com/mail/answer/22839, ' +
      'https://support.junara.com/hc/en-au/articles/13986538738063-Email-sending-limits',
    example: {
      reply: "451 policy - SC01 You've reached your sending limit. You can send again soon.",
      to: 'end',
      provider: '',
    },
  },
  {
    name: 'yahoo-deferred',
    when: { code: [421, 451], says: /\[TSS?\d\d\]|temporarily deferred due to/i },
    means: {
      kind: 'quota',
      say: '%provider finds that too much mail comes at once, or that people complain about it',
      resumes: { afterMs: 4 * hour },
    },
    source: 'https://help.yahoo.com/kb/review-xx-smtp-sln26151.html (try again after 4 hours)',
    example: {
      reply:
        '421 4.7.0 [TSS04] Messages from 203.0.113.7 temporarily deferred due to unexpected ' +
        'volume or user complaints - 4.16.55.1; see https://postmaster.yahooinc.com/error-codes',
      to: 'mail',
      provider: 'yahoo',
    },
  },
  {
    name: 'zoho-unusual-activity',
    when: { enhanced: ['5.4.6'], says: /unusual sending activity/i },
    means: {
      kind: 'quota',
      say:
        '%provider has stopped sending for this account, for it looked unusual. Sign in on its ' +
        'web page and unblock it there',
      resumes: morning,
    },
    source:
      'https://help.zoho.com/portal/en/community/topic/unable-to-send-message-reason-550-5-4-6-unusual-sending-activity-detected',
    example: {
      reply: '550 5.4.6 Unusual sending activity detected. Please try after sometime.',
      to: 'end',
      provider: 'zoho',
    },
  },
  {
    name: 'ses-daily-quota',
    when: { code: 454, says: /daily message quota exceeded/i },
    means: { kind: 'quota', say: enoughToday, resumes: morning },
    source: 'https://docs.aws.amazon.com/ses/latest/dg/manage-sending-quotas-errors.html',
    example: {
      reply: '454 Throttling failure: Daily message quota exceeded.',
      to: 'end',
      provider: '',
    },
  },
  {
    name: 'ses-rate',
    when: { code: 454, says: /throttling failure/i },
    means: {
      kind: 'quota',
      say: '%provider wants less mail at a time',
      resumes: { afterMs: 10 * minute },
    },
    source:
      'https://docs.aws.amazon.com/ses/latest/dg/manage-sending-quotas-errors.html (10 minutes)',
    example: {
      reply: '454 Throttling failure: Maximum sending rate exceeded.',
      to: 'end',
      provider: '',
    },
  },
  {
    name: 'policy-per-day',
    when: {
      says: /\b\d+ (?:rcpts|recipients|messages|mails|emails) (?:per|in|a) (?:24 ?hours|day)/i,
    },
    means: { kind: 'quota', say: enoughToday, resumes: morning },
    source: 'https://github.com/deltachat/deltachat-core/issues/647 (limits in Postfix policies)',
    example: {
      reply:
        '550 5.7.1 <DATA>: Data command rejected: limit of 400 rcpts per 24 hours for client ' +
        'ann@a.example reached',
      to: 'data',
      provider: '',
    },
  },
  {
    name: 'policy-per-hour',
    when: {
      says: /number (?:of )?(?:messages|recipients) per hour exceeded|failures per hour \(/i,
    },
    means: { kind: 'quota', say: enoughThisHour, resumes: { afterMs: hour } },
    source:
      'https://www.thiswebhost.com/clients/knowledgebase/554/I-am-receiving-an-error-sending-e-mail.html (cPanel)',
    example: {
      reply:
        '550 Domain a.example has exceeded the max defers and failures per hour (5/5 (100%)) ' +
        'allowed. Message discarded.',
      to: 'rcpt',
      provider: '',
    },
  },
  {
    name: 'account-quota',
    when: { says: /you have exceeded your \w* ?quota/i },
    means: { kind: 'quota', say: enoughToday, resumes: morning },
    source: 'https://www.prolateral.com/help/kb/smtp/530-what-does-smtp-554-571-mean.html',
    example: {
      reply:
        '554 5.7.1 <ann@a.example>: Recipient address rejected: You have exceeded your Outmail ' +
        'quota.',
      to: 'rcpt',
      provider: '',
    },
  },
  {
    name: 'mailbox-throttled',
    when: {
      code: '4yz',
      enhanced: ['x.2.0', 'x.2.1'],
      says: /throttl|too many|rate/i,
      to: ['rcpt'],
    },
    means: { kind: 'later', say: 'The recipient gets too much mail at once' },
    source: 'https://postmaster.comcast.net/smtp-error-codes.php#RL000010, RFC 3463 §3.3',
    example: {
      reply: '451 4.2.0 Throttled - https://postmaster.comcast.net/smtp-error-codes.php#RL000010',
      to: 'rcpt',
      provider: '',
    },
  },
  {
    name: 'rate-limit',
    when: {
      code: '4yz',
      says: /rate limit|too much mail|too many (?:messages|mails|emails)|throttl|sending too fast/i,
    },
    means: {
      kind: 'quota',
      say: '%provider wants less mail at a time',
      resumes: { afterMs: 15 * minute },
    },
    source:
      'https://ionos.de/hilfe/e-mail/postmaster/smtp-fehlermeldungen-der-11-ionos-mailserver, ' +
      'https://www.postfix.org/TUNING_README.html#conn_limit',
    example: {
      reply: '450 4.7.1 Error: too much mail from 203.0.113.7',
      to: 'mail',
      provider: '',
    },
  },
];
