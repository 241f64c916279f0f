/* The log: where is my message? And what the box said lately. */
import type { HistoryReport } from '#control/types';
import type { Asked } from '../page/asked.ts';
import { itemView } from './queue.ts';
import { faultOf } from './special.ts';
import { full, when } from './words.ts';

/** A line of the log, as far as the page reads it. */
interface Line {
  readonly at?: number;
  readonly time?: number | string;
  readonly level?: string;
  readonly say?: string;
}

export function log(asked: Asked): object {
  const answer = (asked.box['log'] ?? []) as readonly unknown[];
  const address = asked.query['address']?.trim() ?? '';
  const isSearch = address !== '';
  const histories = isSearch ? (answer as readonly HistoryReport[]) : [];
  const lines = isSearch ? [] : (answer as readonly Line[]);
  return {
    address,
    isSearch,
    histories: histories.map((one) => ({
      id: one.id,
      lines: one.lines.map(({ at, say }) => ({ at: when(at, asked.now), say: full(say) })),
      ...(one.queued === undefined ? {} : { item: itemView(one.queued, asked.now) }),
    })),
    nothing: isSearch && asked.refusal === undefined && histories.length === 0,
    lines: lines.toReversed().map((line) => ({
      at: timeOf(line, asked.now),
      say: line.say ?? '',
      level: line.level ?? 'info',
      wrong: line.level === 'warn' || line.level === 'error',
    })),
    fault: faultOf(asked),
  };
}

function timeOf({ at, time }: Line, now: number): string {
  const moment = at ?? (typeof time === 'number' ? time : Date.parse(time ?? ''));
  return Number.isFinite(moment) ? when(moment, now) : '';
}
