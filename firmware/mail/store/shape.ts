/* How a message's Shape is kept in one octet, in listings and on disk. */
import type { Shape } from './store.ts';

const canonicalBit = 1;
const dotsBit = 2;

export function shapeBits(shape: Pick<Shape, 'canonical' | 'dots'>): number {
  return (shape.canonical ? canonicalBit : 0) | (shape.dots ? dotsBit : 0);
}

export function isCanonical(bits: number): boolean {
  return (bits & canonicalBit) !== 0;
}

export function hasDots(bits: number): boolean {
  return (bits & dotsBit) !== 0;
}
