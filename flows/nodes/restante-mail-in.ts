/*
 * The node restante-mail-in: hands out each message that comes into an inbox, at least once, in
 * order, under a stable id. The next one comes when this one is acknowledged by the node
 * restante-mail-done, or, in the mode `send`, as soon as it was sent on. `msg.payload` is the whole
 * message as a Buffer, up to a size, or a stream that must be read.
 */
import { buffer } from 'node:stream/consumers';
import type { MailReport } from '#control/types';
import { BoxClient, type Following } from './box.ts';
import { controlPath } from './control-path.ts';
import { acknowledgement } from './mail/acknowledge.ts';
import { contextShelf } from './mail/context-shelf.ts';
import { MailReader } from './mail/reader.ts';
import type { NodeConfig, Red, RedNode } from './red.ts';

/** The biggest message (octets) that is handed out as a Buffer; bigger ones come without. */
const usualMost = 10 * 1024 * 1024;
/** How long (ms) to wait before looking again when something was in the way: doubled up to the longest. */
const pauses = { first: 250, longest: 15_000 };

/** The box cannot hand the message out now; there is nothing wrong with the message. */
class NotNow extends Error {}
/** What may be the message's own fault: of a damaged one the box ends its answer. */
const faultsOfOne: ReadonlySet<string> = new Set(['damaged', 'cut-off', 'no-answer']);

function register(red: Red): void {
  red.nodes.registerType('restante-mail-in', function (this: RedNode, config: NodeConfig) {
    red.nodes.createNode(this, config);
    const wants = planOf(config);
    const box = new BoxClient(controlPath(red));
    let waiting: (() => void) | undefined;
    let unreadable = '';
    const reader = new MailReader(box, wants.account, contextShelf(this), {
      well: () => this.status({ fill: 'green', shape: 'dot', text: 'waiting for mail' }),
      trouble: (say) => this.status({ fill: 'red', shape: 'ring', text: say }),
      message: async (mail) => {
        const payload = await content(box, mail, wants).catch((error: unknown) => {
          // The box went away, or the message is damaged: the second time it is the message, and
          // it must not keep those behind it waiting.
          if (error instanceof NotNow || unreadable !== mail.id) {
            if (!(error instanceof NotNow)) unreadable = mail.id;
            throw error;
          }
          return undefined;
        });
        const dealt = acknowledgement();
        waiting = dealt.giveUp;
        this.status({ fill: 'blue', shape: 'dot', text: `message ${mail.id}` });
        this.send({ topic: mail.subject, payload, mail, ...dealt.mark });
        if (wants.acknowledge === 'send') dealt.done();
        await dealt.over;
        waiting = undefined;
      },
    });
    let [alarm, pause]: [NodeJS.Timeout | undefined, number] = [undefined, pauses.first];
    let closed = false;
    const look = async () => {
      clearTimeout(alarm);
      const isRead = await reader.look();
      if (isRead) pause = pauses.first;
      if (isRead || closed) return;
      clearTimeout(alarm);
      alarm = setTimeout(() => void look(), pause);
      pause = Math.min(pause * 2, pauses.longest);
    };
    const following = listen(box, () => void look());
    this.on('close', (_removed, done) => {
      closed = true;
      clearTimeout(alarm);
      following.stop();
      reader.stop();
      waiting?.();
      done();
    });
  });
}

interface Plan {
  readonly account: string;
  readonly payload: 'buffer' | 'stream' | 'none';
  readonly acknowledge: 'done' | 'send';
  readonly most: number;
}

function planOf(config: NodeConfig): Plan {
  const payload = config['payload'];
  const megabytes = Number(config['most']);
  return {
    account: typeof config['account'] === 'string' ? config['account'].trim() : '',
    payload: payload === 'stream' || payload === 'none' ? payload : 'buffer',
    acknowledge: config['acknowledge'] === 'send' ? 'send' : 'done',
    most: megabytes > 0 ? megabytes * 1024 * 1024 : usualMost,
  };
}

/** Undefined: not wanted, or too big for a Buffer. Throws when it cannot be had now. */
async function content(box: BoxClient, mail: MailReport, plan: Plan): Promise<unknown> {
  if (plan.payload === 'none') return undefined;
  if (plan.payload === 'buffer' && mail.octets > plan.most) return undefined;
  const opened = await box.message(mail.id);
  // It was collected and deleted meanwhile: what is known of it is handed out.
  if (!opened.ok && opened.refused.code.startsWith('unknown')) return undefined;
  if (!opened.ok) {
    const { code, say } = opened.refused;
    throw faultsOfOne.has(code) ? new Error(say) : new NotNow(say);
  }
  return plan.payload === 'stream' ? opened.value : buffer(opened.value);
}

/** Looks when the box is there (again), and whenever there is new mail. */
function listen(box: BoxClient, look: () => void): Following {
  return box.follow(
    { words: ['events'], reads: true },
    {
      event: (event) => {
        if ((event as { event?: string }).event === 'mail') look();
      },
      there: (is) => {
        if (is) look();
      },
    },
  );
}

export { register as default };
