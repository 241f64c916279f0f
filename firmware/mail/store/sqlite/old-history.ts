/*
 * Forgets what the histories have too much of: lines whose days are over, and the oldest messages'
 * when there are too many in all. In small batches, as the sweeper does everything. A line that
 * was dated by a wrong clock has no age; it goes when its turn comes by number.
 */
import { daysOfLines, linesOfAll } from '../../history/history.ts';
import type { Database } from './database.ts';

const batchLines = 500;
const dayMs = 24 * 3_600_000;

/** One batch. `now` is undefined while the clock is wrong. True while more waits. */
export async function forgetLines(
  database: Database,
  clockIsSaneFrom: number,
  now: number | undefined,
): Promise<boolean> {
  const [lines] = await database.all<{ count: number }>('SELECT count(*) AS count FROM history');
  const over = Math.min(batchLines, Math.max(0, (lines?.count ?? 0) - linesOfAll));
  // With no clock to go by, no line is old enough.
  const before = now === undefined ? clockIsSaneFrom : now - daysOfLines * dayMs;
  const dated = [clockIsSaneFrom, before, batchLines];
  const [old] = await database.all(`${oldLines} LIMIT 1`, dated.slice(0, 2));
  if (over === 0 && old === undefined) return false;
  const forgotten = await database.write(async (sql) => {
    await sql.run(
      `DELETE FROM history WHERE (message, line) IN
         (SELECT message, line FROM history ORDER BY message, line LIMIT ?)`,
      [over],
    );
    await sql.run(`DELETE FROM history WHERE (message, line) IN (${oldLines} LIMIT ?)`, dated);
  }, true);
  return forgotten.ok;
}

const oldLines = 'SELECT message, line FROM history WHERE at >= ? AND at < ?';
