/*
 * The kind of setting that names a serial line: the path of its device and, where it is not the
 * usual 115200, its speed. A line is 8N1, as every adapter is out of its bag. Whether the device is
 * there is not asked: it may be plugged in later.
 */
import type { Kind } from './kinds.ts';

export interface SerialDevice {
  /** '' for none. */
  readonly path: string;
  /** Bits a second. */
  readonly baud: number;
}

const usual = 115_200;
/** Speeds that every adapter knows. */
const bauds = [1200, 2400, 4800, 9600, 19_200, 38_400, 57_600, 115_200, 230_400, 460_800, 921_600];
const pattern = /^(\/dev\/[A-Za-z0-9_./:+@#=-]{1,200})(?:[ \t,]+(\d{4,6}))?$/;

export const serialDevice: Kind<SerialDevice> = {
  allowed: `a device such as /dev/ttyUSB0, with a speed behind it when it is not ${usual}, or nothing`,
  unit: '',
  read: (written) => {
    const text = typeof written === 'string' ? written.trim() : undefined;
    if (text === '') return { path: '', baud: usual };
    const [, path, speed] = pattern.exec(text ?? '') ?? [];
    const baud = speed === undefined ? usual : Number(speed);
    return path === undefined || !bauds.includes(baud) ? undefined : { path, baud };
  },
  write: ({ path, baud }) => (path === '' || baud === usual ? path : `${path} ${baud}`),
};
