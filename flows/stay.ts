/*
 * Whether Node-RED must stay on when nobody looks at a page: when a flow of the owner's own waits
 * for something that happens in the box, or for anything else that does not begin with a page. The
 * shipped tabs do not, so they end with the last look.
 */
import { type FlowNode, shippedPrintOf } from './shipped/tab-print.ts';

/** Nodes that wait for the box. */
const waiting: Readonly<Record<string, string>> = {
  'restante-event': 'waits for events of the box',
  'restante-mail-in': 'waits for mail',
  'restante-lamp': 'watches a lamp',
};

/** Why, in a sentence; undefined: it need not. */
export function whyToStay(flows: readonly FlowNode[]): string | undefined {
  const tabs = new Map(flows.filter(({ type }) => type === 'tab').map((tab) => [tab.id, tab]));
  for (const node of flows) {
    const tab = node.z === undefined ? undefined : tabs.get(node.z);
    const what = waiting[node.type];
    if (what === undefined || node['d'] === true || tab?.['disabled'] === true) continue;
    const label = String(tab?.['label'] ?? 'a subflow');
    const whose = tab === undefined || shippedPrintOf(tab) === undefined ? 'Your flow' : 'The flow';
    return `${whose} "${label}" ${what}.`;
  }
  return undefined;
}
