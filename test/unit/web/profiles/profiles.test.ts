/* Autoconfig, Autodiscover and Apple's profiles, read by real parsers, hostile names among them. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ListenerReport } from '#control/types';
import { parseHost } from '#web/host';
import { autoconfig } from '#web/profiles/autoconfig';
import { autodiscover, readRequest } from '#web/profiles/autodiscover';
import { authorityProfile, personProfile, uuidOf } from '#web/profiles/mobileconfig';
import { offerTo, otherwise, serverFor, serverForOthers } from '#web/profiles/offer';
import { plist, xml } from '#web/profiles/xml';
import { missingProgram } from '../../../support/programs.ts';
import { elementsOf, readPlist, readXml, textsOf } from './read-profiles.ts';

const skip = missingProgram('python3') ?? false;

function listener(name: string, port: number, address = '0.0.0.0'): ListenerReport {
  return { name, port, address, security: name.endsWith('s') ? 'tls' : 'starttls' };
}
const all = [
  ...[listener('submission', 587), listener('submissions', 465), listener('smtp', 25)],
  ...[listener('pop3', 110), listener('pop3s', 995), listener('web', 80), listener('webs', 443)],
];
const offer = offerTo('192.168.1.9', 'restante.local', all);

const hostile = [
  ...['a&b', '<x>', '"q"', "'s'", ']]>', '<!--', '&#38;', 'a\u0000b\u000bc\ufffe', '\ud800x'],
  ...['\u202eevil', 'jörg 😀', '</string><key>X</key>', '%00', '$' + '{x}', 'a\r\nb'],
];
/** What of it XML can carry (XML 1.0 §2.2). */
function carried(text: string): string {
  return text.replaceAll(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, '');
}

describe('what is offered', () => {
  const listens: readonly [string, ListenerReport[], string, string][] = [
    ['all', all, '192.168.1.9', 'pop3 995 tls, pop3 110 starttls; smtp 465 tls, smtp 587 starttls'],
    ['IMAP first', [...all, listener('imaps', 993)], '192.168.1.9', 'imap 993 tls, pop3 995 tls,'],
    ['STARTTLS alone', [listener('pop3', 110)], '192.168.1.9', 'pop3 110 starttls; '],
    ['of this machine alone', [listener('pop3s', 995, '127.0.0.1')], '192.168.1.9', '; '],
    ['to this machine', [listener('pop3s', 2995, '::1')], '127.0.0.1', 'pop3 2995 tls; '],
    ['switched off', [listener('pop3s', 0)], '127.0.0.1', '; '],
    ['for other hosts', [listener('smtp', 25)], '127.0.0.1', '; '],
  ];
  for (const [what, listeners, peer, expected] of listens) {
    test(what, () => {
      const { incoming, outgoing } = offerTo(peer, 'x', listeners);
      const words = [incoming, outgoing].map((ways) =>
        ways.map(({ protocol, port, security }) => `${protocol} ${port} ${security}`).join(', '),
      );
      assert.ok(words.join('; ').startsWith(expected), words.join('; '));
    });
  }

  const certified = ['restante.local', 'attic.local', 'localhost', '192.168.1.5', 'mail.x.org'];
  const names = {
    ...{ own: ['restante.local', 'attic.local', 'localhost'], foundAs: 'attic.local' },
    ...{ hostName: 'restante.local', address: '192.168.1.5' },
    isFor: (name: string) => certified.includes(name),
  };
  const owners = {
    ...{ own: ['mail.x.org'], foundAs: undefined, isFor: (name: string) => name === 'mail.x.org' },
  };
  const hosts: readonly [string | undefined, object, string, string][] = [
    ['restante.local', {}, 'restante.local', 'restante.local'],
    ['192.168.1.5:8443', {}, '192.168.1.5', '192.168.1.5'],
    ['autoconfig.example.org', {}, 'attic.local', 'attic.local'],
    [undefined, {}, 'attic.local', 'attic.local'],
    ['localhost:8443', {}, 'localhost', 'attic.local'],
    ['localhost', { foundAs: undefined }, 'localhost', '192.168.1.5'],
    ['restante-2.local', { foundAs: undefined }, '192.168.1.5', '192.168.1.5'],
    ['8.8.8.8', { foundAs: undefined }, '192.168.1.5', '192.168.1.5'],
    ['x.org', { foundAs: undefined, hostName: 'mail.x.org' }, 'mail.x.org', 'mail.x.org'],
    ['x.org', { hostName: 'mail.x.org' }, 'mail.x.org', 'mail.x.org'],
    ['x.org', { hostName: 'not-in-it.x.org' }, 'attic.local', 'attic.local'],
    ['10.9.9.9', {}, 'attic.local', 'attic.local'],
    // The owner's own certificate: the box's names and addresses do not stand in it.
    ['restante.local', owners, 'mail.x.org', 'mail.x.org'],
    ['192.168.1.5', owners, 'mail.x.org', 'mail.x.org'],
  ];
  for (const [host, more, here, elsewhere] of hosts) {
    test(`asked as ${host}, ${JSON.stringify(more)}`, () => {
      const parsed = host === undefined ? undefined : parseHost(host);
      const known = { ...names, ...more };
      assert.equal(serverFor(parsed, known), here);
      assert.equal(serverForOthers(parsed, known), elsewhere);
    });
  }

  test('beside a name that not every device finds stands an address', () => {
    assert.equal(otherwise('restante.local', names), '192.168.1.5');
    assert.equal(otherwise('mail.x.org', names), undefined);
    assert.equal(otherwise('restante.local', { ...names, address: 'localhost' }), undefined);
  });
});

describe('XML', { skip }, () => {
  for (const text of hostile) {
    test(`carries ${JSON.stringify(text)} as text`, () => {
      const read = readXml(xml`<a b="${text}">|${text}|</a>`.text);
      assert.equal(read[2], `|${carried(text)}|`);
      assert.deepEqual(read[3], []);
      const list = readPlist(plist({ [text]: [text, true, 7, Buffer.from(text)] }));
      const octets = Buffer.from(text).toString('base64');
      assert.deepEqual(list, { [carried(text)]: [carried(text), true, 7, { octets }] });
    });
  }
});

describe('Autoconfig', { skip }, () => {
  test('has what the version 1.1 wants', () => {
    const read = readXml(autoconfig(offer, ['restante.local', 'example.org']) ?? '');
    assert.deepEqual([read[0], read[1]], ['clientConfig', { version: '1.1' }]);
    assert.deepEqual(textsOf(read, 'domain'), ['restante.local', 'example.org']);
    const servers = [...elementsOf(read, 'incomingServer'), ...elementsOf(read, 'outgoingServer')];
    const rows = servers.map((one) => [
      one[1]['type'],
      ...['hostname', 'port', 'socketType', 'authentication'].flatMap((name) => textsOf(one, name)),
      ...textsOf(one, 'username'),
    ]);
    const usual = ['password-cleartext', '%EMAILADDRESS%'];
    assert.deepEqual(rows, [
      ['pop3', 'restante.local', '995', 'SSL', ...usual],
      ['pop3', 'restante.local', '110', 'STARTTLS', ...usual],
      ['smtp', 'restante.local', '465', 'SSL', ...usual],
      ['smtp', 'restante.local', '587', 'STARTTLS', ...usual],
    ]);
    assert.deepEqual(textsOf(read, 'leaveMessagesOnServer'), ['true', 'true']);
  });

  test('is none where nothing can be collected', () => {
    assert.equal(autoconfig({ ...offer, incoming: [] }, ['restante.local']), undefined);
  });

  test('holds hostile domains', () => {
    const read = readXml(autoconfig({ ...offer, server: '<&">' }, hostile) ?? '');
    assert.deepEqual(textsOf(read, 'domain').length, hostile.length);
    assert.equal(textsOf(read, 'hostname')[0], '<&">');
  });
});

const schema = 'http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a';
function request(address: string, wanted = schema): string {
  return `<?xml version="1.0" encoding="utf-8"?><Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006"><Request><EMailAddress>${address}</EMailAddress><AcceptableResponseSchema>${wanted}</AcceptableResponseSchema></Request></Autodiscover>`;
}

describe('Autodiscover', { skip }, () => {
  const requests: readonly [string, string | Buffer, string | undefined][] = [
    ['Outlook’s', request('ann@restante.local'), 'ann@restante.local'],
    ['with a mark at its beginning', `\uFEFF${request('ann@x.org')}`, 'ann@x.org'],
    [
      ...(['in UTF-16', Buffer.from(`\uFEFF${request('ann@x.org')}`, 'utf16le')] as const),
      'ann@x.org',
    ],
    [
      'with prefixes and white space',
      '<a:Autodiscover xmlns:a="u">\n<a:Request><a:EMailAddress>\n b@x.org </a:EMailAddress></a:Request></a:Autodiscover>',
      'b@x.org',
    ],
    ['with escapes', request('a&amp;b&#x2e;&#99;@x.org'), 'a&b.c@x.org'],
    [
      'with another in a comment',
      request('<!-- <EMailAddress>c@x</EMailAddress> -->d@x.org'),
      'd@x.org',
    ],
    ['empty', '', undefined],
    ['of another kind', '<html><EMailAddress>a@x.org</EMailAddress></html>', undefined],
    ['without an address', '<Autodiscover xmlns="x"><Request/></Autodiscover>', undefined],
    ['with something else for an address', request('ann'), undefined],
    ['with elements in it', request('<b>a@x.org</b>'), undefined],
    ['with a document type', `<!DOCTYPE a [<!ENTITY x "y">]>${request('a@x.org')}`, undefined],
    ['cut off', request('ann@x.org').split('</')[0] ?? '', undefined],
    ['of white space', `<Autodiscover ><EMailAddress>${' '.repeat(16_000)}`, undefined],
    ['long and never closed', `<Autodiscover >${'<EMailAddress>'.repeat(1_000)}`, undefined],
  ];
  for (const [what, body, address] of requests) {
    test(`a request ${what}`, () => {
      assert.equal(readRequest(Buffer.from(body))?.address, address);
    });
  }

  test('comments are passed over, and a body full of their beginnings takes no time', () => {
    const usual = request('ann@restante.local');
    const [head = '', tail = ''] = usual.split('<Request>');
    for (const comment of [
      '<!---->',
      '<!-- <EMailAddress>x@y</EMailAddress> -->',
      '<!--<!-- -->',
    ]) {
      const body = Buffer.from(`${head}${comment}<Request>${tail}`);
      assert.equal(readRequest(body)?.address, 'ann@restante.local', comment);
    }
    const began = performance.now();
    readRequest(Buffer.from(`${usual}${'<!--'.repeat(500_000)}`));
    assert.ok(performance.now() - began < 10_000);
  });

  test('answers with one of each protocol', () => {
    const asked = readRequest(Buffer.from(request('a&amp;b@restante.local')));
    const read = readXml(autodiscover(asked, offer, '10:11:12'));
    assert.match(read[0], /responseschema\/2006\}Autodiscover$/);
    assert.match(read[3][0]?.[0] ?? '', /outlook\/responseschema\/2006a\}Response$/);
    assert.deepEqual(textsOf(read, 'AccountType'), ['email']);
    assert.deepEqual(textsOf(read, 'Action'), ['settings']);
    const rows = elementsOf(read, 'Protocol').map((one) =>
      ['Type', 'Server', 'Port', 'LoginName', 'SSL', 'Encryption', 'AuthRequired'].flatMap((name) =>
        textsOf(one, name),
      ),
    );
    assert.deepEqual(rows, [
      ['POP3', 'restante.local', '995', 'a&b@restante.local', 'on', 'SSL', 'on'],
      ['SMTP', 'restante.local', '465', 'a&b@restante.local', 'on', 'SSL', 'on'],
    ]);
  });

  const failures: readonly [string, string, object, string][] = [
    ['what is no request', 'x', {}, '600'],
    ['another schema', request('a@x.org', `${schema}x`), {}, '601'],
    ['a box that nothing is collected from', request('a@x.org'), { incoming: [] }, '500'],
  ];
  for (const [what, body, less, code] of failures) {
    test(`answers ${what} with ${code}`, () => {
      const asked = readRequest(Buffer.from(body));
      const read = readXml(autodiscover(asked, { ...offer, ...less }, '10:11:12'));
      assert.deepEqual(textsOf(read, 'ErrorCode'), [code]);
      assert.equal(elementsOf(read, 'Error')[0]?.[1]['Time'], '10:11:12.0000000');
    });
  }
});

describe('profiles', { skip }, () => {
  const certificate = '-----BEGIN CERTIFICATE-----\nAQID\nBAU=\n-----END CERTIFICATE-----\n';
  const box = { certificate, fingerprint: 'AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA' };
  const ann = { login: 'ann', address: 'ann@restante.local' };

  test('of the authority alone', () => {
    const read = readPlist(authorityProfile(box));
    assert.equal(read['PayloadType'], 'Configuration');
    const [root, ...others] = read['PayloadContent'] as Record<string, unknown>[];
    assert.equal(others.length, 0);
    assert.equal(root?.['PayloadType'], 'com.apple.security.root');
    assert.deepEqual(root?.['PayloadContent'], { octets: 'AQIDBAU=' });
  });

  test('of a person, with the authority and without a password', () => {
    const text = personProfile(box, ann, offer) ?? '';
    const read = readPlist(text);
    const [root, mail] = read['PayloadContent'] as Record<string, unknown>[];
    assert.equal(root?.['PayloadType'], 'com.apple.security.root');
    assert.deepEqual(mail, {
      ...{ PayloadIdentifier: mail?.['PayloadIdentifier'], PayloadUUID: mail?.['PayloadUUID'] },
      ...{ PayloadType: 'com.apple.mail.managed', PayloadVersion: 1 },
      ...{ PayloadDisplayName: 'Mail of ann', EmailAccountDescription: 'Restante' },
      ...{ EmailAccountName: 'ann', EmailAccountType: 'EmailTypePOP' },
      EmailAddress: 'ann@restante.local',
      ...{ IncomingMailServerHostName: 'restante.local', IncomingMailServerPortNumber: 995 },
      ...{ IncomingMailServerUseSSL: true, IncomingMailServerUsername: 'ann' },
      IncomingMailServerAuthentication: 'EmailAuthPassword',
      ...{ OutgoingMailServerHostName: 'restante.local', OutgoingMailServerPortNumber: 465 },
      ...{ OutgoingMailServerUseSSL: true, OutgoingMailServerUsername: 'ann' },
      OutgoingMailServerAuthentication: 'EmailAuthPassword',
      OutgoingPasswordSameAsIncomingPassword: true,
    });
    assert.doesNotMatch(text, /<key>(?:Incoming|Outgoing)Password<\/key>/);
  });

  test('by IMAP when that listens', () => {
    const imap = offerTo('192.168.1.9', 'restante.local', [...all, listener('imaps', 993)]);
    const read = readPlist(personProfile(box, ann, imap) ?? '');
    const mail = (read['PayloadContent'] as Record<string, unknown>[])[1];
    assert.deepEqual(
      [mail?.['EmailAccountType'], mail?.['IncomingMailServerPortNumber']],
      ['EmailTypeIMAP', 993],
    );
  });

  test('are the same each time, and others for other boxes and people', () => {
    const ids = (text = '') => {
      const read = readPlist(text);
      const inner = read['PayloadContent'] as Record<string, unknown>[];
      return [read, ...inner].map((one) => one['PayloadUUID']);
    };
    const first = ids(personProfile(box, ann, offer));
    assert.equal(new Set(first).size, 3);
    assert.deepEqual(ids(personProfile(box, ann, { ...offer, server: '10.0.0.1' })), first);
    const [profile, root, mail] = ids(personProfile(box, { ...ann, login: 'bob' }, offer));
    assert.notEqual(profile, first[0]);
    assert.equal(root, first[1]);
    assert.notEqual(mail, first[2]);
    const other = { ...box, fingerprint: `00${box.fingerprint.slice(2)}` };
    assert.ok(ids(personProfile(other, ann, offer)).every((id) => !first.includes(id)));
    const version5 = /^[0-9A-F]{8}-[0-9A-F]{4}-5[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}$/;
    assert.match(uuidOf(box.fingerprint, 'x'), version5);
  });

  test('are none where something is missing', () => {
    assert.equal(personProfile(box, ann, { ...offer, outgoing: [] }), undefined);
    assert.equal(personProfile(box, ann, { ...offer, incoming: [] }), undefined);
  });

  for (const text of hostile) {
    test(`hold somebody called ${JSON.stringify(text)}`, () => {
      const person = { login: text, address: `${text}@restante.local` };
      const read = readPlist(personProfile(box, person, offer) ?? '');
      const mail = (read['PayloadContent'] as Record<string, unknown>[])[1];
      assert.equal(mail?.['EmailAccountName'], carried(text));
      assert.equal(mail?.['EmailAddress'], `${carried(text)}@restante.local`);
    });
  }
});
