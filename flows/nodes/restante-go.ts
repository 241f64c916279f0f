/*
 * The node restante-go: sends the browser to another page after a form has done its work (303, so
 * that reloading does not do it again), with a sentence for that page to say. For an
 * `http response` node behind it.
 */

import { path, sentence } from './page/render.ts';
import { sharedNotes } from './page/shared-notes.ts';
import type { NodeConfig, Red, RedNode } from './red.ts';

function register(red: Red): void {
  const notes = sharedNotes(red);
  red.nodes.registerType('restante-go', function (this: RedNode, config: NodeConfig) {
    red.nodes.createNode(this, config);
    const to = String(config['to'] || '/');
    const say = String(config['say'] ?? '');
    const mood = config['mood'] === 'wrong' ? 'wrong' : 'well';
    this.on('input', (message, send, done) => {
      const said = sentence(say, message).trim();
      const key = said === '' ? '' : notes.keep({ say: said, mood }, Date.now());
      const place = path(to, message);
      // Never to another site, whatever a field of the message says.
      const local = /^\/(?![/\\])/.test(place) ? place : '/';
      const location = key === '' ? local : withNote(local, key);
      send({
        ...message,
        payload: '',
        statusCode: 303,
        headers: { location, 'cache-control': 'no-store' },
      });
      done();
    });
  });
}

/** Before the fragment. */
function withNote(place: string, key: string): string {
  const [before = '', ...after] = place.split('#');
  const fragment = after.length === 0 ? '' : `#${after.join('#')}`;
  return `${before}${before.includes('?') ? '&' : '?'}note=${key}${fragment}`;
}

export { register as default };
