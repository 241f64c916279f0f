/* All that runs in the guest, one test after the other: they share its chips. */
import './pins.ts';
import './whole-way.ts';
