/*
 * Which uplink carries what waits: when an uplink is added, removed or given other addresses, the
 * mail in the queue changes over. Mail that no uplink serves any more waits for one, and its people
 * are told.
 */
import type { Log } from '#base/log';
import { ok, type Result } from '#base/result';
import { Turns } from '#base/turns';
import type { AccountId, UplinkId } from '#mail/ids';
import type { Notices } from '#mail/notices';
import type { Queue } from '#mail/queue/queue';
import type { StoreTrouble } from '#mail/store/store';
import type { UplinkDirectory } from '#mail/uplinks/directory';
import { counted } from './words.ts';

export interface AssignmentPorts {
  readonly queue: Pick<Queue, 'vias' | 'assign'>;
  readonly directory: UplinkDirectory;
  readonly notices: Pick<Notices, 'tell'>;
  readonly log: Log;
}

export class Assignment {
  readonly #ports: AssignmentPorts;
  readonly #runs = new Turns();

  constructor(ports: AssignmentPorts) {
    this.#ports = ports;
  }

  /** Assigns everything in the queue anew. Runs one after the other. */
  run(): Promise<Result<void, StoreTrouble>> {
    return this.#runs.take(() => this.#assign());
  }

  async #assign(): Promise<Result<void, StoreTrouble>> {
    const { queue, directory, log } = this.#ports;
    const vias = await queue.vias();
    if (!vias.ok) return vias;
    const byUplink = Map.groupBy(vias.value, ({ via }) => directory.serving(via));
    for (const [uplink, rows] of byUplink) {
      const keys = [...new Set(rows.map(({ via }) => via))];
      const assigned = await queue.assign(keys, uplink);
      if (!assigned.ok) {
        log.warn(`Waiting mail could not be given to its uplink: ${assigned.error.say}`);
        return assigned;
      }
    }
    for (const row of byUplink.get(nobody) ?? []) await this.#tell(row);
    return ok(undefined);
  }

  async #tell({
    via,
    account,
    messages,
  }: {
    readonly via: string;
    readonly account: AccountId;
    readonly messages: number;
  }): Promise<void> {
    const waits = messages === 1 ? 'waits' : 'wait';
    const sum = `${counted(messages, 'message')} from ${via} ${waits} in your mail box`;
    const told = await this.#ports.notices.tell(account, {
      subject: 'Mail of yours waits and cannot go out',
      paragraphs: [
        `${sum}, because no uplink serves that address.`,
        'An uplink is the account at a provider through which your mail goes out. Add one with ' +
          `"restante uplink add NAME --provider PROVIDER --user USER --for ${via}". ` +
          'The mail then goes out by itself.',
      ],
      once: `no uplink serves ${via}`,
    });
    if (!told.ok) this.#ports.log.warn(`Nobody could be told of waiting mail: ${told.error.say}`);
  }
}

const nobody: UplinkId | undefined = undefined;
