/* The owner's pins over the board's, as a table. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { usualPins } from '#hardware/boards/board';
import { type OwnPin, planPins } from '#hardware/boards/own-pins';

const pin = (name: string, gpio: number | undefined, active?: 'high' | 'low'): OwnPin => ({
  name,
  gpio,
  active,
});

const usual = 'mail 17 high, queue 27 high, status 22 high, flush 23 low up';

const rows: readonly [own: OwnPin[], plan: string | RegExp][] = [
  [[], usual],
  [[pin('mail', 5)], 'mail 5 high, queue 27 high, status 22 high, flush 23 low up'],
  [[pin('mail', 17, 'low')], 'mail 17 low, queue 27 high, status 22 high, flush 23 low up'],
  [[pin('queue', undefined)], 'mail 17 high, status 22 high, flush 23 low up'],
  [[pin('flush', 24, 'high')], 'mail 17 high, queue 27 high, status 22 high, flush 24 high down'],
  [[pin('flush', undefined)], 'mail 17 high, queue 27 high, status 22 high'],
  [[pin('mail.ann', 5)], `${usual.replace(', flush', ', mail.ann 5 high, flush')}`],
  // Two that change places: only the whole plan counts.
  [
    [pin('mail', 27), pin('queue', 17)],
    'mail 27 high, queue 17 high, status 22 high, flush 23 low up',
  ],
  [[pin('mail', 27)], /GPIO 27 \(pin 13 of the header\) cannot be both mail and queue/],
  [[pin('mail', 23)], /GPIO 23 .* cannot be both mail and flush/],
  [[pin('mail', 28)], /has no GPIO 28, which mail should use.*panel\.pins/],
  [[pin('flush', 99)], /has no GPIO 99, which flush should use/],
  [[pin('mail', 1)], /GPIO 1 \(pin 28 of the header\) belongs to add-on boards/],
];

for (const [own, wanted] of rows) {
  const text = own.map(({ name, gpio, active = '' }) => `${name}=${gpio}${active}`).join(' ');
  test(`panel.pins "${text}": ${wanted}`, () => {
    const plan = planPins(usualPins, own, 54);
    if (wanted instanceof RegExp) {
      assert.ok(!plan.ok);
      assert.match(plan.error.say, wanted);
      assert.equal(plan.error.code, 'wrong-pin');
      return;
    }
    assert.ok(plan.ok);
    const lamps = plan.value.lamps.map(({ lamp, gpio, active }) => `${lamp} ${gpio} ${active}`);
    const buttons = plan.value.buttons.map(
      ({ button, gpio, active, pull }) => `${button} ${gpio} ${active} ${pull}`,
    );
    assert.equal([...lamps, ...buttons].join(', '), wanted);
  });
}

test('a chip with fewer lines than the pin needs', () => {
  const plan = planPins(usualPins, [], 8);
  assert.equal(plan.ok ? '' : plan.error.code, 'wrong-pin');
});
