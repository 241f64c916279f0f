/* What tests of uplinks share: a connector, a target on loopback, a message. */
import { Readable } from 'node:stream';
import { type Clock, SystemClock } from '#base/clock';
import type { OutgoingEnvelope, UplinkConnection, UplinkTarget } from '#uplink/connection';
import { NodemailerConnector } from '#uplink/nodemailer-connection';

/** As patient as the box is. A clock that is turned by hand is for servers that say nothing: real
 * time runs out for a server that talks, too, on a machine that is busy. */
export function connector(clock: Clock = new SystemClock()): NodemailerConnector {
  return new NodemailerConnector(clock);
}

export function target(port: number, more: Partial<UplinkTarget> = {}): UplinkTarget {
  return { host: '127.0.0.1', port, security: 'none', helloName: 'box.example', ...more };
}

export async function connected(
  port: number,
  more: Partial<UplinkTarget> = {},
  clock: Clock = new SystemClock(),
): Promise<UplinkConnection> {
  const result = await connector(clock).connect(target(port, more));
  if (!result.ok) throw new Error(`${result.error.stage} ${result.error.code}`);
  return result.value;
}

export function envelope(more: Partial<OutgoingEnvelope> = {}): OutgoingEnvelope {
  return {
    sender: 'ann@example.org',
    recipients: ['bob@example.net'],
    size: 100,
    eightBit: false,
    utf8: false,
    ...more,
  };
}

export const letter = 'Subject: Hello\r\n\r\n.Hello Bob,\r\n..\r\n.\r\nhow are you?\r\n';

export function octets(text = letter): Readable {
  return Readable.from([Buffer.from(text)], { objectMode: false });
}

/** The end may be sent. */
export const goOn = () => Promise.resolve(true);
