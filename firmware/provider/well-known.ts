/*
 * nodemailer's list of well-known mail services as presets: for those that presets.ts lacks. The
 * list is handed in (uplink/well-known.ts loads it when it is needed), for only uplink/ touches
 * nodemailer. It encrypts where the server happens to offer it; here TLS is required, always.
 */
import type { Preset, Server } from './preset.ts';

/** A row of the list, as far as it is used. */
export interface WellKnownService {
  readonly host?: string;
  readonly port?: number | string;
  readonly secure?: boolean;
  /** A test server on one's own machine. */
  readonly ignoreTLS?: boolean;
  readonly domains?: readonly string[];
  readonly aliases?: readonly string[];
}

export type WellKnownList = Readonly<Record<string, WellKnownService>>;

/** Those that can be an uplink. */
export function wellKnownPresets(list: WellKnownList): Preset[] {
  return Object.entries(list).flatMap(([title, service]) => {
    const smtp = serverOf(service);
    if (smtp === undefined) return [];
    const { domains = [], aliases = [] } = service;
    return {
      ...{ name: title.toLowerCase(), title, aliases, domains, smtp, signIn: ['password'] },
      source: 'https://github.com/nodemailer/nodemailer (well-known services)',
    };
  });
}

function serverOf({ host, port, secure, ignoreTLS }: WellKnownService): Server | undefined {
  if (host === undefined || ignoreTLS === true) return undefined;
  const number = port === undefined ? 587 : Number(port);
  // 465 is TLS from the first octet, whatever the row says (RFC 8314 §7.3).
  const security = secure === true || number === 465 ? 'tls' : 'starttls';
  return { host, port: number, security };
}
