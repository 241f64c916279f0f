/*
 * Takes the first driver that finds something to drive. One that finds its chip and cannot use it
 * (no permission, a pin in use) ends the search: its trouble has a remedy that the owner should
 * hear, and a driver further down would only hide it.
 */
import type { Log } from '#base/log';
import { failed, type Result, trouble } from '#base/result';
import type { ButtonEvent, Lamps, PanelDriver, PanelTrouble } from '#panel/panel';

export class AutoPanel implements PanelDriver {
  readonly #candidates: readonly PanelDriver[];
  readonly #log: Log;
  #chosen: PanelDriver | undefined;

  constructor(candidates: readonly PanelDriver[], log: Log) {
    this.#candidates = candidates;
    this.#log = log;
  }

  get name(): string {
    return this.#chosen?.name ?? 'auto';
  }

  async start(pressed: (event: ButtonEvent) => void): Promise<Result<void, PanelTrouble>> {
    let last = nothingToTry();
    for (const candidate of this.#candidates) {
      const started = await candidate.start(pressed);
      if (started.ok) {
        this.#chosen = candidate;
        return started;
      }
      last = started.error;
      this.#log.debug(`Not ${candidate.name}: ${last.say}`, { detail: last.detail });
      if (last.code !== 'no-chip') break;
    }
    return failed(last);
  }

  show(lamps: Lamps): void {
    this.#chosen?.show(lamps);
  }

  async stop(): Promise<void> {
    await this.#chosen?.stop();
    this.#chosen = undefined;
  }
}

function nothingToTry(): PanelTrouble {
  return trouble('no-chip', 'There is no driver for a front panel here.', 'no candidates', false);
}
