/*
 * The web pages as the rest of the box sees them: the books of the control door, and what `status`
 * says of them.
 */
import { isIPv4 } from 'node:net';
import { failed, ok, trouble } from '#base/result';
import type { FlowsBook, OwnerBook, WebBook } from '#control/box';
import type { FlowsReport } from '#control/types';
import type { OwnerPassword } from '#mail/owner/owner-password';
import type { Discovery } from '#net/discovery/discovery';
import { machineAddresses } from '#net/tls/names';
import type { LiveSettings } from '#settings/settings';
import type { FlowsPower } from '#web/flows/flows-power';
import { withPort } from '#web/host';
import type { Sessions } from '#web/sessions';
import type { SetUpWindow } from '#web/set-up-window';
import { isLoopback } from './house-names.ts';

export interface WebParts {
  readonly settings: LiveSettings;
  readonly discovery: Pick<Discovery, 'called'>;
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
        return ok({ links: setUpLinks(parts, code), code, until });
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
          ...{ owner: state, sessions: sessions.size, addresses: pageAddresses(parts) },
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

type Called = Pick<WebParts, 'settings' | 'discovery'>;

/** Where a browser finds the set-up page. */
export function setUpLinks(parts: Called, code: string): string[] {
  return pageAddresses(parts).map((address) => `${address}setup?code=${code}`);
}

/** Where a browser finds the first page, from which all others are reached: the plain one, for it
 * explains the certificate, where there is one. */
export function frontDoors(parts: Called): string[] {
  const port = parts.settings.current['web.port'];
  if (port === 0) return pageAddresses(parts);
  return hostsOf(parts).map((name) => `http://${withPort({ name, text: name }, port, 80)}/`);
}

/** Where a browser finds the pages; none: webs.port is 0. */
function pageAddresses(parts: Called): string[] {
  const port = parts.settings.current['webs.port'];
  if (port === 0) return [];
  return hostsOf(parts).map((name) => `https://${withPort({ name, text: name }, port, 443)}/`);
}

/** What the box is called in the house, or on this machine when it listens only there. */
export function hostsOf({ settings: { current }, discovery }: Called): string[] {
  if (current['listen.host'].every(isLoopback)) return ['localhost'];
  const near = machineAddresses().filter((address) => isIPv4(address) && !isLoopback(address));
  return [nameIn(current['host.name'], discovery), ...near.slice(0, 1)];
}

/** A name in .local belongs to another machine when the network calls this one by another. */
function nameIn(hostName: string, { called }: Pick<Discovery, 'called'>): string {
  return /\.local$|^[^.]*$/.test(hostName) ? called.text : hostName;
}

const noPages = {
  kind: 'refusal',
  code: 'no-pages',
  say: 'There are no web pages: the setting webs.port is 0.',
} as const;
