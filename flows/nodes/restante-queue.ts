/* The node restante-queue: what it asks the box stands in ask/. */
import { registerAsking } from './ask/asking-node.ts';
import { families } from './ask/families.ts';
import type { Red } from './red.ts';

function register(red: Red): void {
  const family = families['queue'];
  if (family !== undefined) registerAsking(red, 'queue', family);
}

export { register as default };
