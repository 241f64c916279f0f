/* What tests of uplinks share: a connector with short waits, a target on loopback, a message. */
import { Readable } from 'node:stream';
import { SystemClock } from '#base/clock';
import type { OutgoingEnvelope, UplinkConnection, UplinkTarget } from '#uplink/connection';
import { patient, type Waits } from '#uplink/limits';
import { NodemailerConnector } from '#uplink/nodemailer-connection';

/** A server that says nothing is given up after this many milliseconds. */
export const shortWait = 250;

export const shortWaits: Waits = {
  ...patient,
  greeting: shortWait,
  command: shortWait,
  envelope: shortWait,
  block: shortWait,
  end: shortWait,
  quit: shortWait,
};

export function connector(waits: Waits = patient): NodemailerConnector {
  return new NodemailerConnector(new SystemClock(), waits);
}

export function target(port: number, more: Partial<UplinkTarget> = {}): UplinkTarget {
  return { host: '127.0.0.1', port, security: 'none', helloName: 'box.example', ...more };
}

export async function connected(
  port: number,
  more: Partial<UplinkTarget> = {},
  waits: Waits = patient,
): Promise<UplinkConnection> {
  const result = await connector(waits).connect(target(port, more));
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
