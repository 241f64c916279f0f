/*
 * The web pages as the rest of the box sees them: the books of the control door, and what `status`
 * says of them.
 */
import { failed, ok, trouble } from '#base/result';
import type { FlowsBook, OwnerBook } from '#control/box';
import type { FlowsReport, WebReport } from '#control/types';
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

export interface WebBook {
  readonly owner: OwnerBook;
  readonly flows: FlowsBook;
  report(): WebReport;
  flowsReport(): Promise<FlowsReport>;
  /** Sentences for `status`. */
  worries(): readonly string[];
}

export function webBook(parts: WebParts): WebBook {
  const { settings, owner, setUp, sessions, power } = parts;
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
      async stay(why) {
        try {
          await power.stay(why);
          return ok(undefined);
        } catch (error) {
          const detail = error instanceof Error ? error.message : String(error);
          const say = `It cannot be written down that Node-RED stays on (${detail}).`;
          return failed(trouble('flows', say, detail));
        }
      },
    },
    report() {
      const { until } = setUp;
      const open = until === undefined ? {} : { setUpUntil: until };
      return { owner: owner.state, sessions: sessions.size, ...open };
    },
    async flowsReport() {
      const condition = power.condition;
      const memory = condition.kind === 'off' ? undefined : await power.memory();
      const stays = power.staysBecause;
      const why = condition.kind === 'failed' ? condition.say : stays;
      return {
        run: settings.current['flows.run'],
        state: condition.kind,
        ...(memory === undefined ? {} : { memory }),
        ...(why === undefined ? {} : { why }),
        ...(stays === undefined ? {} : { stays: true }),
      };
    },
    worries() {
      const condition = power.condition;
      const down =
        condition.kind === 'failed' ? [`The web pages do not start: ${condition.say}`] : [];
      return [...owner.worries(), ...down];
    },
  };
}

/** Where a browser in the house, or on this machine, finds the set-up page. */
export function setUpLinks({ current }: LiveSettings, code: string): string[] {
  const port = current['webs.port'];
  const isLoopback = (address: string) => placeOf(address) === 'loopback';
  const onlyHere = current['listen.host'].every((host) => isLoopback(host) || host === 'localhost');
  const near = machineAddresses().filter(
    (address) => !isLoopback(address) && !address.includes(':'),
  );
  const hosts = onlyHere ? ['localhost'] : [current['host.name'], ...near.slice(0, 1)];
  return hosts.map((name) => {
    const host = withPort({ name, text: name }, port, 443);
    return `https://${host}/setup?code=${code}`;
  });
}

const noPages = {
  kind: 'refusal',
  code: 'no-pages',
  say: 'There are no web pages: the setting webs.port is 0.',
} as const;
