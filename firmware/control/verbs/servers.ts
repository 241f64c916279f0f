/*
 * What the verbs of uplinks and of sources have in common: a server's place, and signing in there.
 */
import type { SignInStep } from '../box.ts';
import type { UplinkReport, UplinkSignInReport } from '../types.ts';
import type { Call } from '../verb.ts';
import { timeInWords } from '../words.ts';

/** What is no whole number becomes NaN, which the box refuses in words. */
export function wholeNumber(text: string): number {
  return /^\d+$/.test(text) ? Number(text) : Number.NaN;
}

export function isSecurity(text: string): text is UplinkReport['security'] {
  return text === 'tls' || text === 'starttls' || text === 'none';
}

/** 'smtp.gmail.com:465 (TLS)' */
export function placeOf({
  host,
  port,
  security,
}: Pick<UplinkReport, 'host' | 'port' | 'security'>): string {
  const words = { tls: 'TLS', starttls: 'STARTTLS', none: 'not encrypted' };
  // RFC 3986 §3.2.2: the colons of an IPv6 address are not the one before the port.
  const name = host.includes(':') ? `[${host}]` : host;
  return `${name}:${port} (${words[security]})`;
}

export function signInStep(call: Call): SignInStep {
  if (call.secret !== undefined) return { step: 'pasted', text: call.secret };
  return call.flags.has('wait') ? { step: 'wait' } : { step: 'begin' };
}

export function signInInWords(of: 'uplink' | 'source', report: UplinkSignInReport): string {
  switch (report.step) {
    case 'done':
      return report.say;
    case 'device':
      return [
        `Open ${report.address} in any browser and type this code:`,
        '',
        `  ${report.code}`,
        '',
        `It is good until ${timeInWords(report.expiresAt)}. The box waits for it with: ` +
          `restante ${of} signin ${report.name} --wait`,
      ].join('\n');
    case 'paste':
      return [
        'Open this address in a browser on this computer and sign in:',
        '',
        `  ${report.address}`,
        '',
        'At the end the browser cannot open a page, and that is right: copy the address it shows.',
        `Hand it over with: restante ${of} signin ${report.name} --password-stdin`,
      ].join('\n');
  }
}
