/*
 * One store of notes for all page and go nodes of a Node-RED. They are loaded one by one and meet
 * only in its events, so that is what the store hangs on.
 */
import type { Red } from '../red.ts';
import { Notes } from './notes.ts';

const stores = new WeakMap<object, Notes>();

export function sharedNotes(red: Red): Notes {
  const found = stores.get(red.events) ?? new Notes();
  stores.set(red.events, found);
  return found;
}
