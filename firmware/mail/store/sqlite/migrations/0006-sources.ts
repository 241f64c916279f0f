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
CREATE TRIGGER arrival_lands INSTEAD OF INSERT ON arrival BEGIN
  INSERT INTO message (id, octets, wire_octets, shape, chunks, digest)
    VALUES (NEW.message, NEW.octets, NEW.wire_octets, NEW.shape, NEW.chunks, NEW.digest);
  INSERT INTO chunk (id, octets, crc, data)
    SELECT NEW.message * 1048576 + NEW.chunks - 1, NEW.chunk_octets, NEW.crc, NEW.data
    WHERE NEW.data IS NOT NULL;
  INSERT INTO report_request (message, requests)
    SELECT NEW.message, NEW.requests WHERE NEW.requests IS NOT NULL;
  DELETE FROM incoming WHERE message = NEW.message;
  INSERT INTO entry (mailbox, uid, message, generation, modseq, internal_date,
                     octets, wire_octets, shape)
    SELECT mailbox.id, mailbox.uidnext, NEW.message, (SELECT max(id) FROM generation),
           mailbox.modseq + 1, place.value ->> 1, NEW.octets, NEW.wire_octets, NEW.shape
    FROM json_each(NEW.places) AS place JOIN mailbox ON mailbox.id = place.value ->> 0
    WHERE mailbox.account IS NOT NULL;
  SELECT RAISE(ABORT, 'a mailbox is gone')
    WHERE (SELECT count(*) FROM entry WHERE message = NEW.message)
       <> json_array_length(NEW.places);
  INSERT INTO history (message, line, at, say, name, addresses)
    SELECT NEW.message, 1, NEW.history ->> 'at', NEW.history ->> 'say', NEW.history ->> 'name',
           (SELECT ' ' || group_concat(value, ' ') || ' '
            FROM json_each(NEW.history -> 'addresses'))
    WHERE NEW.history IS NOT NULL;
  INSERT INTO queued (message, name, sender, account, via, uplink, queued_at, born,
                      octets, shape, more)
    SELECT NEW.message, value ->> 'name', value ->> 'sender', value ->> 'account',
           value ->> 'via', value ->> 'uplink', value ->> 'queuedAt', value ->> 'born',
           NEW.octets, NEW.shape,
           json_remove(value, '$.name', '$.sender', '$.account', '$.via', '$.uplink', '$.queuedAt',
                       '$.born', '$.due', '$.recipients')
    FROM json_each(NEW.queued);
  INSERT INTO queued_recipient (queued, uplink, due, address, notices)
    SELECT queued.id, queued.uplink, copy.value ->> 'due', recipient.value ->> 'address',
           nullif(json_remove(recipient.value, '$.address'), '{}')
    FROM json_each(NEW.queued) AS copy
    JOIN queued ON queued.id =
      (SELECT min(id) FROM queued WHERE message = NEW.message) + copy.key
    JOIN json_each(copy.value -> 'recipients') AS recipient;
  SELECT RAISE(ABORT, 'nobody is to have this message')
    WHERE (json_array_length(NEW.places) = 0 AND NEW.queued IS NULL)
       OR EXISTS (SELECT 1 FROM queued WHERE message = NEW.message AND NOT EXISTS
                  (SELECT 1 FROM queued_recipient WHERE queued_recipient.queued = queued.id));
  UPDATE queued_recipient SET delay_told = 1
    WHERE id IN (SELECT value FROM json_each(NEW.delay_told));
  DELETE FROM queued_recipient WHERE id IN (SELECT value FROM json_each(NEW.ends));
END;
-- Its own trigger, so that other mail pays one comparison for it.
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
