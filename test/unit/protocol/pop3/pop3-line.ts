/* A line to the POP3 of a house, for tests that transcripts are too small for. */
import { createHash } from 'node:crypto';
import type { Session } from '#protocol/session';
import { House } from '../../../support/house.ts';
import { RecordedWire } from '../../../support/recorded-wire.ts';
import { protocol } from '../../../transcripts/pop3/protocol.ts';

export class Pop3Line {
  readonly wire: RecordedWire;
  readonly session: Session;
  /** The greeting's, where it has one (RFC 1939 §7). */
  readonly timestamp: string | undefined;

  constructor(house: House, slow = false) {
    this.wire = new RecordedWire(slow);
    this.session = protocol(house).open(this.wire, house.peer);
    void this.session.greet(house.tls);
    this.timestamp = /<.*>/.exec(this.wire.takeSent().toString())?.[0];
  }

  /** What the server says to these octets. */
  async say(octets: string): Promise<string> {
    await this.session.receive(Buffer.from(octets, 'latin1'));
    return this.wire.takeSent().toString('latin1');
  }

  /** What APOP wants of somebody with this password. */
  digestOf(password: string): string {
    return createHash('md5').update(`${this.timestamp}${password}`).digest('hex');
  }

  signIn(): Promise<string> {
    return this.say('USER ann\r\nPASS tuna\r\n');
  }
}

/** A house with Ann in it and these messages in her inbox. */
export async function houseOfAnn(...messages: string[]): Promise<House> {
  const house = new House();
  await house.given('account ann', undefined);
  for (const message of messages) await house.given('ann has the message', message);
  return house;
}
