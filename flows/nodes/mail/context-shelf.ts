/* The cursor of a mail reader in its node's context, which lies in a file of the userDir. */
import type { RedNode } from '../red.ts';
import type { CursorShelf } from './reader.ts';

const name = 'cursor';

export function contextShelf(node: RedNode): CursorShelf {
  const context = node.context();
  return {
    read: () =>
      new Promise((resolve, reject) => {
        context.get(name, undefined, (error, value) => {
          if (error) reject(error);
          else resolve(typeof value === 'string' ? value : undefined);
        });
      }),
    write: (cursor) =>
      new Promise((resolve, reject) => {
        context.set(name, cursor, undefined, (error) => (error ? reject(error) : resolve()));
      }),
  };
}
