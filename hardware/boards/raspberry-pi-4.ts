/* Raspberry Pi 4 and its relatives with the same processor. */
import { type Board, usualPins } from './board.ts';

export const raspberryPi4: Board = {
  ...usualPins,
  name: 'Raspberry Pi 4',
  model: /^Raspberry Pi (?:4\b|400\b|Compute Module 4)/,
  chip: 'pinctrl-bcm2711',
  look: {
    width: 85,
    height: 56,
    name: { x: 37, y: 41.5 },
    landmarks: [
      { name: 'processor', kind: 'chip', x: 22, y: 17, width: 15, height: 15 },
      { name: 'memory', kind: 'chip', x: 39.5, y: 17.5, width: 10, height: 14 },
      { name: 'power', kind: 'socket', x: 6.7, y: 50, width: 9, height: 7 },
      { name: 'HDMI', kind: 'socket', x: 22.5, y: 50, width: 7, height: 7 },
      { name: 'HDMI', kind: 'socket', x: 36, y: 50, width: 7, height: 7 },
      { name: 'sound', kind: 'socket', x: 50.5, y: 43.5, width: 7, height: 14 },
      { name: 'network', kind: 'metal', x: 66, y: 2.2, width: 21.5, height: 16 },
      { name: 'USB', kind: 'metal', x: 70, y: 21.2, width: 17.5, height: 15 },
      { name: 'USB', kind: 'metal', x: 70, y: 39, width: 17.5, height: 15 },
    ],
  },
};
