/* Serial lines as settings, as a table. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serialDevice } from '#settings/serial-kind';

const rows: readonly [written: unknown, value: unknown, again?: string][] = [
  ['', { path: '', baud: 115_200 }, ''],
  ['/dev/ttyUSB0', { path: '/dev/ttyUSB0', baud: 115_200 }, '/dev/ttyUSB0'],
  [' /dev/ttyS0  9600 ', { path: '/dev/ttyS0', baud: 9_600 }, '/dev/ttyS0 9600'],
  ['/dev/ttyS0,115200', { path: '/dev/ttyS0', baud: 115_200 }, '/dev/ttyS0'],
  [
    '/dev/serial/by-id/usb-FTDI_FT232R_A10-if00-port0',
    { path: '/dev/serial/by-id/usb-FTDI_FT232R_A10-if00-port0', baud: 115_200 },
    '/dev/serial/by-id/usb-FTDI_FT232R_A10-if00-port0',
  ],
  // All that udev leaves as it is in such a name.
  [
    '/dev/serial/by-id/usb-A#1+b:2=c@d_e.f-if00 9600',
    { path: '/dev/serial/by-id/usb-A#1+b:2=c@d_e.f-if00', baud: 9_600 },
    '/dev/serial/by-id/usb-A#1+b:2=c@d_e.f-if00 9600',
  ],
  ['ttyUSB0', undefined],
  ['/etc/passwd', undefined],
  ['/dev/ttyUSB0 9601', undefined],
  ['/dev/ttyUSB0 fast', undefined],
  ['/dev/tty USB0', undefined],
  [9600, undefined],
];

for (const [written, value, again] of rows) {
  test(`serial line ${JSON.stringify(written)}`, () => {
    const read = serialDevice.read(written);
    assert.deepEqual(read, value);
    if (read !== undefined) assert.equal(serialDevice.write(read), again);
  });
}
