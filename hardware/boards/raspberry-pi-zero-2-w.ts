/* Raspberry Pi Zero 2 W: the smallest board that Restante is made for, with 512 MB. */
import { type Board, usualPins } from './board.ts';

export const raspberryPiZero2W: Board = {
  ...usualPins,
  name: 'Raspberry Pi Zero 2 W',
  model: /^Raspberry Pi Zero 2\b/,
  chip: 'pinctrl-bcm2835',
  look: {
    width: 65,
    height: 30,
    name: { x: 48, y: 16.5 },
    landmarks: [
      { name: 'SD card', kind: 'metal', x: 1.5, y: 8, width: 14, height: 12 },
      { name: 'processor', kind: 'chip', x: 19, y: 8, width: 15, height: 15 },
      { name: 'HDMI', kind: 'socket', x: 6.8, y: 25.5, width: 11.2, height: 5.5 },
      { name: 'USB', kind: 'socket', x: 37.4, y: 26, width: 8, height: 5 },
      { name: 'power', kind: 'socket', x: 50, y: 26, width: 8, height: 5 },
    ],
  },
};
