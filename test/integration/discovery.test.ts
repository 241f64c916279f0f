/*
 * The box on a network of its own (namespaces of the kernel), found by Avahi: the names and services
 * that it tells, a name that is taken on either side, a cable that is pulled, and goodbye.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startBox, type TestBox } from '../support/box.ts';
import { type Avahi, Lan, type LanHost, noLan } from '../support/lan.ts';
import { missingProgram } from '../support/programs.ts';

const skip =
  noLan() ??
  ['avahi-daemon', 'avahi-browse', 'dbus-daemon', 'nsenter', 'curl']
    .map(missingProgram)
    .find(Boolean) ??
  false;

const open = {
  ...{ 'listen.host': '0.0.0.0, ::', 'smtp.port': '25', 'pop3.port': '0', 'pop3s.port': '995' },
  ...{ 'submission.port': '0', 'submissions.port': '465', 'web.port': '80', 'webs.port': '443' },
};

describe('on a network', { skip, timeout: 500_000 }, () => {
  let lan: Lan;
  let home: LanHost;
  let avahi: Avahi;
  let box: TestBox;
  const begin = (host: LanHost, set = {}) => {
    return startBox({ through: host.command, set: { ...open, ...set } });
  };
  before(async () => {
    lan = await Lan.make();
    home = await lan.host(1);
    avahi = await lan.avahi(await lan.host(2), 'laptop');
    box = await begin(home);
    await box.said(/^Found on the network eth0 as restante\.local/);
  });
  after(async () => {
    await box?.[Symbol.asyncDispose]();
    await lan?.[Symbol.asyncDispose]();
  });

  test('its name leads to it', async () => {
    assert.match(await avahi.ask('avahi-resolve', '-4n', 'restante.local'), /\t10\.77\.0\.1$/m);
    assert.match(await avahi.ask('avahi-resolve', '-6n', 'restante.local'), /\tfe80::/m);
    const status = JSON.parse((await box.cli(['status', '--json'])).stdout);
    assert.deepEqual(status.discovery, {
      ...{ state: 'found', name: 'restante.local', networks: ['eth0'] },
      services: [
        ...['_http._tcp', '_https._tcp', '_smtp._tcp', '_submissions._tcp', '_pop3s._tcp'],
      ],
    });
  });

  test('what listens is a service, and nothing else is', async () => {
    const found = await avahi.ask('avahi-browse', '-atrp', '--no-db-lookup');
    const lines = found.split('\n').filter((line) => line.startsWith('=;eth0;IPv4'));
    const told = lines.map((line) => line.split(';').slice(3, 9).join(' ')).sort();
    const at = (type: string, port: number) => {
      return `Restante _${type}._tcp local restante.local 10.77.0.1 ${port}`;
    };
    const pages = [at('http', 80), at('https', 443)];
    const mail = [at('pop3s', 995), at('smtp', 25), at('submissions', 465)];
    assert.deepEqual(told, [...pages, ...mail].sort());
    assert.match(found, /_http\._tcp;.*"path=\/"/);
  });

  /** The server's name that a mail program on the laptop is told. */
  async function told(name: string, address: string): Promise<string | undefined> {
    const way = ['--connect-to', `${name}:80:${address}:80`];
    const text = await avahi.ask('curl', '-s', ...way, `http://${name}/mail/config-v1.1.xml`);
    return /<hostname>(.*?)<\/hostname>/.exec(text)?.[1];
  }

  test('a second box takes the next name, and both are reached', async () => {
    await using second = await begin(await lan.host(3));
    await second.said(/^Found on the network eth0 as restante-2\.local/);
    const status = await second.cli(['status']);
    assert.match(
      status.stdout,
      /Warning: Another machine in the house has the name restante\.local/,
    );
    assert.match(status.stdout, /Found as +restante-2\.local \(eth0\)/);
    assert.match(await avahi.ask('avahi-resolve', '-4n', 'restante-2.local'), /10\.77\.0\.3/);
    assert.match(await avahi.ask('avahi-resolve', '-4n', 'restante.local'), /10\.77\.0\.1/);
    // The name has to have held for a while; then everything follows it.
    await second.said(/^New connections get the new certificate/);
    assert.equal(await told('10.77.0.3', '10.77.0.3'), '10.77.0.3');
    assert.equal(await told('restante-2.local', '10.77.0.3'), 'restante-2.local');
    assert.equal(await told('autoconfig.example.org', '10.77.0.3'), 'restante-2.local');
    const way = ['--connect-to', 'restante-2.local:443:10.77.0.3:443', '--cacert', second.caFile];
    const style = await avahi.ask('curl', '-sf', ...way, 'https://restante-2.local/gate.css');
    assert.match(style, /body/);
    const lost = await avahi.ask('curl', '-s', '-H', 'Host: other.example', 'http://10.77.0.3/');
    assert.match(lost, /Open it as restante-2\.local/);
    const { links } = JSON.parse((await second.cli(['setup', 'open', '--json'])).stdout);
    assert.match(links[0], /^https:\/\/restante-2\.local\/setup\?code=/);
    const added = await second.cli(['account', 'add', 'ann', '--password-stdin'], 'tuna fish');
    assert.match(added.stdout, /Incoming mail, POP3 +restante-2\.local, port 995, SSL\/TLS/);
    const scanner = ['--account', 'ann', '--address', '10.77.0.9', '--json'];
    const device = await second.cli(['device', 'add', 'scanner', ...scanner]);
    assert.equal(JSON.parse(device.stdout).server, '10.77.0.3', device.stderr);
    assert.match(added.stdout, /does not find restante-2\.local takes 10\.77\.0\.3 in its place/);
    assert.equal(await told('restante.local', '10.77.0.1'), 'restante.local');
    assert.equal(await told('autoconfig.example.org', '10.77.0.1'), 'restante.local');
    await second.restart();
    await second.said(/^Found on the network eth0 as restante-2\.local/);
    assert.ok(
      !second.log.some((line) => /trying restante-2/.test(line)),
      'it asks for that at once',
    );
  });

  test('a machine that comes with its name has to take another', async () => {
    const rival = await lan.avahi(await lan.host(4), 'restante');
    await rival.said(/Host name conflict, retrying with restante-2/);
    const status = JSON.parse((await box.cli(['status', '--json'])).stdout);
    assert.equal(status.discovery.name, 'restante.local');
  });

  test('beside Avahi on the same machine, both are found', async () => {
    const host = await lan.host(5);
    await lan.avahi(host, 'pi');
    await using beside = await begin(host, { 'host.name': 'post.local' });
    await beside.said(/^Found on the network eth0 as post\.local/);
    assert.match(await avahi.ask('avahi-resolve', '-4n', 'post.local'), /10\.77\.0\.5/);
    assert.match(await avahi.ask('avahi-resolve', '-4n', 'pi.local'), /10\.77\.0\.5/);
  });

  test('switched off while it runs, it says goodbye; and comes back', async () => {
    using browsing = avahi.watch('avahi-browse', '-p', '_pop3s._tcp');
    await browsing.next(/^\+;eth0;IPv4;Restante;/);
    assert.equal((await box.cli(['settings', 'set', 'discovery', 'off'])).status, 0);
    await browsing.next(/^-;eth0;IPv4;Restante;/);
    assert.equal((await box.cli(['settings', 'set', 'discovery', 'on'])).status, 0);
    await browsing.next(/^\+;eth0;IPv4;Restante;/);
  });

  test('when its cable is pulled and plugged in again, it is found again', async () => {
    await box.cli(['settings', 'set', 'log.level', 'debug']);
    await lan.cable(home, 'down');
    await statusWith(box, 'closed');
    const again = box.saidAgain(/^Found on the network eth0/);
    await lan.cable(home, 'up');
    await again;
    assert.match(await avahi.ask('avahi-resolve', '-4n', 'restante.local'), /10\.77\.0\.1/);
  });

  test('at its end it says goodbye', async () => {
    using browsing = avahi.watch('avahi-browse', '-p', '_https._tcp');
    await browsing.next(/^\+;eth0;IPv4;Restante;/);
    await box.kill();
    await browsing.next(/^-;eth0;IPv4;Restante;/);
  });
});

/** Asks until it says so; each answer takes the box a while. */
async function statusWith(box: TestBox, state: string): Promise<void> {
  const end = AbortSignal.timeout(120_000);
  while (!end.aborted) {
    const { stdout } = await box.cli(['status', '--json']);
    if (JSON.parse(stdout).discovery.state === state) return;
  }
  throw new Error(`the box never said ${state}`);
}
