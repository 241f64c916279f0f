/*
 * The node restante-mail-done: acknowledges a message of restante-mail-in when the flow has dealt
 * with it, so that the next one comes. Also behind Node-RED's own `complete` node, which passes the
 * message on when the nodes it watches are done with it.
 */
import { acknowledge } from './mail/acknowledge.ts';
import type { NodeConfig, Red, RedNode } from './red.ts';

function register(red: Red): void {
  red.nodes.registerType('restante-mail-done', function (this: RedNode, config: NodeConfig) {
    red.nodes.createNode(this, config);
    this.on('input', (message, send, done) => {
      const was = acknowledge(message);
      send(message);
      const say = 'The message does not come from restante-mail-in, so nothing was acknowledged.';
      done(was ? undefined : new Error(say));
    });
  });
}

export { register as default };
