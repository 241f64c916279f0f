/*
 * The providers that households have accounts at, as a table. nodemailer's well-known list, which
 * is larger and knows SMTP only, is asked for those that are not here (well-known.ts); where both
 * know one, this table is right: its rows were read at the source they name.
 *
 * Ports: TLS from the first octet where the provider has it (RFC 8314 §3.3).
 */
import type { Preset, Server } from './preset.ts';

const mebibyte = 1_048_576;

/** https://support.google.com/mail/answer/7126229 has the connections. */
const googleCollecting = {
  imapOctetsPerDay: 2_500_000_000,
  pop3OctetsPerDay: 1_250_000_000,
  imapConnections: 15,
  source: 'https://support.google.com/a/answer/1071518',
};
const googlePop3First =
  'Turn POP on once in the settings of Gmail: Forwarding and POP/IMAP, for all mail.';

const submissions = (host: string): Server => ({ host, port: 465, security: 'tls' });
const submission = (host: string): Server => ({ host, port: 587, security: 'starttls' });
const imaps = (host: string): Server => ({ host, port: 993, security: 'tls' });
const pop3s = (host: string): Server => ({ host, port: 995, security: 'tls' });

/** Microsoft's servers for reading are the same for people and for companies. */
const outlookOffice = {
  imap: imaps('outlook.office365.com'),
  pop3: pop3s('outlook.office365.com'),
  signIn: ['oauth'],
  oauth: 'microsoft',
} as const;

/** 1&1's family: mail programs are shut out until their owner lets them in, once. */
const letProgramsIn = (settings: string) =>
  `Allow mail programs (POP3, IMAP) once in its settings: ${settings}`;

export const presets: readonly Preset[] = [
  {
    name: 'gmail',
    title: 'Gmail',
    aliases: ['google', 'google mail'],
    domains: ['gmail.com', 'googlemail.com'],
    smtp: submissions('smtp.gmail.com'),
    imap: imaps('imap.gmail.com'),
    pop3: pop3s('pop.gmail.com'),
    signIn: ['app-password', 'oauth'],
    oauth: 'google',
    appPasswords: 'https://myaccount.google.com/apppasswords',
    first: 'Turn on 2-Step Verification of the Google account; only then there are app passwords.',
    pop3First: googlePop3First,
    limits: { messagesPerDay: 500, recipients: 100, octets: 25 * mebibyte },
    collecting: googleCollecting,
    source: 'https://support.google.com/mail/answer/7126229',
  },
  {
    name: 'google-workspace',
    title: 'Google Workspace',
    aliases: ['g suite', 'workspace'],
    domains: [],
    smtp: submissions('smtp.gmail.com'),
    imap: imaps('imap.gmail.com'),
    pop3: pop3s('pop.gmail.com'),
    signIn: ['app-password', 'oauth'],
    oauth: 'google',
    appPasswords: 'https://myaccount.google.com/apppasswords',
    pop3First: googlePop3First,
    limits: { messagesPerDay: 2_000, recipients: 100, octets: 25 * mebibyte },
    collecting: googleCollecting,
    source: 'https://support.google.com/a/answer/166852',
  },
  {
    name: 'outlook',
    title: 'Outlook.com',
    aliases: ['hotmail', 'live', 'msn', 'microsoft'],
    domains: [
      ...['outlook.com', 'outlook.at', 'outlook.be', 'outlook.cl', 'outlook.cz', 'outlook.de'],
      ...['outlook.dk', 'outlook.es', 'outlook.fr', 'outlook.hu', 'outlook.ie', 'outlook.in'],
      ...['outlook.it', 'outlook.jp', 'outlook.kr', 'outlook.lv', 'outlook.pt', 'outlook.sk'],
      ...['outlook.com.au', 'outlook.com.br', 'outlook.com.gr', 'outlook.com.tr'],
      ...['hotmail.com', 'hotmail.be', 'hotmail.ca', 'hotmail.ch', 'hotmail.cz', 'hotmail.de'],
      ...['hotmail.dk', 'hotmail.es', 'hotmail.fi', 'hotmail.fr', 'hotmail.gr', 'hotmail.hu'],
      ...['hotmail.it', 'hotmail.nl', 'hotmail.no', 'hotmail.se', 'hotmail.co.jp'],
      ...['hotmail.co.uk', 'hotmail.com.ar', 'hotmail.com.au', 'hotmail.com.br'],
      ...['live.com', 'live.at', 'live.be', 'live.ca', 'live.cn', 'live.de', 'live.dk', 'live.fi'],
      ...['live.fr', 'live.ie', 'live.it', 'live.jp', 'live.nl', 'live.no', 'live.ru', 'live.se'],
      ...['live.co.uk', 'live.com.au', 'live.com.mx', 'live.com.pt', 'msn.com', 'windowslive.com'],
    ],
    smtp: submission('smtp-mail.outlook.com'),
    ...outlookOffice,
    connections: 2,
    limits: { recipientsPerDay: 5_000, recipients: 500, octets: 34 * mebibyte },
    source:
      'https://support.microsoft.com/office/pop-imap-and-smtp-settings-for-outlook-com-d088b986-291d-42b8-9564-9c414e2aa040',
  },
  {
    name: 'microsoft365',
    title: 'Microsoft 365',
    aliases: ['office 365', 'outlook 365', 'exchange online', 'm365', 'o365'],
    domains: [],
    smtp: submission('smtp.office365.com'),
    ...outlookOffice,
    first: 'An administrator has to allow "Authenticated SMTP" for the mailbox, once.',
    connections: 3,
    limits: { recipientsPerDay: 10_000, recipients: 500, octets: 150 * mebibyte },
    // Told by its users; it counts connections that are closed for a while yet.
    collecting: {
      imapConnections: 20,
      source: 'https://github.com/mscdex/node-imap/issues/523',
    },
    source:
      'https://learn.microsoft.com/exchange/clients-and-mobile-in-exchange-online/authenticated-client-smtp-submission',
  },
  {
    name: 'icloud',
    title: 'iCloud',
    aliases: ['apple', 'me', 'mac'],
    domains: ['icloud.com', 'me.com', 'mac.com'],
    smtp: submission('smtp.mail.me.com'),
    imap: imaps('imap.mail.me.com'),
    signIn: ['app-password'],
    appPasswords: 'https://account.apple.com (Sign-In and Security, App-Specific Passwords)',
    limits: {
      messagesPerDay: 1_000,
      recipientsPerDay: 1_000,
      recipients: 500,
      octets: 20 * mebibyte,
    },
    source: 'https://support.apple.com/102525 and https://support.apple.com/102198',
  },
  {
    name: 'yahoo',
    title: 'Yahoo',
    aliases: ['yahoo mail', 'ymail'],
    domains: [
      ...['yahoo.com', 'yahoo.de', 'yahoo.it', 'yahoo.fr', 'yahoo.es', 'yahoo.se', 'yahoo.ie'],
      ...['yahoo.ca', 'yahoo.co.in', 'yahoo.co.uk', 'yahoo.co.nz', 'yahoo.com.au', 'yahoo.com.ar'],
      ...['yahoo.com.br', 'yahoo.com.mx', 'ymail.com', 'myyahoo.com', 'rocketmail.com'],
    ],
    smtp: submissions('smtp.mail.yahoo.com'),
    imap: imaps('imap.mail.yahoo.com'),
    pop3: pop3s('pop.mail.yahoo.com'),
    signIn: ['app-password'],
    appPasswords: 'https://login.yahoo.com/account/security',
    limits: { messagesPerDay: 500, recipients: 100, octets: 25 * mebibyte },
    source: 'https://help.yahoo.com/kb/SLN4724.html and https://help.yahoo.com/kb/SLN15241.html',
  },
  {
    name: 'aol',
    title: 'AOL',
    aliases: ['aol mail', 'aim'],
    domains: [
      ...['aol.com', 'aim.com', 'netscape.net', 'compuserve.com', 'cs.com', 'aol.de', 'aol.it'],
      ...['aol.fr', 'aol.es', 'aol.se', 'aol.co.uk', 'aol.co.nz', 'aol.com.au', 'aol.com.mx'],
    ],
    smtp: submissions('smtp.aol.com'),
    imap: imaps('imap.aol.com'),
    pop3: pop3s('pop.aol.com'),
    signIn: ['app-password'],
    appPasswords: 'https://login.aol.com/account/security',
    limits: { messagesPerDay: 500, recipients: 100, octets: 25 * mebibyte },
    source:
      'https://help.aol.com/articles/how-do-i-use-other-email-applications-to-send-and-receive-my-aol-mail',
  },
  {
    name: 'fastmail',
    title: 'Fastmail',
    domains: ['fastmail.com', 'fastmail.fm', 'fastmail.de', 'fastmail.net', 'sent.com'],
    smtp: submissions('smtp.fastmail.com'),
    imap: imaps('imap.fastmail.com'),
    pop3: pop3s('pop.fastmail.com'),
    signIn: ['app-password'],
    appPasswords: 'https://app.fastmail.com/settings/security',
    source: 'https://www.fastmail.help/hc/en-us/articles/1500000278342',
  },
  {
    name: 'gmx',
    title: 'GMX',
    aliases: ['gmx.net', 'gmx.de'],
    domains: [
      ...['gmx.net', 'gmx.de', 'gmx.at', 'gmx.ch', 'gmx.eu', 'gmx.biz', 'gmx.org', 'gmx.info'],
      ...['mein.gmx', 'mail.gmx', 'email.gmx'],
    ],
    smtp: submissions('mail.gmx.net'),
    imap: imaps('imap.gmx.net'),
    pop3: pop3s('pop.gmx.net'),
    signIn: ['password', 'app-password'],
    appPasswords: 'https://hilfe.gmx.net/sicherheit/2fa/anwendungsspezifisches-passwort.html',
    first: letProgramsIn('https://hilfe.gmx.net/pop-imap/einschalten.html'),
    source: 'https://hilfe.gmx.net/pop-imap/imap/imap-serverdaten.html',
  },
  {
    name: 'gmx.com',
    title: 'GMX',
    domains: [
      ...['gmx.com', 'gmx.us', 'gmx.co.uk', 'gmx.es', 'gmx.fr', 'gmx.ca', 'gmx.ie', 'gmx.it'],
      ...['gmx.li', 'gmx.pt', 'gmx.se', 'gmx.tm'],
    ],
    smtp: submissions('mail.gmx.com'),
    imap: imaps('imap.gmx.com'),
    pop3: pop3s('pop.gmx.com'),
    signIn: ['password', 'app-password'],
    appPasswords: 'https://support.gmx.com/security/',
    first: letProgramsIn('https://support.gmx.com/pop-imap/toggle.html'),
    source: 'https://support.gmx.com/pop-imap/imap/server.html',
  },
  {
    name: 'web.de',
    title: 'WEB.DE',
    domains: ['web.de', 'email.de'],
    smtp: submissions('smtp.web.de'),
    imap: imaps('imap.web.de'),
    pop3: pop3s('pop3.web.de'),
    signIn: ['password', 'app-password'],
    appPasswords: 'https://hilfe.web.de/sicherheit/2fa/anwendungsspezifisches-passwort.html',
    first: letProgramsIn('https://hilfe.web.de/pop-imap/einschalten.html'),
    // Its users met from 12 to 15 minutes, and at times none.
    collecting: {
      pop3Every: 15 * 60_000,
      source: 'https://github.com/jens-maus/yam/issues/305',
    },
    source: 'https://hilfe.web.de/pop-imap/imap/imap-serverdaten.html',
  },
  {
    name: 'ionos',
    title: 'IONOS',
    aliases: ['ionos.de'],
    domains: ['ionos.de'],
    smtp: submissions('smtp.ionos.de'),
    imap: imaps('imap.ionos.de'),
    pop3: pop3s('pop.ionos.de'),
    signIn: ['password'],
    source: 'https://www.ionos.de/hilfe/index.php?id=2490',
  },
  {
    name: 'ionos.com',
    title: 'IONOS',
    domains: ['ionos.com'],
    smtp: submissions('smtp.ionos.com'),
    imap: imaps('imap.ionos.com'),
    pop3: pop3s('pop.ionos.com'),
    signIn: ['password'],
    source: 'https://www.ionos.com/help/index.php?id=2512',
  },
  {
    name: '1und1',
    title: '1&1',
    aliases: ['1&1'],
    domains: ['online.de', 'onlinehome.de', 'sofortstart.de', 'sofort-start.de', 'go4more.de'],
    smtp: submissions('smtp.1und1.de'),
    imap: imaps('imap.1und1.de'),
    pop3: pop3s('pop.1und1.de'),
    signIn: ['password'],
    source: 'https://hilfe-center.1und1.de/',
  },
  {
    name: 't-online',
    title: 'T-Online',
    aliases: ['telekom', 'magenta', 't-online.de'],
    domains: ['t-online.de', 'magenta.de'],
    smtp: submissions('securesmtp.t-online.de'),
    imap: imaps('secureimap.t-online.de'),
    pop3: pop3s('securepop.t-online.de'),
    signIn: ['app-password'],
    appPasswords: 'https://www.telekom.de/hilfe/apps-dienste/e-mail/programme/passwort-verwalten',
    source:
      'https://www.telekom.de/hilfe/apps-dienste/e-mail/einstellungen/posteingang-postausgang-server',
  },
  {
    name: 'freenet',
    title: 'freenet',
    domains: ['freenet.de'],
    smtp: submissions('mx.freenet.de'),
    imap: imaps('mx.freenet.de'),
    signIn: ['password'],
    first: letProgramsIn(
      'https://kundenservice.freenet.de/faq/e-mail-client-mail/pop3-imap-und-smtp-aktivieren/',
    ),
    source:
      'https://kundenservice.freenet.de/faq/e-mail-client-mail/einstellungen-serverdaten-fuer-alle-e-mail-programme/',
  },
  {
    name: 'strato',
    title: 'STRATO',
    domains: ['strato.de'],
    smtp: submissions('smtp.strato.de'),
    imap: imaps('imap.strato.de'),
    pop3: pop3s('pop3.strato.de'),
    signIn: ['password'],
    source:
      'https://www.strato.de/faq/mail/externes-e-mail-programm-mit-strato-e-mail-adresse-nutzen/',
  },
  {
    name: 'mailbox.org',
    title: 'mailbox.org',
    domains: ['mailbox.org'],
    smtp: submissions('smtp.mailbox.org'),
    imap: imaps('imap.mailbox.org'),
    signIn: ['password', 'app-password'],
    appPasswords:
      'https://kb.mailbox.org/de/privat/sicherheit-und-privatsphaere/applikationspasswoerter-fuer-externe-programme/',
    source: 'https://kb.mailbox.org/de/privat/e-mail/e-mail-konfiguration/',
  },
  {
    name: 'posteo',
    title: 'Posteo',
    domains: [
      ...['posteo.de', 'posteo.at', 'posteo.be', 'posteo.ch', 'posteo.co', 'posteo.co.uk'],
      ...['posteo.dk', 'posteo.es', 'posteo.eu', 'posteo.it', 'posteo.lu', 'posteo.me'],
      ...['posteo.net', 'posteo.nl', 'posteo.no', 'posteo.org', 'posteo.pl', 'posteo.se'],
    ],
    smtp: submissions('posteo.de'),
    imap: imaps('posteo.de'),
    pop3: pop3s('posteo.de'),
    signIn: ['password'],
    source:
      'https://posteo.de/hilfe/wie-richte-ich-posteo-in-einem-mailprogramm-ein-pop3-imap-und-smtp',
  },
  {
    name: 'vodafone',
    title: 'Vodafone',
    aliases: ['vodafone.de', 'arcor'],
    domains: ['vodafone.de', 'vodafonemail.de', 'arcor.de'],
    smtp: submission('smtp.vodafonemail.de'),
    imap: imaps('imap.vodafonemail.de'),
    signIn: ['password'],
    source: 'https://www.vodafone.de/hilfe/',
  },
  {
    name: 'bluewin',
    title: 'Bluewin',
    aliases: ['swisscom'],
    domains: ['bluewin.ch'],
    smtp: submissions('smtpauths.bluewin.ch'),
    imap: imaps('imaps.bluewin.ch'),
    pop3: pop3s('pop3s.bluewin.ch'),
    signIn: ['password'],
    source: 'https://www.swisscom.ch/en/residential/help/e-mail.html',
  },
  {
    name: 'a1',
    title: 'A1',
    aliases: ['a1.net', 'aon'],
    domains: ['a1.net', 'aon.at'],
    smtp: submission('securemail.a1.net'),
    imap: imaps('securemail.a1.net'),
    signIn: ['password'],
    source: 'https://github.com/thunderbird/autoconfig/blob/master/ispdb/a1.net.xml',
  },
  {
    name: 'kpn',
    title: 'KPN',
    domains: ['kpnmail.nl', 'kpnplanet.nl', 'planet.nl', 'hetnet.nl', 'xs4all.nl', 'telfort.nl'],
    smtp: submissions('smtp.kpnmail.nl'),
    imap: imaps('imap.kpnmail.nl'),
    pop3: pop3s('pop.kpnmail.nl'),
    signIn: ['password'],
    source: 'https://www.kpn.com/service/internet/e-mail/instellen-laptop-pc.htm',
  },
  {
    name: 'orange',
    title: 'Orange',
    aliases: ['orange.fr', 'wanadoo'],
    domains: ['orange.fr', 'wanadoo.fr'],
    smtp: submissions('smtp.orange.fr'),
    imap: imaps('imap.orange.fr'),
    pop3: pop3s('pop.orange.fr'),
    signIn: ['password'],
    source: 'https://assistance.orange.fr/ (Mail Orange, logiciel de messagerie)',
  },
  {
    name: 'free',
    title: 'Free',
    aliases: ['free.fr', 'freebox'],
    domains: ['free.fr'],
    smtp: submissions('smtp.free.fr'),
    imap: imaps('imap.free.fr'),
    pop3: pop3s('pop.free.fr'),
    signIn: ['password'],
    source:
      'https://assistance.free.fr/articles/configurer-de-maniere-avancee-mon-logiciel-de-messagerie-609',
  },
  {
    name: 'xfinity',
    title: 'Xfinity',
    aliases: ['comcast'],
    domains: ['comcast.net'],
    smtp: submissions('smtp.comcast.net'),
    imap: imaps('imap.comcast.net'),
    pop3: pop3s('mail.comcast.net'),
    signIn: ['password'],
    first: 'Allow "Third Party Access Security" once in the settings of Xfinity Email.',
    source: 'https://www.xfinity.com/support/articles/third-party-email-access',
  },
  {
    name: 'zoho',
    title: 'Zoho',
    aliases: ['zoho mail'],
    domains: ['zoho.com', 'zohomail.com'],
    smtp: submissions('smtp.zoho.com'),
    imap: imaps('imap.zoho.com'),
    pop3: pop3s('pop.zoho.com'),
    signIn: ['password', 'app-password'],
    appPasswords: 'https://accounts.zoho.com/home#security/app_password',
    first: 'Allow IMAP or POP once in the settings of the mailbox.',
    // Met by users: about three, and it hangs up on the others.
    collecting: {
      imapConnections: 3,
      source: 'https://github.com/maathimself/mailflow/releases/tag/v4.5.1',
    },
    source: 'https://www.zoho.com/mail/help/zoho-smtp.html',
  },
  {
    name: 'proton',
    title: 'Proton Mail Bridge',
    aliases: ['proton mail', 'protonmail', 'proton bridge'],
    domains: ['proton.me', 'protonmail.com', 'pm.me', 'protonmail.ch'],
    // The Bridge runs on the same machine and signs its own certificate.
    smtp: { host: '127.0.0.1', port: 1025, security: 'starttls' },
    imap: { host: '127.0.0.1', port: 1143, security: 'starttls' },
    signIn: ['password'],
    first:
      'Proton Mail Bridge must run on this machine. Take user and password from the Bridge, ' +
      'export its certificate there and give it with --ca.',
    source: 'https://proton.me/mail/bridge and https://proton.me/support/macos-certificate-warning',
  },
];
