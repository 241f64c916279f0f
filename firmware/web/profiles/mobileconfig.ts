/*
 * Configuration profiles of iPhone, iPad and Mac (Apple's "Device Management" reference: Root,
 * EmailManagedConfiguration): the box's authority, and one person's account. No password is in it;
 * the device asks for it. The identifiers are made from the box and the account, so that a newer
 * profile takes the place of the one before. Not signed: nobody could vouch for the signer.
 */
import { createHash } from 'node:crypto';
import { derOf } from '../light/authority.ts';
import type { Offer, Way } from './offer.ts';
import { type PlistValue, plist } from './xml.ts';

/** The box's authority. */
export interface BoxIdentity {
  /** PEM. */
  readonly certificate: string;
  /** SHA-256, `AA:BB:...` */
  readonly fingerprint: string;
}

export interface Person {
  readonly login: string;
  readonly address: string;
}

/** The authority alone. */
export function authorityProfile(box: BoxIdentity): string {
  return profile(box, 'authority', {
    name: 'Mail box certificate',
    about: 'Lets this device trust the mail box in your home. It can vouch for nothing else.',
    payloads: [authorityPayload(box)],
  });
}

/** Undefined: there is nothing to collect from, or nothing to send by. */
export function personProfile(box: BoxIdentity, person: Person, offer: Offer): string | undefined {
  const [incoming] = offer.incoming;
  const [outgoing] = offer.outgoing;
  if (incoming === undefined || outgoing === undefined) return undefined;
  return profile(box, `account ${person.login}`, {
    name: `Mail of ${person.login}`,
    about: `Adds ${person.address} to this device, and lets it trust the mail box in your home.`,
    payloads: [
      authorityPayload(box),
      accountPayload(box, person, offer.server, incoming, outgoing),
    ],
  });
}

type Payload = Readonly<Record<string, PlistValue>>;

function profile(
  box: BoxIdentity,
  about: string,
  shown: { name: string; about: string; payloads: readonly Payload[] },
): string {
  return plist({
    ...identified(box, 'profile', about),
    PayloadType: 'Configuration',
    PayloadVersion: 1,
    PayloadDisplayName: shown.name,
    PayloadDescription: shown.about,
    PayloadOrganization: 'Restante',
    PayloadContent: shown.payloads,
  });
}

function authorityPayload(box: BoxIdentity): Payload {
  return {
    ...identified(box, 'certificate', 'authority'),
    PayloadType: 'com.apple.security.root',
    PayloadVersion: 1,
    PayloadDisplayName: 'Certificate of the mail box',
    PayloadContent: derOf(box.certificate),
  };
}

function accountPayload(
  box: BoxIdentity,
  { login, address }: Person,
  server: string,
  incoming: Way,
  outgoing: Way,
): Payload {
  return {
    ...identified(box, 'mail', `account ${login}`),
    PayloadType: 'com.apple.mail.managed',
    PayloadVersion: 1,
    PayloadDisplayName: `Mail of ${login}`,
    EmailAccountDescription: 'Restante',
    EmailAccountName: login,
    EmailAccountType: incoming.protocol === 'imap' ? 'EmailTypeIMAP' : 'EmailTypePOP',
    EmailAddress: address,
    ...serverKeys('IncomingMailServer', server, login, incoming),
    ...serverKeys('OutgoingMailServer', server, login, outgoing),
    OutgoingPasswordSameAsIncomingPassword: true,
  };
}

/** UseSSL is for STARTTLS, too: the device finds out which by the port. */
function serverKeys(prefix: string, server: string, login: string, { port }: Way): Payload {
  return {
    [`${prefix}HostName`]: server,
    [`${prefix}PortNumber`]: port,
    [`${prefix}UseSSL`]: true,
    [`${prefix}Authentication`]: 'EmailAuthPassword',
    [`${prefix}Username`]: login,
  };
}

function identified({ fingerprint }: BoxIdentity, kind: string, about: string): Payload {
  const id = uuidOf(fingerprint, `${kind} ${about}`);
  return { PayloadIdentifier: `local.restante.${kind}.${id.toLowerCase()}`, PayloadUUID: id };
}

/** RFC 9562 §5.5: a UUID of version 5; its name space is the box. */
export function uuidOf(fingerprint: string, name: string): string {
  const space = Buffer.from(fingerprint.replaceAll(':', ''), 'hex').subarray(0, 16);
  const octets = createHash('sha1').update(space).update(name).digest().subarray(0, 16);
  octets[6] = ((octets[6] ?? 0) & 0x0f) | 0x50;
  octets[8] = ((octets[8] ?? 0) & 0x3f) | 0x80;
  const hex = octets.toString('hex').toUpperCase();
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
