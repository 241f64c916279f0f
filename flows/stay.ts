/*
 * Whether Node-RED must stay on when nobody looks at a page: when a flow of the owner's own waits
 * for something that happens in the box, or for a time, or listens elsewhere, by a node of Node-RED's
 * own. Of nodes of other packages nothing is known: the setting flows.run is for them. The shipped
 * tabs do not wait, so they end with the last look.
 */
import { type FlowNode, shippedPrintOf } from './shipped/tab-print.ts';

/** Nodes that always wait. */
const waiting: Readonly<Record<string, string>> = {
  'restante-event': 'waits for events of the box',
  'restante-mail-in': 'waits for mail',
  'restante-lamp': 'watches a lamp',
  'mqtt in': 'listens outside the box',
  'tcp in': 'listens outside the box',
  'udp in': 'listens outside the box',
  watch: 'waits for files',
};

/** What a node waits for; undefined: it does not, or only for somebody at a page. */
function waitsFor(node: FlowNode): string | undefined {
  const says = (name: string) => (node[name] ?? '') !== '';
  if (node.type === 'inject') {
    const comesAgain = Number(node['repeat'] ?? 0) > 0 || says('crontab');
    return comesAgain ? 'waits for its time' : undefined;
  }
  // With a server, browsers come by the pages, and each holds them on by itself.
  if (node.type === 'websocket in') return says('client') ? 'listens outside the box' : undefined;
  return waiting[node.type];
}

/** Why, in a sentence; undefined: it need not. */
export function whyToStay(flows: readonly FlowNode[]): string | undefined {
  const tabs = new Map(flows.filter(({ type }) => type === 'tab').map((tab) => [tab.id, tab]));
  for (const node of flows) {
    const tab = node.z === undefined ? undefined : tabs.get(node.z);
    const what = waitsFor(node);
    if (what === undefined || node['d'] === true || tab?.['disabled'] === true) continue;
    const label = String(tab?.['label'] ?? 'a subflow');
    const whose = tab === undefined || shippedPrintOf(tab) === undefined ? 'Your flow' : 'The flow';
    return `${whose} "${label}" ${what}.`;
  }
  return undefined;
}
