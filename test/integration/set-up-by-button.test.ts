/*
 * Three seconds on the button of a box that nobody owns open set-up, whatever the box was told
 * about lamps and pins: pressed here at the simulated panel, by the control door. Once it is
 * owned, the same press holds the queue.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startBox, type TestBox } from '../support/box.ts';
import { Browser } from '../support/browser.ts';

const program = fileURLToPath(new URL('../support/flows-stand-in.ts', import.meta.url));
const password = 'correct horse';
const form = { password, again: password };

/** What the press did, in words. */
async function held(box: TestBox): Promise<string> {
  const pressed = await box.cli(['panel', 'press', 'flush', '--hold', '3s']);
  assert.equal(pressed.status, 0, pressed.stderr);
  return pressed.stdout;
}

async function report(box: TestBox) {
  return JSON.parse((await box.cli(['status', '--json'])).stdout);
}

test('three seconds on the button open set-up, until the box has an owner', async () => {
  await using box = await startBox({
    env: { RESTANTE_FLOWS_PROGRAM: program },
    set: { profile: 'appliance' },
  });
  const browser = await Browser.open(box);
  assert.doesNotMatch((await browser.get('/setup')).text, /name="again"/, 'nobody may, before');
  assert.equal((await browser.post('/setup', form)).status, 403);

  const here = `at http://localhost:${box.ports.web}/`;
  assert.match(await held(box), new RegExp(`^Set-up is open for ten minutes: .* ${here}$`));
  const { web, panel } = await report(box);
  assert.equal(web.setUp, 'open', JSON.stringify(panel));
  const shown = JSON.parse((await box.cli(['panel', '--json'])).stdout);
  assert.match(JSON.stringify(shown), /Set-up is open/, 'and a lamp says so');

  assert.match((await browser.get('/setup')).text, /name="again"/);
  const made = await browser.post('/setup', form);
  assert.deepEqual([made.status, made.headers.location], [303, '/welcome'], made.text);
  assert.equal((await browser.stranger().post('/setup', form)).status, 403, 'once');

  assert.doesNotMatch(await held(box), /Set-up/);
  assert.equal((await report(box)).web.owner, 'set');
});
