/*
 * The node restante-event: tells what happens in the box as it happens: new mail, the queue,
 * troubles, the button, the lamps. It listens again by itself when the box was away. What the box
 * tells first (how queue, lamps and troubles are) is passed on like the rest.
 */
import type { BoxEvent } from '#control/types';
import { BoxClient } from './box.ts';
import { controlPath } from './control-path.ts';
import type { NodeConfig, Red, RedNode } from './red.ts';

type Wanted = BoxEvent['event'] | 'all';

function register(red: Red): void {
  red.nodes.registerType('restante-event', function (this: RedNode, config: NodeConfig) {
    red.nodes.createNode(this, config);
    const wanted = String(config['event'] ?? 'all') as Wanted;
    const name = typeof config['about'] === 'string' ? config['about'].trim() : '';
    const box = new BoxClient(controlPath(red));
    const following = box.follow(
      { words: ['events'], reads: true },
      {
        event: (told) => {
          const event = told as BoxEvent;
          if (!concerns(event, wanted) || !isAbout(event, name)) return;
          this.send({ topic: event.event, payload: event });
        },
        there: (is, say) => {
          this.status(is ? { fill: 'green', shape: 'dot', text: 'listening' } : away(say));
        },
      },
    );
    this.on('close', (_removed, done) => {
      following.stop();
      done();
    });
  });
}

/** A trouble that is over belongs to the troubles. */
function concerns(event: BoxEvent, wanted: Wanted): boolean {
  if (wanted === 'all' || event.event === wanted) return true;
  return wanted === 'trouble' && event.event === 'trouble-over';
}

/** `name`: an account, an uplink or a source; '' stands for all. */
function isAbout(event: BoxEvent, name: string): boolean {
  if (name === '') return true;
  if (event.event === 'mail') return event.account === name;
  if (event.event === 'trouble' || event.event === 'trouble-over') return event.name === name;
  return true;
}

function away(say: string) {
  return { fill: 'red', shape: 'ring', text: say } as const;
}

export { register as default };
