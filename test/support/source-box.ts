/*
 * A real box that collects, as tests of the way in see it: sources of the test on loopback, what
 * each look brought, how a source is, and what came of it for whoever it is collected for.
 */
import { readFile } from 'node:fs/promises';
import type { PanelReport, SourceCollectReport, SourceReport } from '#control/types';
import type { BoxOptions } from './box.ts';
import { asItWas, mailAt } from './collecting.ts';
import { OutgoingBox, startOutgoingBox } from './outgoing-box.ts';

/** As the scripted servers want it. */
export const sourcePassword = 'correct horse';

/** The field that a box puts on what it collects. */
const ours = /^Received: from [^\r]*\r\n\tby [^\r]* \(source /;

export interface Place {
  readonly protocol: 'pop3' | 'imap';
  readonly port: number;
}

/** As scripts/start has it, for memory that is the box's own and no matter of luck. */
const asInstalled = {
  MALLOC_ARENA_MAX: '1',
  NODE_OPTIONS: '--max-semi-space-size=1 --max-old-space-size=256',
};

export async function startSourceBox(options: BoxOptions = {}): Promise<SourceBox> {
  const { box } = await startOutgoingBox({
    ...options,
    // The very object: what is in it may be changed between two starts.
    env: Object.assign(options.env ?? {}, asInstalled),
  });
  const house = new SourceBox(box);
  await house.person('ann');
  return house;
}

export class SourceBox extends OutgoingBox {
  /** In the clear, for ann, with all that lies there, when nothing else is said. */
  add(name: string, { protocol, port }: Place, more: readonly string[] = [], secret?: string) {
    const has = (option: string) => more.includes(option);
    return this.command<SourceReport>(
      [
        ...['source', 'add', name, '--protocol', protocol, '--port', `${port}`],
        ...['--host', '127.0.0.1', '--security', 'none'],
        ...(has('--account') ? [] : ['--account', 'ann']),
        ...(has('--user') ? [] : ['--user', 'ann']),
        ...(has('--since') ? [] : ['--since', 'all']),
        ...more,
      ],
      secret ?? sourcePassword,
    );
  }

  /** One look into one source. */
  async collect(name: string): Promise<SourceCollectReport> {
    const [look] = await this.command<SourceCollectReport[]>(['source', 'collect', name]);
    if (look === undefined) throw new Error(`nobody looked into ${name}`);
    return look;
  }

  async sourceReport(name: string): Promise<SourceReport> {
    const all = await this.command<SourceReport[]>(['source', 'list']);
    const found = all.find((one) => one.name === name);
    if (found === undefined) throw new Error(`no source ${name}`);
    return found;
  }

  untilSource(name: string, condition: SourceReport['condition']): Promise<SourceReport> {
    return this.until(`${name} to be ${condition}`, async () => {
      const report = await this.sourceReport(name);
      return report.condition === condition && report;
    });
  }

  async lamp(name: 'status' | 'queue' | 'mail'): Promise<string> {
    const { lamps } = await this.command<PanelReport>(['panel']);
    return lamps.find(({ lamp }) => lamp === name)?.pattern ?? 'none';
  }

  /** What was collected for somebody, below the box's field, and what the box itself wrote. */
  async mail(name = 'ann'): Promise<{ collected: Buffer[]; notices: string[] }> {
    const all = await mailAt(this.box.ports.pop3, name);
    const isCollected = (mail: Buffer) => ours.test(mail.toString('latin1'));
    return {
      collected: all.filter(isCollected).map(asItWas),
      notices: all.filter((mail) => !isCollected(mail)).map((mail) => mail.toString()),
    };
  }

  /** Subjects of what was collected, in the order of their alphabet. */
  async subjects(name = 'ann'): Promise<string[]> {
    const { collected } = await this.mail(name);
    return collected.map((mail) => /^Subject: (.*)\r$/m.exec(`${mail}`)?.[1] ?? '').sort();
  }

  /** The most memory that it ever had, in MB. */
  async peak(): Promise<number> {
    const status = await readFile(`/proc/${this.box.pid}/status`, 'utf8');
    return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024;
  }
}
