/* SMTP for the transcripts: the real session over a house in memory. */
import { Log } from '#base/log';
import type { PlaintextRule } from '#mail/accounts/plaintext';
import { LocalIntake } from '#mail/local-intake';
import { Smtp } from '#protocol/smtp/smtp';
import type { SmtpTerms } from '#protocol/smtp/terms';
import type { House } from '../../support/house.ts';

/** `given smtp.role submission` makes it port 587; otherwise it is port 25. */
export function protocol(house: House): Smtp {
  const { clock, random, accounts } = house;
  const intake = new LocalIntake(house.intakeParts);
  const log = new Log(
    () => {},
    clock,
    () => 'trace',
  );
  const flush = (domain: string | undefined) => house.flush(domain);
  const terms = () => termsOf(house);
  return new Smtp('smtp', { intake, signIn: accounts, random, log, flush, terms });
}

function termsOf(house: House): SmtpTerms {
  return {
    role: house.setting('smtp.role', 'relay') as SmtpTerms['role'],
    hostName: 'restante.local',
    domains: ['restante.local'],
    largestMessage: Number(house.setting('smtp.largestMessage', '1048576')),
    mostRecipients: Number(house.setting('smtp.maxRecipients', '100')),
    idle: 300_000,
    plaintext: house.setting('auth.plaintext', 'loopback') as PlaintextRule,
    bareNewline: house.setting('smtp.bareNewline', 'auto') as SmtpTerms['bareNewline'],
    certificate: house.certificate,
    sharedSecrets: house.accounts.sharesSecrets,
  };
}
