/*
 * Collecting: the outside mailboxes that mail comes from, and what is known of the messages there
 * (../../../sources/, ../../../collected/). INSERT INTO arrival notes a collected message in the
 * same statement as its arrival, so that the mail and what is known of it cannot disagree.
 *
 * A removed source keeps its row, so that one that is added again is known. When its account goes,
 * the row goes too, and the sweeper clears away what was known. Measured with 100,000 records in
 * one folder, indexes included: 89 octets a record from IMAP, 150 from POP3 (UIDLs
 * of 20 octets), 30 of one that was skipped.
 */
import { arrivalLands } from './0005-arrival-lands.ts';

export const sources = `
CREATE TABLE source (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,
  account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
  provider TEXT NOT NULL,
  protocol TEXT NOT NULL CHECK (protocol IN ('pop3', 'imap')),
  host TEXT NOT NULL,
  port INTEGER NOT NULL,
  security TEXT NOT NULL CHECK (security IN ('tls', 'starttls', 'none')),
  user TEXT NOT NULL,
  secret BLOB,
  secret_kind TEXT CHECK (secret_kind IN ('password', 'oauth')),
  ca TEXT,
  -- an array of names, as JSON
  folders TEXT NOT NULL,
  -- -1: all; 0: only what comes from now on; else days
  since_days INTEGER NOT NULL,
  -- -1: for ever; else days
  keep_days INTEGER NOT NULL,
  every INTEGER NOT NULL,
  added_at INTEGER NOT NULL,
  paused INTEGER NOT NULL DEFAULT 0,
  stopped_code TEXT CHECK (stopped_code IN ('sign-in', 'certificate', 'settings')),
  stopped_say TEXT,
  removed INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX source_of_account ON source (account);

-- A folder under one identity (UIDVALIDITY). delivered: messages that arrived from it.
CREATE TABLE source_folder (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  source INTEGER NOT NULL,
  name TEXT NOT NULL,
  identity TEXT NOT NULL,
  settled INTEGER,
  modseq TEXT,
  delivered INTEGER NOT NULL DEFAULT 0,
  UNIQUE (source, name, identity)
);

-- Another --since, or a former source that is added again: what lies there is sorted once more.
-- In one commit with that change, so that a power cut leaves no half of it.
CREATE TRIGGER source_is_sorted_anew AFTER UPDATE OF since_days, removed ON source
WHEN NEW.since_days <> OLD.since_days OR NEW.removed < OLD.removed BEGIN
  UPDATE source_folder SET settled = NULL, modseq = NULL WHERE source = NEW.id;
END;

-- uid: a number when it is one in decimal, which saves room, else text; so it has no type here.
-- fate: 0 here, 1 twin, 2 skipped, 3 too large.
CREATE TABLE collected (
  folder INTEGER NOT NULL,
  uid NOT NULL,
  fate INTEGER NOT NULL,
  digest BLOB,
  head_digest BLOB,
  octets INTEGER NOT NULL,
  at INTEGER NOT NULL,
  removed_at INTEGER,
  fresh INTEGER NOT NULL DEFAULT 1,
  PRIMARY KEY (folder, uid)
) WITHOUT ROWID;
-- The first octets find it, the whole digest decides. Digests come in no order, so in a large index
-- each would cost a page of its own when it is written: those of fresh records have a small one, and
-- change over by the thousand (../../../collected/sqlite/sqlite-collected.ts).
CREATE INDEX collected_by_digest ON collected (substr(digest, 1, 4))
  WHERE digest IS NOT NULL AND fresh = 0;
CREATE INDEX collected_fresh ON collected (substr(digest, 1, 4))
  WHERE digest IS NOT NULL AND fresh = 1;
-- What may have to be removed at the source one day; grows at its end.
CREATE INDEX collected_removable ON collected (folder, at) WHERE fate <= 1 AND removed_at IS NULL;

-- A whole delivery, as in 0005, with what is noted of a collected message: an array in the order of
-- collected's columns, its digests in hexadecimal.
DROP VIEW arrival;
CREATE VIEW arrival AS SELECT
  0 AS message, 0 AS octets, 0 AS wire_octets, 0 AS shape, 0 AS chunks, x'' AS digest,
  0 AS chunk_octets, 0 AS crc, x'' AS data, '' AS places, '' AS requests,
  '' AS queued, '' AS history, '' AS ends, '' AS delay_told, '' AS collected;
${arrivalLands}-- Its own trigger, so that other mail pays one comparison for it.
CREATE TRIGGER arrival_is_collected INSTEAD OF INSERT ON arrival
WHEN NEW.collected IS NOT NULL BEGIN
  SELECT RAISE(ABORT, 'a source is gone')
    WHERE NOT EXISTS (SELECT 1 FROM source_folder JOIN source ON source.id = source_folder.source
                      WHERE source_folder.id = NEW.collected ->> 0 AND source.removed = 0);
  INSERT OR REPLACE INTO collected
    (folder, uid, fate, digest, head_digest, octets, at, removed_at)
    SELECT NEW.collected ->> 0, NEW.collected ->> 1, NEW.collected ->> 2,
           unhex(NEW.collected ->> 3), unhex(NEW.collected ->> 4), NEW.collected ->> 5,
           NEW.collected ->> 6, NEW.collected ->> 7;
  UPDATE source_folder SET delivered = delivered + 1 WHERE id = NEW.collected ->> 0;
END;
`;
