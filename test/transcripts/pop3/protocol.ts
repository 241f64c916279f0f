/* POP3 in the house of the transcripts. */
import { Log, type Sink } from '#base/log';
import type { PlaintextRule } from '#mail/accounts/plaintext';
import { StoreMaildrops } from '#mail/maildrop/store-maildrops';
import { Pop3 } from '#protocol/pop3/pop3';
import type { Protocol } from '#protocol/session';
import type { House } from '../../support/house.ts';

export function protocol(house: House, sink: Sink = () => {}): Protocol {
  return new Pop3({
    signIn: house.accounts,
    directory: house.accounts,
    maildrops: new StoreMaildrops(house.store, house.noted, house.clock, () => ({
      lockWait: Number(house.setting('pop3.lockWait', '5')) * 1000,
    })),
    random: house.random,
    log: new Log(sink, house.clock, () => 'trace'),
    settings: () => ({
      hostName: 'restante.local',
      sharedSecrets: house.accounts.sharesSecrets,
      plaintext: house.setting('auth.plaintext', 'loopback') as PlaintextRule,
      tlsAvailable: house.certificate,
      idle: Number(house.setting('pop3.idle', '600')) * 1000,
    }),
  });
}
