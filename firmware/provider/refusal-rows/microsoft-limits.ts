/*
 * Microsoft's ways of saying "not now, you have sent enough", at Outlook.com and Microsoft 365: the
 * 432 and 554 5.2.0 families. The limits roll over 24 hours; limits.ts says why the next morning
 * is waited for.
 */
import type { RefusalRow } from '../refusal-row.ts';

const morning = { at: '08:00' } as const;
const enoughToday = '%provider takes no more mail from this account for today';

const microsoftReports =
  'https://learn.microsoft.com/troubleshoot/exchange/email-delivery/ndr/non-delivery-reports-in-exchange-online';
const microsoftSubmission =
  'https://learn.microsoft.com/exchange/troubleshoot/send-emails/smtp-submission-improvements';

export const microsoftLimitRows: readonly RefusalRow[] = [
  {
    name: 'microsoft-recipient-busy',
    when: { says: /recipient thread limit|\bSTOREDRV\.Deliver\b/i },
    means: { kind: 'later', say: "The recipient's mailbox is busy" },
    source: microsoftReports,
    example: {
      reply: '432 4.3.2 STOREDRV.Deliver; recipient thread limit exceeded',
      to: 'end',
      provider: 'microsoft365',
    },
  },
  {
    name: 'microsoft-connections',
    when: { says: /sender thread limit|concurrent connections? limit/i },
    means: { kind: 'pause', say: '%provider wants fewer connections of this account at a time' },
    source:
      'https://techcommunity.microsoft.com/blog/exchange/changes-coming-to-the-smtp-authenticated-submission-client-protocol/607825',
    example: {
      reply:
        '432 4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded ' +
        '[Hostname=DM4PR18MB4126.namprd18.prod.outlook.com]',
      to: 'end',
      provider: 'microsoft365',
    },
  },
  {
    name: 'microsoft-432',
    when: { code: 432, enhanced: ['4.3.2'] },
    means: { kind: 'pause', say: '%provider wants less mail of this account at a time' },
    source: microsoftReports,
    example: { reply: '432 4.3.2 Throttled', to: 'end', provider: 'outlook' },
  },
  {
    name: 'microsoft-submission-quota',
    when: { says: /SubmissionQuotaExceeded|submission quota/i },
    means: { kind: 'quota', say: enoughToday, resumes: morning },
    source: microsoftSubmission,
    example: {
      reply:
        '554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException; Failed to ' +
        "process message due to a permanent exception with message The message can't be " +
        "submitted because the sender's submission quota was exceeded.",
      to: 'end',
      provider: 'microsoft365',
    },
  },
  {
    name: 'microsoft-daily-recipients',
    when: {
      code: '5yz',
      enhanced: ['5.1.90', '5.1.92', '5.7.232', '5.7.233'],
    },
    means: { kind: 'quota', say: enoughToday, resumes: morning },
    source: microsoftReports,
    example: {
      reply:
        "550 5.1.90 Your message can't be sent because you've reached your daily limit for " +
        'message recipients',
      to: 'end',
      provider: 'microsoft365',
    },
  },
  {
    name: 'microsoft-recipient-receives-too-much',
    when: { enhanced: ['x.2.121', 'x.2.122'] },
    means: { kind: 'later', say: 'The recipient gets more mail than is let in within an hour' },
    source: `${microsoftReports} (3,600 an hour from all, 1,200 from one sender)`,
    example: {
      reply: '550 5.2.122 The recipient has exceeded their limit for the number of messages',
      to: 'rcpt',
      provider: 'microsoft365',
    },
  },
  {
    name: 'microsoft-outbound-spam',
    when: { says: /OutboundSpamException|WASCL/i },
    means: {
      kind: 'quota',
      say:
        '%provider holds this account back. Sign in on its web page and see whether it wants ' +
        'the account verified; a new account may send little at first',
      resumes: morning,
    },
    source:
      'https://support.microsoft.com/office/sending-limits-in-outlook-com-279ee200-594c-40f0-9ec8-bb6af7735c2e ' +
      'and https://github.com/nodemailer/nodemailer/issues/1486 (it passes)',
    example: {
      reply:
        '554 5.2.0 STOREDRV.Submission.Exception:OutboundSpamException; Failed to process ' +
        'message due to a permanent exception with message WASCL UserAction verdict is not ' +
        'None. Actual verdict is RefuseQuota, ShowTierUpgrade.',
      to: 'end',
      provider: 'outlook',
    },
  },
  {
    name: 'microsoft-account-blocked',
    when: {
      code: '5yz',
      enhanced: ['5.1.8', '5.7.501', '5.7.502', '5.7.503', '5.7.705', '5.7.708', '5.7.750'],
      says: /outbound sender|access denied|spam abuse|tenant|banned|threshold|unregistered/i,
    },
    means: {
      kind: 'quota',
      say:
        '%provider has blocked sending for this account, because somebody may have sent spam by ' +
        'it. Change its password there, look for unblocking it, and look for a virus',
      resumes: morning,
    },
    source: microsoftReports,
    example: {
      reply: '550 5.1.8 Access denied, bad outbound sender AS(42004)',
      to: 'end',
      provider: 'microsoft365',
    },
  },
  {
    name: 'microsoft-server-busy',
    when: { code: 451, enhanced: microsoftBusy() },
    means: { kind: 'pause', say: '%provider is busy' },
    source: `${microsoftReports} (4.7.500 to 4.7.699)`,
    example: {
      reply: '451 4.7.500 Server busy. Please try again later from [203.0.113.7]. (S77719)',
      to: 'rcpt',
      provider: 'microsoft365',
    },
  },
];

function microsoftBusy(): string[] {
  return Array.from({ length: 200 }, (_, index) => `4.7.${500 + index}`);
}
