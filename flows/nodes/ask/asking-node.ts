/*
 * The node behind every family: asks the box one thing for each message, and sends the message on
 * with the answer by its first output, or with `msg.refusal` by its second. Where nothing is wired
 * to the second, a refusal is an error as elsewhere in Node-RED, and a catch node gets it.
 */
import { BoxClient, type Fields, type Refused } from '../box.ts';
import { controlPath } from '../control-path.ts';
import type { Message, NodeConfig, Red, RedNode, Send } from '../red.ts';
import type { Action, Family } from './family.ts';
import { fieldsFor } from './fields.ts';

/** Registers `restante-NAME`. */
export function registerAsking(red: Red, name: string, family: Family): void {
  red.nodes.registerType(`restante-${name}`, function (this: RedNode, config: NodeConfig) {
    red.nodes.createNode(this, config);
    const action = family.actions[String(config['action'] ?? '')];
    if (action === undefined) {
      this.status({ fill: 'red', shape: 'ring', text: 'choose what to ask' });
      return;
    }
    const box = new BoxClient(controlPath(red));
    const asking = { box, action, own: ownFields(config), property: propertyOf(config) };
    const isOptional = config['optional'] === true;
    this.on('input', (message, send, done) => {
      ask(red, this, { ...asking, isOptional }, message, send).then(done, done);
    });
  });
}

interface Asking {
  readonly box: BoxClient;
  readonly action: Action;
  readonly own: Fields;
  /** Where in the message the answer goes. */
  readonly property: string;
  /** The flow does without when it is refused, as long as the box is there. */
  readonly isOptional: boolean;
}

async function ask(
  red: Red,
  node: RedNode,
  { box, action, own, property, isOptional }: Asking,
  message: Message,
  send: Send,
): Promise<Error | undefined> {
  const fields = fieldsFor(action, message, own);
  const answer = await box.ask({ words: action.words, reads: action.reads === true, fields });
  if (answer.ok) {
    node.status({});
    red.util.setMessageProperty(message, property, answer.value, true);
    send([message, null]);
    return undefined;
  }
  if (isOptional && !isAway(answer.refused)) {
    send([message, null]);
    return undefined;
  }
  return refuse(node, answer.refused, action.words, message, send);
}

/** The way of a refusal, for every node that asks. */
export function refuse(
  node: RedNode,
  refused: Refused,
  words: readonly string[],
  message: Message,
  send: Send,
): Error | undefined {
  node.status(
    isAway(refused) ? { fill: 'red', shape: 'ring', text: 'the box does not answer' } : {},
  );
  message.refusal = { ...refused, asked: words.join(' ') };
  const second = node.wires[1] ?? [];
  if (second.length === 0) return new Error(refused.say);
  send([null, message]);
  return undefined;
}

function isAway({ code }: Refused): boolean {
  return code === 'not-running' || code === 'no-answer';
}

function propertyOf(config: NodeConfig): string {
  const property = config['property'];
  return typeof property === 'string' && property !== '' ? property : 'payload';
}

/** What the node says itself, as JSON in its settings; what is no object says nothing. */
function ownFields(config: NodeConfig): Fields {
  const text = config['fields'];
  if (typeof text !== 'string' || text.trim() === '') return {};
  const parsed: unknown = JSON.parse(text);
  return typeof parsed === 'object' && parsed !== null ? (parsed as Fields) : {};
}
