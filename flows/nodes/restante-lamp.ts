/*
 * The node restante-lamp: one lamp of the front panel, as it is now (for each message) and whenever
 * it changes. What lamps show is the box's affair; a flow that wants a light of its own wires this
 * node to whatever it likes to shine.
 */
import type { PanelReport } from '#control/types';
import { refuse } from './ask/asking-node.ts';
import { BoxClient } from './box.ts';
import { controlPath } from './control-path.ts';
import type { NodeConfig, Red, RedNode } from './red.ts';

const words = ['panel'];
type Lamp = PanelReport['lamps'][number];

function register(red: Red): void {
  red.nodes.registerType('restante-lamp', function (this: RedNode, config: NodeConfig) {
    red.nodes.createNode(this, config);
    const name = String(config['lamp'] || 'mail');
    const box = new BoxClient(controlPath(red));
    let last = '';
    const following = box.follow(
      { words, reads: true },
      {
        event: (report) => {
          const lamp = find(report as PanelReport, name);
          if (lamp === undefined || lamp.pattern === last) return;
          last = lamp.pattern;
          this.status({ fill: 'yellow', shape: last === 'off' ? 'ring' : 'dot', text: last });
          this.send({ topic: name, payload: lamp.pattern, say: lamp.say });
        },
        there: (is, say) => {
          if (!is) this.status({ fill: 'red', shape: 'ring', text: say });
        },
      },
    );
    this.on('input', (message, send, done) => {
      const work = async () => {
        const report = await box.ask<PanelReport>({ words, reads: true });
        if (!report.ok) return refuse(this, report.refused, words, message, send);
        const lamp = find(report.value, name);
        const say = `The panel has no lamp '${name}'.`;
        if (lamp === undefined) {
          return refuse(this, { code: 'no-lamp', say }, words, message, send);
        }
        send([{ ...message, payload: lamp.pattern, say: lamp.say }, null]);
        return undefined;
      };
      work().then(done, done);
    });
    this.on('close', (_removed, done) => {
      following.stop();
      done();
    });
  });
}

function find(report: PanelReport, name: string): Lamp | undefined {
  return report.lamps.find(({ lamp }) => lamp === name);
}

export { register as default };
