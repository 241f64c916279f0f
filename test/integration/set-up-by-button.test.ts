/*
 * Three seconds on the button of a box that nobody owns open set-up, whatever the box was told
 * about lamps and pins: pressed here at the simulated panel, by the control door. Once it is
 * owned, or has an uplink, the same press holds the queue.
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

test('a box that sends was set up by commands: three seconds hold the queue, and release it', async () => {
  await using box = await startBox();
  const isHeld = async () => (await report(box)).queue.held;
  await box.cli(['hold']);
  assert.match(await held(box), /^Hold is released/, 'what is on hold is released, owner or not');
  assert.equal(await isHeld(), false);
  const added = await box.cli([
    ...['uplink', 'add', 'gmail', '--host', '127.0.0.1', '--port', '9', '--security', 'none'],
    '--default',
  ]);
  assert.equal(added.status, 0, added.stderr);
  assert.match(await held(box), /^On hold/);
  assert.equal(await isHeld(), true);
  assert.match(await held(box), /^Hold is released/);
  assert.equal((await report(box)).web.owner, 'none');
});

test('the link that a checkout prints leaves the mail lamp to the mail', async () => {
  await using box = await startBox();
  const mailLamp = async () => JSON.parse((await box.cli(['panel', '--json'])).stdout).lamps[0];
  assert.equal((await report(box)).web.setUp, 'open', 'for who has the code');
  assert.deepEqual(await mailLamp(), {
    ...{ lamp: 'mail', pattern: 'off', say: 'All mail has been retrieved.' },
  });
});
