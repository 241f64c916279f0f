/*
 * When a flow of the owner's uses a node whose package is gone, Node-RED starts no flow at all, and
 * the box would have no pages. Here such nodes do nothing instead, say so on themselves and in the
 * log, and everything else goes on.
 */
import type { NodeConfig, RedNode } from './nodes/red.ts';

/** Of Node-RED's runtime, what this takes. */
export interface Runtime {
  readonly events: { on(event: string, heard: (event: unknown) => void): void };
  readonly nodes: {
    createNode(node: RedNode, config: NodeConfig): void;
    registerType(
      set: string,
      type: string,
      construct: (this: RedNode, config: NodeConfig) => void,
    ): void;
  };
}

interface RuntimeEvent {
  readonly id?: string;
  readonly payload?: { readonly error?: string; readonly types?: readonly string[] };
}

export function putUpWithMissingNodes(red: Runtime, say: (line: string) => void): void {
  red.events.on('runtime-event', (event) => {
    const { id, payload } = event as RuntimeEvent;
    if (id !== 'runtime-state' || payload?.error !== 'missing-types') return;
    // Node-RED takes each from this very list, and starts when it is empty: after this event.
    const types = [...(payload.types ?? [])];
    setImmediate(() => {
      for (const type of types) {
        say(`The package of the node ${type} is missing: nodes of it do nothing.`);
        red.nodes.registerType('restante/missing', type, function (config) {
          red.nodes.createNode(this, config);
          this.status({ fill: 'red', shape: 'ring', text: 'its package is missing' });
        });
      }
    });
  });
}
