/* The node restante-provider: what it asks the box stands in ask/. */
import { registerAsking } from './ask/asking-node.ts';
import { families } from './ask/families.ts';
import type { Red } from './red.ts';

function register(red: Red): void {
  const family = families['provider'];
  if (family !== undefined) registerAsking(red, 'provider', family);
}

export { register as default };
