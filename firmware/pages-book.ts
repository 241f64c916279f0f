/*
 * The web pages as the rest of the box sees them: the books of the control door, and what `status`
 * says of them.
 */
import { isIPv4 } from 'node:net';
import { failed, ok, trouble } from '#base/result';
import type { FlowsBook, OwnerBook, WebBook } from '#control/box';
import type { FlowsReport } from '#control/types';
import type { OwnerPassword } from '#mail/owner/owner-password';
import { placeOf } from '#net/peer';
import { machineAddresses } from '#net/tls/names';
import type { LiveSettings } from '#settings/settings';
import type { FlowsPower } from '#web/flows/flows-power';
import { withPort } from '#web/host';
import type { Sessions } from '#web/sessions';
import type { SetUpWindow } from '#web/set-up-window';

export interface WebParts {
  readonly settings: LiveSettings;
  readonly owner: OwnerPassword;
  readonly setUp: SetUpWindow;
  readonly sessions: Sessions;
  readonly power: FlowsPower;
}

export interface PagesBook {
  readonly owner: OwnerBook;
  readonly flows: FlowsBook;
  readonly web: WebBook;
  /** Sentences for `status`. */
  worries(): readonly string[];
}

export function pagesBook(parts: WebParts): PagesBook {
  const { settings, owner, setUp, sessions, power } = parts;
  const flowsReport = () => reportOf(power, settings.current['flows.run']);
  return {
    owner: {
      setPassword: (password) => owner.set(password),
      async openSetUp() {
        if (settings.current['webs.port'] === 0) return failed(noPages);
        const { code, until } = setUp.openWithCode();
        owner.unlock();
        return ok({ links: setUpLinks(settings, code), code, until });
      },
    },
    flows: {
      report: flowsReport,
      async stay(why) {
        try {
          await power.stay(why);
          return ok(flowsReport());
        } catch (error) {
          const detail = error instanceof Error ? error.message : String(error);
          const say = `It cannot be written down that the flows stay on (${detail}).`;
          return failed(trouble('flows', say, detail));
        }
      },
    },
    web: {
      report() {
        const { until } = setUp;
        const { state } = owner;
        const isDone = state === 'set' ? 'done' : 'closed';
        return {
          ...{ owner: state, sessions: sessions.size, addresses: pageAddresses(settings) },
          setUp: until === undefined ? isDone : 'open',
          ...(until === undefined ? {} : { setUpUntil: until }),
        };
      },
    },
    worries() {
      const { condition } = power;
      const down = condition.kind === 'failed' ? [`${doNotStart}: ${condition.say}`] : [];
      return [...owner.worries(), ...down];
    },
  };
}

const doNotStart = 'The web pages do not start';

function reportOf(power: FlowsPower, run: FlowsReport['run']): FlowsReport {
  const { condition, staysBecause: stays } = power;
  const { kind } = condition;
  const memory = power.memory();
  return {
    run,
    state: kind === 'off' || kind === 'stopping' ? 'stopped' : kind,
    ...(memory === undefined ? {} : { memory }),
    ...(stays === undefined ? {} : { stays }),
    ...(kind === 'failed' ? { say: condition.say } : {}),
  };
}

/** Where a browser finds the set-up page. */
export function setUpLinks(settings: LiveSettings, code: string): string[] {
  return pageAddresses(settings).map((address) => `${address}setup?code=${code}`);
}

/** Where a browser finds the first page, from which all others are reached: the plain one, for it
 * explains the certificate, where there is one. */
export function frontDoors(settings: LiveSettings): string[] {
  const port = settings.current['web.port'];
  if (port === 0) return pageAddresses(settings);
  return hostsOf(settings).map((name) => `http://${withPort({ name, text: name }, port, 80)}/`);
}

/** Where a browser finds the pages; none: webs.port is 0. */
function pageAddresses(settings: LiveSettings): string[] {
  const port = settings.current['webs.port'];
  if (port === 0) return [];
  return hostsOf(settings).map((name) => `https://${withPort({ name, text: name }, port, 443)}/`);
}

/** What the box is called in the house, or on this machine when it listens only there. */
function hostsOf({ current }: LiveSettings): string[] {
  const isLoopback = (address: string) => placeOf(address) === 'loopback';
  const isHere = (host: string) => isLoopback(host) || host === 'localhost';
  if (current['listen.host'].every(isHere)) return ['localhost'];
  const near = machineAddresses().filter((address) => isIPv4(address) && !isLoopback(address));
  return [current['host.name'], ...near.slice(0, 1)];
}

const noPages = {
  kind: 'refusal',
  code: 'no-pages',
  say: 'There are no web pages: the setting webs.port is 0.',
} as const;
