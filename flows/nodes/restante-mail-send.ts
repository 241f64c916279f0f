/*
 * The node restante-mail-send: hands a message in as an account, by the rules that mail clients
 * have. `msg.payload` is the text, or a whole message (RFC 5322) as a Buffer; `msg.to`, `msg.cc`,
 * `msg.bcc`, `msg.subject` (else `msg.topic`), `msg.html` and `msg.from` say the rest. It is done
 * when the message lies safely in the queue or the inbox, not when it has arrived.
 */
import type { SentReport } from '#control/types';
import { refuse } from './ask/asking-node.ts';
import { type Answer, BoxClient, type Fields } from './box.ts';
import { controlPath } from './control-path.ts';
import type { Message, NodeConfig, Red, RedNode } from './red.ts';

const words = ['mail', 'send'];

function register(red: Red): void {
  red.nodes.registerType('restante-mail-send', function (this: RedNode, config: NodeConfig) {
    red.nodes.createNode(this, config);
    const box = new BoxClient(controlPath(red));
    this.on('input', (message, send, done) => {
      const work = async () => {
        const sent = await handIn(box, message, config);
        if (!sent.ok) return refuse(this, sent.refused, words, message, send);
        this.status({});
        send([{ ...message, payload: sent.value }, null]);
        return undefined;
      };
      work().then(done, done);
    });
  });
}

function handIn(box: BoxClient, message: Message, config: NodeConfig): Promise<Answer<SentReport>> {
  const account = first(config['account'], message['account']);
  const from = first(config['from'], message['from']);
  const envelope: Fields = {
    account,
    to: addresses(first(config['to'], '') || message['to']),
    ...(from === '' ? {} : { from }),
  };
  if (Buffer.isBuffer(message.payload)) return box.submit(envelope, message.payload);
  const cc = addresses(message['cc']);
  const bcc = addresses(message['bcc']);
  const { html } = message;
  return box.ask({
    words,
    reads: false,
    fields: {
      ...envelope,
      ...(cc.length === 0 ? {} : { cc }),
      ...(bcc.length === 0 ? {} : { bcc }),
      subject: first(config['subject'], message['subject'], message.topic),
      text: typeof message.payload === 'string' ? message.payload : '',
      ...(typeof html === 'string' ? { html } : {}),
    },
  });
}

/** The first that is a text and says something. */
function first(...texts: readonly unknown[]): string {
  const found = texts.find((text) => typeof text === 'string' && text.trim() !== '');
  return typeof found === 'string' ? found : '';
}

/** Several in an array, or with commas between them. */
function addresses(value: unknown): readonly string[] {
  const all: unknown[] = Array.isArray(value) ? value : String(value ?? '').split(',');
  return all.map((one) => String(one).trim()).filter((one) => one !== '');
}

export { register as default };
