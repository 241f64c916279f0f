/*
 * Where mail programs and phones ask how this box is reached: Autoconfig, Autodiscover, Apple's
 * profiles, and the help page of each person. The first two are the same for everybody; what is one
 * person's is reached by the unguessable token of their link, and over TLS alone.
 */
import type { Clock } from '#base/clock';
import type { ListenerReport, MailClientFacts } from '#control/types';
import { type Host, withPort } from '../host.ts';
import type { AuthorityFacts } from '../light/authority.ts';
import { trouble } from '../light/page.ts';
import type { LightAnswer, LightRequest, LightRoute } from '../light/route.ts';
import { autoconfig } from './autoconfig.ts';
import { autodiscover, readRequest } from './autodiscover.ts';
import { joinPage } from './join-page.ts';
import { authorityProfile, type BoxIdentity, personProfile } from './mobileconfig.ts';
import { type Names, type Offer, offerTo, otherwise, serverFor, serverForOthers } from './offer.ts';
import { qrCode } from './qr.ts';

export interface ProfilePorts {
  readonly listeners: () => readonly ListenerReport[];
  readonly names: () => Names;
  readonly domains: () => readonly string[];
  /** Whose link this is, by name. */
  readonly accountOf: (token: string) => string | undefined;
  readonly factsOf: (
    account: string,
  ) => Pick<MailClientFacts, 'login' | 'address' | 'loopbackOnly'>;
  readonly authority: AuthorityFacts;
  readonly clock: Clock;
}

const autoconfigPaths = [
  '/.well-known/autoconfig/mail/config-v1.1.xml',
  '/mail/config-v1.1.xml',
] as const;

export function profileRoutes(ports: ProfilePorts): readonly LightRoute[] {
  const pages = new Profiles(ports);
  const open = { on: 'both', methods: ['GET'], wants: 'nobody' } as const;
  return [
    ...autoconfigPaths.map(
      (path): LightRoute => ({
        ...{ ...open, path, foreign: true },
        answer: (request) => pages.autoconfig(request),
      }),
    ),
    {
      ...{ ...open, methods: ['GET', 'POST'], path: '/autodiscover/autodiscover.xml' },
      foreign: true,
      answer: (request) => pages.autodiscover(request),
    },
    { ...open, path: '/ca.mobileconfig', answer: () => pages.authority() },
    { ...open, on: 'secure', path: '/join/*', answer: (request) => pages.join(request) },
  ];
}

class Profiles {
  readonly #ports: ProfilePorts;

  constructor(ports: ProfilePorts) {
    this.#ports = ports;
  }

  autoconfig(request: LightRequest): LightAnswer {
    const text = autoconfig(this.#offer(request), this.#ports.domains());
    return text === undefined ? nothingListens : file(text, 'text/xml; charset=utf-8');
  }

  autodiscover(request: LightRequest): LightAnswer {
    const asked = request.method === 'POST' ? readRequest(request.body) : undefined;
    const time = new Date(this.#ports.clock.now()).toISOString().slice(11, 19);
    const text = autodiscover(asked, this.#offer(request), time);
    return file(text, 'text/xml; charset=utf-8');
  }

  authority(): LightAnswer {
    const box = this.#box();
    if (box === undefined) return lost;
    return file(authorityProfile(box), appleProfile, 'restante-ca.mobileconfig');
  }

  async join(request: LightRequest): Promise<LightAnswer> {
    const [, token = '', rest] =
      /^\/join\/([\w-]+)(\/profile\.mobileconfig)?\/?$/i.exec(request.path) ?? [];
    const account = this.#ports.accountOf(token);
    if (account === undefined) return nobodys;
    const { login, address, loopbackOnly } = this.#ports.factsOf(account);
    const person = { login, address };
    const offer = this.#offer(request);
    const box = this.#box();
    if (rest !== undefined) {
      if (box === undefined) return lost;
      const text = personProfile(box, person, offer);
      if (text === undefined) return nothingListens;
      return file(text, appleProfile, 'restante-mail.mobileconfig');
    }
    const path = `/join/${token}`;
    return joinPage({
      otherwise: otherwise(offer.server, this.#ports.names()),
      ...{ person, offer, fingerprint: box?.fingerprint, profile: `${path}/profile.mobileconfig` },
      elsewhere: loopbackOnly ? undefined : await this.#elsewhere(request.host, path),
    });
  }

  async #elsewhere(host: Host | undefined, path: string) {
    const port = this.#ports.authority.securePort();
    if (port === undefined) return undefined;
    const name = serverForOthers(host, this.#ports.names());
    const address = `https://${withPort({ name, text: name }, port, 443)}${path}`;
    return { address, code: await qrCode(address, `QR code of ${address}`) };
  }

  #offer({ address, host }: LightRequest): Offer {
    return offerTo(address, serverFor(host, this.#ports.names()), this.#ports.listeners());
  }

  #box(): BoxIdentity | undefined {
    const [certificate, fingerprint] = [
      this.#ports.authority.certificate(),
      this.#ports.authority.fingerprint(),
    ];
    if (certificate === undefined || fingerprint === undefined) return undefined;
    return { certificate, fingerprint };
  }
}

const appleProfile = 'application/x-apple-aspen-config';

function file(body: string, type: string, name?: string): LightAnswer {
  const disposition = name && { 'content-disposition': `attachment; filename="${name}"` };
  const headers = { 'content-type': type, 'cache-control': 'no-store', ...disposition };
  return { status: 200, headers, body };
}

const nothingListens = trouble(
  404,
  'Nothing to set up',
  'Nothing for mail programs listens where this device could reach it.',
);

const lost = trouble(
  404,
  'There is no certificate',
  'The key of the box’s own authority is lost. “restante status” says what to do.',
);

const nobodys = trouble(
  404,
  'This link leads nowhere',
  'It was replaced by another, or is not whole. Ask whoever looks after the box for the new one.',
);
