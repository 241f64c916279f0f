/*
 * A whole box as mail programs and phones meet it, over real sockets with curl: Thunderbird's and
 * Outlook's requests, profiles, and the help page of one person. What Node-RED makes is not needed.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { startBox, type TestBox } from '../support/box.ts';
import { missingProgram } from '../support/programs.ts';
import { elementsOf, readPlist, readXml, textsOf } from '../unit/web/profiles/read-profiles.ts';

const run = promisify(execFile);
const skip = missingProgram('curl') ?? missingProgram('python3') ?? false;

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

describe('mail programs', { skip }, () => {
  let box: TestBox;
  let link: string;
  before(async () => {
    box = await startBox();
    await box.addAccount('ann', 'tuna fish');
    link = await linkOf('join', 'link', 'ann');
  });
  after(() => box?.[Symbol.asyncDispose]());

  /** What is printed can be opened as it is; the path is the same under each name of the box. */
  async function linkOf(...words: readonly string[]): Promise<string> {
    const { origin, pathname } = new URL((await box.cli(words)).stdout);
    assert.equal(origin, `https://localhost:${box.ports.webs}`);
    return pathname;
  }

  async function curl(...words: readonly string[]): Promise<Answer> {
    const format = '\\n%{http_code} %{content_type}';
    const { stdout } = await run('curl', ['-s', '--cacert', box.caFile, '-w', format, ...words]);
    const [, text = '', status = '', type = ''] = /^([\s\S]*)\n(\d+) (.*)$/.exec(stdout) ?? [];
    return { status: Number(status), type, text };
  }
  const secure = (path: string) => `https://localhost:${box.ports.webs}${path}`;
  const plain = (path: string) => `http://127.0.0.1:${box.ports.web}${path}`;

  const config = '/.well-known/autoconfig/mail/config-v1.1.xml';
  const asked: readonly [string, (path: typeof secure) => string[]][] = [
    ['Thunderbird at the domain', () => [secure(`${config}?emailaddress=ann%40restante.local`)]],
    ['Thunderbird without TLS', () => [plain(config)]],
    [
      'Thunderbird at autoconfig.',
      () => [
        ...['-H', 'Host: autoconfig.example.org'],
        plain('/mail/config-v1.1.xml?emailaddress=ann%40example.org'),
      ],
    ],
    ['a program with odd letters', () => [secure('/Mail/Config-v1.1.XML')]],
  ];
  for (const [who, words] of asked) {
    test(`${who} gets what listens`, async () => {
      const answer = await curl(...words(secure));
      assert.deepEqual([answer.status, answer.type], [200, 'text/xml; charset=utf-8']);
      const read = readXml(answer.text);
      assert.deepEqual(textsOf(read, 'domain'), ['restante.local']);
      const { pop3s, pop3, submissions, submission } = box.ports;
      const ports = [pop3s, pop3, submissions, submission].map(String);
      assert.deepEqual(textsOf(read, 'port'), ports);
    });
  }

  const schemas = 'http://schemas.microsoft.com/exchange/autodiscover/outlook';
  const body = `<?xml version="1.0" encoding="utf-8"?>
<Autodiscover xmlns="${schemas}/requestschema/2006"><Request>
<EMailAddress>ann@restante.local</EMailAddress>
<AcceptableResponseSchema>${schemas}/responseschema/2006a</AcceptableResponseSchema>
</Request></Autodiscover>`;
  const xml = ['-H', 'Content-Type: text/xml', '--data-binary'];

  test('Outlook gets what listens, however it spells the path', async () => {
    for (const path of ['/autodiscover/autodiscover.xml', '/Autodiscover/Autodiscover.xml']) {
      const answer = await curl(...xml, body, '-H', 'Host: autodiscover.example.org', secure(path));
      assert.equal(answer.status, 200);
      const read = readXml(answer.text);
      assert.deepEqual(textsOf(read, 'Type'), ['POP3', 'SMTP']);
      const { pop3s, submissions } = box.ports;
      assert.deepEqual(textsOf(read, 'Port'), [`${pop3s}`, `${submissions}`]);
      assert.deepEqual(new Set(textsOf(read, 'LoginName')), new Set(['ann@restante.local']));
    }
  });

  test('what it says can be signed in with, at the port it names', async () => {
    const read = readXml((await curl(...xml, body, secure('/autodiscover/autodiscover.xml'))).text);
    const [login = '', port] = [textsOf(read, 'LoginName')[0], textsOf(read, 'Port')[0]];
    const mail = await curl('--user', `${login}:tuna fish`, `pop3s://localhost:${port}/`);
    assert.equal(mail.text.trim(), '');
    await assert.rejects(curl('--user', `${login}:wrong`, `pop3s://localhost:${port}/`));
  });

  test('a request that says nothing is answered in the protocol’s own way', async () => {
    const path = secure('/autodiscover/autodiscover.xml');
    const nonsense = [[path], [...xml, '<a', path], [...xml, '', path]];
    for (const words of nonsense) {
      const answer = await curl(...words);
      assert.equal(answer.status, 200);
      const read = readXml(answer.text);
      assert.deepEqual(textsOf(read, 'ErrorCode'), ['600']);
      assert.equal(elementsOf(read, 'Error').length, 1);
    }
  });

  test('nobody learns who lives here', async () => {
    const of = async (name: string) => (await curl(secure(`${config}?emailaddress=${name}`))).text;
    assert.equal(await of('ann@restante.local'), await of('nobody@restante.local'));
  });

  test('a phone gets the authority as a profile, without TLS, too', async () => {
    const der = new X509Certificate(await readFile(box.caFile)).raw.toString('base64');
    for (const place of [secure('/ca.mobileconfig'), plain('/ca.mobileconfig')]) {
      const answer = await curl(place);
      assert.deepEqual([answer.status, answer.type], [200, 'application/x-apple-aspen-config']);
      const [root] = readPlist(answer.text)['PayloadContent'] as Record<string, unknown>[];
      assert.deepEqual(root?.['PayloadContent'], { octets: der });
    }
  });

  test('a person’s profile sets up their account', async () => {
    const answer = await curl(secure(`${link}/profile.mobileconfig`));
    assert.deepEqual([answer.status, answer.type], [200, 'application/x-apple-aspen-config']);
    const mail = (readPlist(answer.text)['PayloadContent'] as Record<string, unknown>[])[1];
    assert.equal(mail?.['EmailAddress'], 'ann@restante.local');
    assert.equal(mail?.['IncomingMailServerPortNumber'], box.ports.pop3s);
    assert.equal(mail?.['IncomingMailServerHostName'], 'localhost');
    assert.doesNotMatch(answer.text, /tuna/);
  });

  test('a person’s help page says what to type, and needs no sign-in', async () => {
    const { status, text } = await curl(secure(link));
    assert.equal(status, 200);
    assert.match(text, /<dt>User<\/dt><dd>ann<\/dd>/);
    assert.ok(text.includes(`POP3, port ${box.ports.pop3s}, SSL/TLS`));
    assert.ok(text.includes(`SMTP, port ${box.ports.submissions}, SSL/TLS`));
    const fingerprint = new X509Certificate(await readFile(box.caFile)).fingerprint256;
    assert.ok(text.replaceAll('\n', ':').includes(fingerprint));
    assert.ok(text.includes(`href="${link}/profile.mobileconfig"`));
    assert.doesNotMatch(text, /<script|style=/);
    // Nobody else can reach this box.
    assert.doesNotMatch(text, /QR code/);
  });

  test('a link that is nobody’s, or that was replaced, leads nowhere', async () => {
    for (const path of ['/join/x', '/join/', `${link}x`, `${link}/other`, link.toUpperCase()]) {
      const { status } = await curl(secure(path));
      assert.ok(status === 404 || status === 303, `${path}: ${status}`);
    }
    const before = link;
    link = await linkOf('join', 'renew', 'ann');
    assert.equal((await curl(secure(before))).status, 404);
    assert.equal((await curl(secure(`${before}/profile.mobileconfig`))).status, 404);
    assert.equal((await curl(secure(link))).status, 200);
  });

  test('a person’s pages are shown over TLS alone, and under names of the box', async () => {
    assert.equal((await curl(plain(link))).status, 303);
    assert.equal((await curl(plain(`${link}/profile.mobileconfig`))).status, 303);
    assert.equal((await curl('-H', 'Host: evil.example', secure(link))).status, 421);
  });
});
