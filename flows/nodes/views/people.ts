/* People: who lives here and which machines send; and the page of one person. */
import type {
  AddressReport,
  DeviceReport,
  JoinReport,
  NewDeviceReport,
  NewPassword,
  PasswordReport,
  StatusReport,
} from '#control/types';
import type { Asked } from '../page/asked.ts';
import { qrOf } from './qr.ts';
import { faultOf } from './special.ts';
import { capital, counted, joined, size, when } from './words.ts';

export function people(asked: Asked): object {
  const status = asked.box['status'] as StatusReport | undefined;
  const devices = (asked.box['devices'] ?? []) as readonly DeviceReport[];
  const accounts = status?.accounts ?? [];
  const added = asked.answer as NewDeviceReport | undefined;
  return {
    people: accounts.map((one) => ({
      name: one.name,
      called: capital(one.name),
      initial: capital(one.name).slice(0, 1),
      address: addressesInShort(one.addresses),
      hasNew: one.unretrieved > 0,
      unretrieved: one.unretrieved,
    })),
    isEmpty: accounts.length === 0,
    accounts: accounts.map(({ name }) => ({
      name,
      called: capital(name),
      selected: name === asked.fields['account'],
    })),
    devices: devices.map((one) => ({
      ...one,
      sent: `${one.sentThisHour} of ${counted(one.perHour, 'message')} this hour`,
    })),
    fields: asked.fields,
    deviceFault: faultOf(asked, 'device add'),
    otherFault: faultOf(asked, 'device remove', 'account remove', 'status', 'device list'),
    ...(asked.isPost && added?.device !== undefined ? { addedDevice: deviceView(added) } : {}),
  };
}

function deviceView({ device, server, ports }: NewDeviceReport): object {
  return { name: device.name, server, ports: ports.join(' or '), from: device.from };
}

export function person(asked: Asked): object {
  const status = asked.box['status'] as StatusReport | undefined;
  const name = asked.params['account'] ?? '';
  const account = status?.accounts.find((one) => one.name === name);
  if (account === undefined) return { missing: true, title: 'Nobody', name };
  const passwords = (asked.box['passwords'] ?? []) as readonly PasswordReport[];
  const answer = asked.isPost ? (asked.answer as Record<string, unknown> | undefined) : undefined;
  return {
    title: capital(name),
    name,
    owner: name,
    called: capital(name),
    held:
      account.messages === 0
        ? 'The inbox is empty.'
        : `${counted(account.messages, 'message')} (${size(account.octets)}), ` +
          `${account.unretrieved} of them new.`,
    addresses: account.addresses.map(addressView),
    passwords: passwords.map((one) => passwordView(one, asked.now)),
    fields: asked.fields,
    fault: faultOf(asked, 'account unlock', 'status', 'account remove'),
    addressFault: faultOf(asked, 'address add', 'address remove'),
    appFault: faultOf(asked, 'account passwords add', 'account passwords revoke'),
    passwordFault: faultOf(asked, 'account password'),
    joinFault: faultOf(asked, 'join renew'),
    ...newPasswordView(answer),
    ...joinView(asked),
  };
}

/** The one that people know, and how many there are besides. */
function addressesInShort(all: readonly AddressReport[]): object {
  const first = all.find(({ knownAs }) => knownAs === true) ?? all[0];
  if (first === undefined) return {};
  const at = first.address.lastIndexOf('@');
  const more = all.length === 1 ? '' : ` and ${all.length - 1} more`;
  return { local: first.address.slice(0, at), domain: first.address.slice(at), more };
}

function addressView(one: AddressReport): object {
  const targets = one.forwardTo ?? [];
  const say =
    one.kind === 'outside'
      ? one.knownAs
        ? 'sends under it'
        : 'may send as it'
      : targets.length === 0
        ? 'mail for it comes here'
        : one.kind === 'forward'
          ? `goes on to ${joined(targets)}, nothing stays here`
          : `comes here, and a copy goes to ${joined(targets)}`;
  const at = one.address.lastIndexOf('@');
  const [local, domain] = [one.address.slice(0, at), one.address.slice(at)];
  return { address: one.address, local, domain, say };
}

function passwordView(one: PasswordReport, now: number): object {
  const from = one.usedFrom === undefined ? '' : ` from ${one.usedFrom}`;
  const used =
    one.usedAt === undefined ? 'never used' : `last used ${when(one.usedAt, now)}${from}`;
  return {
    name: one.name,
    called: one.name === 'main' ? 'Main password' : one.name,
    isApp: one.name !== 'main',
    say: one.usable ? used : 'not valid: it was kept by another box. Set it anew',
  };
}

/** The only time that it is shown. */
function newPasswordView(answer: Record<string, unknown> | undefined): object {
  if (typeof answer?.['password'] !== 'string') return {};
  const { name, password } = answer as unknown as NewPassword;
  return { newPassword: { name, password } };
}

/** The help page of one person, as a link and a QR code: under the name that the box has in the
 * house, for a phone cannot reach what this browser may call localhost. */
export function joinView(asked: Asked): object {
  const { path } = (asked.box['join'] ?? {}) as Partial<JoinReport>;
  if (typeof path !== 'string') return {};
  const status = asked.box['status'] as StatusReport | undefined;
  const [best = ''] = status?.web?.addresses ?? [];
  const address = new URL(path, /^https:\/\//.test(best) ? best : asked.site).href;
  return { join: { address, path, qr: qrOf(address) } };
}
