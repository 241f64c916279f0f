/*
 * Mozilla's Autoconfig, version 1.1 (draft-ietf-mailmaint-autoconfig): what Thunderbird and others
 * ask for at a mail address's domain. It is the same for everybody: the asked address is not looked
 * up, so nobody learns who lives here. Signing in takes the whole address as well as the login.
 */
import type { Offer, Way } from './offer.ts';
import { type Xml, xml, xmlHeader } from './xml.ts';

/** Undefined: there is nothing to collect from, and a configuration needs that. */
export function autoconfig(
  { server, incoming, outgoing }: Offer,
  domains: readonly string[],
): string | undefined {
  if (incoming.length === 0) return undefined;
  const [id = server] = domains;
  return xml`${xmlHeader}<clientConfig version="1.1">
  <emailProvider id="${id}">
${domains.map((domain) => xml`    <domain>${domain}</domain>\n`)}    <displayName>Restante</displayName>
    <displayShortName>Restante</displayShortName>
${incoming.map((way) => incomingServer(server, way))}${outgoing.map(
  (way) => xml`    <outgoingServer type="smtp">
${reached(server, way)}    </outgoingServer>\n`,
)}  </emailProvider>
</clientConfig>
`.text;
}

function incomingServer(server: string, way: Way): Xml {
  return xml`    <incomingServer type="${way.protocol}">
${reached(server, way)}${way.protocol === 'pop3' ? [pop3Habits] : []}    </incomingServer>\n`;
}

/** Several devices collect one person's mail: each leaves it for the others. */
const pop3Habits = xml`      <pop3>
        <leaveMessagesOnServer>true</leaveMessagesOnServer>
        <downloadOnBiff>true</downloadOnBiff>
      </pop3>\n`;

function reached(server: string, { port, security }: Way): Xml {
  // "password-cleartext" is a password inside TLS.
  return xml`      <hostname>${server}</hostname>
      <port>${port}</port>
      <socketType>${security === 'tls' ? 'SSL' : 'STARTTLS'}</socketType>
      <authentication>password-cleartext</authentication>
      <username>%EMAILADDRESS%</username>\n`;
}
