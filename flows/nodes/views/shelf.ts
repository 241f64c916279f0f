/* The shelf: deleted mail that can still be brought back. */
import type { ShelvedReport } from '#control/types';
import type { Asked } from '../page/asked.ts';
import { faultOf } from './special.ts';
import { capital, size, when } from './words.ts';

export function shelf(asked: Asked): object {
  const items = (asked.box['shelf'] ?? []) as readonly ShelvedReport[];
  return {
    isEmpty: items.length === 0,
    items: items.map((one) => ({
      id: one.id,
      account: capital(one.account),
      subject: one.subject || '(no subject)',
      from: one.from || 'somebody',
      deleted: when(one.deletedAt, asked.now),
      size: size(one.octets),
    })),
    fault: faultOf(asked),
  };
}
