/* Raspberry Pi 5 and its relatives: the header hangs on a chip of its own, the RP1. */
import { type Board, usualPins } from './board.ts';

export const raspberryPi5: Board = {
  ...usualPins,
  name: 'Raspberry Pi 5',
  model: /^Raspberry Pi (?:5\b|500\b|Compute Module 5)/,
  chip: 'pinctrl-rp1',
  look: {
    width: 85,
    height: 56,
    name: { x: 53, y: 44.5 },
    landmarks: [
      { name: 'processor', kind: 'chip', x: 21, y: 15, width: 17, height: 17 },
      { name: 'memory', kind: 'chip', x: 23, y: 34.5, width: 13, height: 9 },
      { name: 'RP1', kind: 'chip', x: 48, y: 22, width: 13, height: 13 },
      { name: 'power', kind: 'socket', x: 6.7, y: 50, width: 9, height: 7 },
      { name: 'HDMI', kind: 'socket', x: 22.3, y: 50, width: 7, height: 7 },
      { name: 'HDMI', kind: 'socket', x: 35.7, y: 50, width: 7, height: 7 },
      { name: 'USB', kind: 'metal', x: 70, y: 2.2, width: 17.5, height: 15 },
      { name: 'USB', kind: 'metal', x: 70, y: 20.2, width: 17.5, height: 15 },
      { name: 'network', kind: 'metal', x: 66, y: 38, width: 21.5, height: 16 },
    ],
  },
};
