/*
 * Draws the wiring picture of every board into hardware/wiring/. Run `scripts/wiring`;
 * test/unit/hardware/wiring.test.ts fails while a picture is not what this would draw.
 */
import { writeFileSync } from 'node:fs';
import { boards } from '#hardware/boards/boards';
import { drawWiring, pictureName } from '#hardware/wiring/diagram';

for (const board of boards) {
  const path = new URL(`../hardware/wiring/${pictureName(board)}`, import.meta.url);
  writeFileSync(path, drawWiring(board));
}
