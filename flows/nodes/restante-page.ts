/*
 * The node restante-page: renders a page from its template and what the flow has gathered, in the
 * frame of the box's pages, for an `http response` node behind it. It adds the lamps by asking the
 * box itself. A refusal that wants a yes becomes a page that asks for it; the box's absence becomes
 * a page that says so.
 */
import type { PanelReport } from '#control/types';
import { BoxClient } from './box.ts';
import { controlPath } from './control-path.ts';
import { type Asked, askedOf } from './page/asked.ts';
import { type Frame, pageOf, readFrame } from './page/layout.ts';
import { sharedNotes } from './page/shared-notes.ts';
import type { Message, NodeConfig, Red, RedNode } from './red.ts';
import { awayView, confirmView } from './views/special.ts';
import { views } from './views/views.ts';

function register(red: Red): void {
  const notes = sharedNotes(red);
  let reading: Promise<Frame> | undefined;
  red.nodes.registerType('restante-page', function (this: RedNode, config: NodeConfig) {
    red.nodes.createNode(this, config);
    const box = new BoxClient(controlPath(red));
    const plan = planOf(config);
    const answer = async (message: Message): Promise<Message> => {
      reading ??= readFrame();
      const [frame, panel] = await Promise.all([reading, askPanel(box)]);
      const asked = askedOf(message, Date.now());
      const note = notes.take(asked.query['note'] ?? '', asked.now);
      const lamps = panel?.lamps ?? unknownLamps;
      const { template, view, title, status } = choose(plan, asked);
      const sheet = { title, place: plan.place, template, view, lamps };
      return {
        ...message,
        payload: pageOf(frame, { ...sheet, ...(note === undefined ? {} : { note }) }),
        statusCode: status,
        headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' },
      };
    };
    this.on('input', (message, send, done) => {
      answer(message).then((sent) => {
        send(sent);
        done();
      }, done);
    });
  });
}

interface Plan {
  readonly title: string;
  readonly place: string;
  readonly view: string;
  readonly template: string;
}

function planOf(config: NodeConfig): Plan {
  const text = (name: string) => String(config[name] ?? '');
  return {
    title: text('title') || 'Restante',
    place: text('place'),
    view: text('view'),
    template: text('template'),
  };
}

function choose(plan: Plan, asked: Asked) {
  const { refusal } = asked;
  if (refusal?.code === 'confirm') {
    const view = confirmView(asked, refusal);
    return { template: '{{> confirm}}', view, title: 'Are you sure?', status: 200 };
  }
  const isAway = refusal?.code === 'not-running' || refusal?.code === 'no-answer';
  if (isAway) {
    const view = awayView(refusal);
    return { template: '{{> away}}', view, title: 'The box does not answer', status: 503 };
  }
  const view = (views[plan.view] ?? plainView)(asked);
  const title = 'title' in view && typeof view.title === 'string' ? view.title : plan.title;
  const missing = 'missing' in view && view.missing === true;
  const isBroken = 'broken' in view;
  const status = isBroken ? 500 : missing ? 404 : refusal === undefined ? 200 : 422;
  return { template: plan.template, view, title, status };
}

/** For the pages of an owner: all that the message holds. */
function plainView(asked: Asked): object {
  return asked;
}

const unknownLamps = ['mail', 'queue', 'status'].map((lamp) => ({
  ...{ lamp, pattern: 'off', say: 'The box does not say how this lamp is.' },
})) as PanelReport['lamps'];

async function askPanel(box: BoxClient): Promise<PanelReport | undefined> {
  const answer = await box.ask<PanelReport>({ words: ['panel'], reads: true });
  return answer.ok ? answer.value : undefined;
}

export { register as default };
