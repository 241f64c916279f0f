/*
 * Refusals of a sign-in, and of mail from somebody who did not sign in: a person is needed, and the
 * mail waits. What the person is to do depends on the provider: an app password, the provider's own
 * pages (OAuth), a switch in its settings.
 */
import type { RefusalRow } from '../refusal-row.ts';

const oauth = 'Sign in on its own pages: restante uplink signin NAME';
const another = 'Give the right one: restante uplink password NAME';
const encrypt = 'Remove the uplink and add it with --security starttls or tls';

const gmailErrors = 'https://support.google.com/a/answer/3726730';

export const signInRows: readonly RefusalRow[] = [
  {
    name: 'microsoft-no-basic',
    when: { says: /basic authentication is disabled/i },
    means: { kind: 'sign-in', say: '%provider takes no passwords any more', advice: oauth },
    source:
      'https://learn.microsoft.com/exchange/clients-and-mobile-in-exchange-online/deprecation-of-basic-authentication-exchange-online, ' +
      'https://github.com/nodemailer/nodemailer/issues/1714',
    example: {
      reply:
        '535 5.7.139 Authentication unsuccessful, basic authentication is disabled. ' +
        '[PN0PR01CA0024.INDPRD01.PROD.OUTLOOK.COM 2025-01-26T18:54:30.055Z 08DD3DD7D75D7743]',
      to: 'sign-in',
      provider: 'outlook',
    },
  },
  {
    name: 'microsoft-smtp-off',
    when: { says: /SmtpClientAuthentication is disabled/i },
    means: {
      kind: 'sign-in',
      say: '%provider does not let this mailbox send by SMTP',
      advice:
        'Whoever administers it has to allow "Authenticated SMTP" for the mailbox: ' +
        'https://aka.ms/smtp_auth_disabled',
    },
    source:
      'https://learn.microsoft.com/exchange/clients-and-mobile-in-exchange-online/authenticated-client-smtp-submission',
    example: {
      reply:
        '535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the ' +
        'Tenant. Visit https://aka.ms/smtp_auth_disabled for more information.',
      to: 'sign-in',
      provider: 'microsoft365',
    },
  },
  {
    name: 'microsoft-not-signed-in',
    when: { code: 530, enhanced: ['5.7.57'] },
    means: { kind: 'sign-in', say: '%provider wants a sign-in first', advice: oauth },
    source:
      'https://learn.microsoft.com/troubleshoot/exchange/email-delivery/ndr/non-delivery-reports-in-exchange-online',
    example: {
      reply: '530 5.7.57 Client not authenticated to send mail. [AM6PR0732.prod.outlook.com]',
      to: 'mail',
      provider: 'microsoft365',
    },
  },
  {
    name: 'microsoft-refused',
    when: { providers: ['outlook', 'microsoft365'], code: 535, to: ['sign-in'] },
    means: {
      kind: 'sign-in',
      say: '%provider refuses the sign-in',
      advice: `${oauth}. It may ask in its web mail whether that was you`,
    },
    source: 'https://github.com/mageplaza/magento-2-smtp/issues/108',
    example: {
      reply: '535 5.7.3 Authentication unsuccessful [DB6P18901CA0015.EURP189.PROD.OUTLOOK.COM]',
      to: 'sign-in',
      provider: 'microsoft365',
    },
  },
  {
    name: 'gmail-app-password',
    when: { enhanced: ['5.7.9'], says: /application-specific password/i },
    means: {
      kind: 'sign-in',
      say: '%provider wants an app password, not the password of the account',
      advice: 'Make one at %passwords. Then: restante uplink password NAME',
    },
    source: `${gmailErrors} and https://support.google.com/accounts/answer/185833`,
    example: {
      reply:
        '534-5.7.9 Application-specific password required. For more information, go to\r\n' +
        '534 5.7.9  https://support.google.com/mail/?p=InvalidSecondFactor 1sm - gsmtp',
      to: 'sign-in',
      provider: 'gmail',
    },
  },
  {
    name: 'gmail-web-sign-in',
    when: { code: [534, 535], says: /log in (?:via|with) your web browser|WebLoginRequired/i },
    means: {
      kind: 'sign-in',
      say: '%provider wants to see a person before it lets the box in',
      advice: 'Sign in to the account with a browser and answer what it asks; then: restante flush',
    },
    source: gmailErrors,
    example: {
      reply: '534 5.7.14 Please log in via your web browser and then try again. 1sm - gsmtp',
      to: 'sign-in',
      provider: 'gmail',
    },
  },
  {
    name: 'app-password',
    when: {
      providers: ['gmail', 'google-workspace', 'icloud', 'yahoo', 'aol', 'fastmail', 't-online'],
      code: [534, 535],
      to: ['sign-in'],
    },
    means: {
      kind: 'sign-in',
      say: '%provider refuses the password. It wants an app password, not the one of the account',
      advice: 'Make one at %passwords. Then: restante uplink password NAME',
    },
    source:
      'https://support.google.com/mail/?p=BadCredentials, https://support.apple.com/102654, ' +
      'https://help.yahoo.com/kb/SLN15241.html, https://github.com/nodemailer/nodemailer/issues/1112',
    example: {
      reply:
        '535-5.7.8 Username and Password not accepted. For more information, go to\r\n' +
        '535 5.7.8  https://support.google.com/mail/?p=BadCredentials lf4-2002.2999 - gsmtp',
      to: 'sign-in',
      provider: 'gmail',
    },
  },
  {
    name: 'programs-shut-out',
    when: {
      providers: ['gmx', 'gmx.com', 'web.de', 'freenet', 'zoho', 'xfinity', 'mailbox.org'],
      code: [530, 534, 535],
      to: ['sign-in'],
    },
    means: {
      kind: 'sign-in',
      say: '%provider refuses the sign-in',
      advice:
        'See that mail programs (POP3, IMAP, SMTP) are allowed in the settings of the mailbox; ' +
        'with two-factor sign-in it also wants an app password (%passwords). Then: restante ' +
        'uplink password NAME',
    },
    source:
      'https://hilfe.gmx.net/pop-imap/einschalten.html, ' +
      'https://hilfe.gmx.net/sicherheit/2fa/anwendungsspezifisches-passwort.html',
    example: { reply: '535 Authentication credentials invalid', to: 'sign-in', provider: 'gmx' },
  },
  {
    name: 'account-disabled',
    when: { enhanced: ['5.7.13'] },
    means: {
      kind: 'sign-in',
      say: '%provider has disabled this account',
      advice: 'Sign in with a browser and see why',
    },
    source: 'RFC 5248 §2.4 (X.7.13)',
    example: {
      reply: '525 5.7.13 User account disabled',
      to: 'sign-in',
      provider: '',
    },
  },
  {
    name: 'password-transition',
    when: { code: 432, enhanced: ['4.7.12'] },
    means: {
      kind: 'sign-in',
      say: '%provider wants the password to be set anew before it can be used this way',
      advice: `Sign in once with a browser. If the password changed: ${another}`,
    },
    source: 'RFC 4954 §6',
    example: {
      reply: '432 4.7.12 A password transition is needed',
      to: 'sign-in',
      provider: '',
    },
  },
  {
    name: 'encryption-first',
    when: { code: [530, 538, 554], says: /starttls|encryption (?:is )?required|must use tls/i },
    means: { kind: 'sign-in', say: '%provider wants an encrypted connection', advice: encrypt },
    source: 'RFC 3207 §4, RFC 4954 §6',
    example: { reply: '530 5.7.0 Must issue a STARTTLS command first', to: 'mail', provider: '' },
  },
  {
    name: 'encryption-for-mechanism',
    when: { code: 538 },
    means: { kind: 'sign-in', say: '%provider wants an encrypted connection', advice: encrypt },
    source: 'RFC 4954 §6',
    example: {
      reply: '538 5.7.11 Not on a connection like this',
      to: 'sign-in',
      provider: '',
    },
  },
  {
    name: 'mechanism-too-weak',
    when: { code: 534, enhanced: ['5.7.9'] },
    means: {
      kind: 'sign-in',
      say: '%provider does not take a password sent this way',
      advice: `Look there for app passwords, or for another server name. Then: ${another}`,
    },
    source: 'RFC 4954 §6',
    example: {
      reply: '534 5.7.9 Authentication mechanism is too weak',
      to: 'sign-in',
      provider: '',
    },
  },
  {
    name: 'sign-in-first',
    when: { code: 530, to: ['mail', 'rcpt', 'data', 'end'] },
    means: {
      kind: 'sign-in',
      say: '%provider wants a sign-in first',
      advice: 'Remove the uplink and add it with --user and a password',
    },
    source: 'RFC 4954 §6',
    example: { reply: '530 5.7.0 Authentication required', to: 'mail', provider: '' },
  },
  {
    name: 'sign-in-first-in-words',
    when: {
      code: [503, 550, 554],
      says: /\bAUTH (?:command )?first|authentication (?:is )?required|requires authentication/i,
      to: ['mail', 'rcpt', 'data', 'end'],
    },
    means: {
      kind: 'sign-in',
      say: '%provider wants a sign-in first',
      advice: 'Remove the uplink and add it with --user and a password',
    },
    source: 'RFC 4954 §6 (servers from before it say 503 or 550)',
    example: { reply: '503 5.5.4 Error: send AUTH command first.', to: 'mail', provider: '' },
  },
  {
    name: 'sign-in-later',
    when: { code: '4yz', to: ['sign-in'] },
    means: { kind: 'pause', say: '%provider cannot check the sign-in just now' },
    source: 'RFC 4954 §6',
    example: {
      reply: '454 4.7.0 Temporary authentication failure',
      to: 'sign-in',
      provider: '',
    },
  },
  {
    name: 'sign-in-refused',
    when: { code: '5yz', to: ['sign-in'] },
    means: {
      kind: 'sign-in',
      say: '%provider refuses the user or the password',
      advice: another,
    },
    source: 'RFC 4954 §6',
    example: {
      reply: '535 5.7.8 Error: authentication failed: authentication failure',
      to: 'sign-in',
      provider: '',
    },
  },
];
