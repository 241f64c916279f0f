/* Raspberry Pi 3, all models. */
import { type Board, usualPins } from './board.ts';

export const raspberryPi3: Board = {
  ...usualPins,
  name: 'Raspberry Pi 3',
  model: /^Raspberry Pi (?:3\b|Compute Module 3\b)/,
  chip: 'pinctrl-bcm2835',
  look: {
    width: 85,
    height: 56,
    name: { x: 44, y: 38.5 },
    landmarks: [
      { name: 'processor', kind: 'chip', x: 20, y: 19, width: 14, height: 14 },
      { name: 'power', kind: 'socket', x: 6.6, y: 51, width: 8, height: 6 },
      { name: 'HDMI', kind: 'socket', x: 24.5, y: 45.5, width: 15, height: 11.5 },
      { name: 'sound', kind: 'socket', x: 50.5, y: 43.5, width: 7, height: 14 },
      { name: 'USB', kind: 'metal', x: 70, y: 2.2, width: 17.5, height: 15 },
      { name: 'USB', kind: 'metal', x: 70, y: 20.2, width: 17.5, height: 15 },
      { name: 'network', kind: 'metal', x: 66, y: 38, width: 21.5, height: 16 },
    ],
  },
};
