/*
 * Queued messages as rows, one for each recipient, and back again as items. Which rows is the
 * asker's: each statement here begins with the ids that it wants.
 */
import type { AccountId, MessageId, QueuedId, QueuedRecipientId, UplinkId } from '../../ids.ts';
import { isCanonical } from '../../store/shape.ts';
import type { NewQueued, QueuedRecipient, QueueItem } from '../queue.ts';

export interface QueueRow {
  readonly id: QueuedId;
  readonly message: MessageId;
  readonly name: string;
  readonly sender: string;
  readonly account: AccountId;
  readonly via: string;
  readonly uplink: UplinkId | null;
  readonly queuedAt: number;
  readonly born: number;
  readonly octets: number;
  readonly shape: number;
  readonly more: string;
  readonly recipient: QueuedRecipientId;
  readonly due: number;
  readonly address: string;
  readonly notices: string | null;
  readonly attempts: number;
  readonly doubt: number;
  readonly delayTold: number;
  readonly last: string;
}

const columns = `
  queued.id AS id, message, name, sender, account, via, queued.uplink AS uplink,
  queued_at AS queuedAt, born, octets, shape, more, recipient.id AS recipient, due, address,
  notices, attempts, doubt, delay_told AS delayTold, last`;

/** Parameters: uplink, due, ids that are not wanted (JSON), how many items. The index gives the
 * recipients in the order of their due, and the walk along it ends with the last item. */
export const dueSql = `
  WITH soonest AS MATERIALIZED (
    SELECT DISTINCT queued FROM queued_recipient
    WHERE uplink = ?1 AND due <= ?2 AND id NOT IN (SELECT value FROM json_each(?3))
    ORDER BY due LIMIT ?4)
  SELECT ${columns}
  FROM soonest CROSS JOIN queued ON queued.id = soonest.queued
  CROSS JOIN queued_recipient AS recipient ON recipient.queued = queued.id
  WHERE due <= ?2 AND recipient.id NOT IN (SELECT value FROM json_each(?3))
  ORDER BY due, recipient.id`;

/** Parameters: after, up to, how many items, uplink, account, name; NULL for any of the last
 * three. */
export const listSql = `
  WITH page AS MATERIALIZED (
    SELECT id FROM queued
    WHERE id > ?1 AND id <= ?2 AND (?4 IS NULL OR uplink = ?4) AND (?5 IS NULL OR account = ?5)
      AND (?6 IS NULL OR name = ?6)
    ORDER BY id LIMIT ?3)
  SELECT ${columns}
  FROM page CROSS JOIN queued ON queued.id = page.id
  CROSS JOIN queued_recipient AS recipient ON recipient.queued = queued.id
  ORDER BY queued.id, recipient.id`;

/** Items in the order in which they come first. */
export function toItems(rows: readonly QueueRow[]): QueueItem[] {
  const items = new Map<QueuedId, QueueRow[]>();
  for (const row of rows) {
    const item = items.get(row.id);
    if (item === undefined) items.set(row.id, [row]);
    else item.push(row);
  }
  return [...items.values()].flatMap(toItem);
}

type More = Pick<NewQueued, 'body' | 'utf8' | 'reportWith' | 'envelopeId' | 'rewrite'>;

function toItem(rows: readonly QueueRow[]): QueueItem[] {
  const [row] = rows;
  if (row === undefined) return [];
  const { id, message, name, sender, account, via, uplink, queuedAt, born, octets } = row;
  const more: More = JSON.parse(row.more);
  return [
    {
      ...{ id, message, name, sender, account, via, queuedAt, born, octets, ...more },
      ...(uplink === null ? {} : { uplink }),
      canonical: isCanonical(row.shape),
      recipients: rows.map(toRecipient).sort((one, other) => one.id - other.id),
    },
  ];
}

type Notices = Pick<QueuedRecipient, 'notify' | 'original'>;

function toRecipient(row: QueueRow): QueuedRecipient {
  const notices: Notices = row.notices === null ? {} : JSON.parse(row.notices);
  return {
    id: row.recipient,
    address: row.address,
    ...notices,
    due: row.due,
    attempts: row.attempts,
    doubt: row.doubt === 1,
    delayTold: row.delayTold === 1,
    last: row.last,
  };
}
