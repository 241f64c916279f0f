/*
 * The way out: the queue, uplinks, forwarding aliases, the address an account is known by, and the
 * history of messages. A queued message holds its octets as an entry or the shelf does: when the
 * last recipient leaves, the copy goes, and with the last holder the message.
 *
 * INSERT INTO arrival is still one whole delivery: `queued` are the copies that leave the house,
 * `ends` the recipients that a report is about. Box and ageing time: see ../../../queue/queue.ts.
 * account in queued refers to nothing: mail of a removed account still goes out, or comes back.
 */
import { arrivalLands } from './0005-arrival-lands.ts';

export const queue = `
CREATE TABLE uplink (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,
  provider TEXT NOT NULL,
  host TEXT NOT NULL,
  port INTEGER NOT NULL,
  security TEXT NOT NULL CHECK (security IN ('tls', 'starttls', 'none')),
  user TEXT,
  secret BLOB,
  secret_kind TEXT CHECK (secret_kind IN ('password', 'oauth')),
  ca TEXT,
  connections INTEGER NOT NULL,
  is_default INTEGER NOT NULL DEFAULT 0,
  quota_until INTEGER,
  quota_say TEXT
);
CREATE TABLE uplink_address (
  key TEXT PRIMARY KEY,
  spelling TEXT NOT NULL,
  uplink INTEGER NOT NULL REFERENCES uplink ON DELETE CASCADE
) WITHOUT ROWID;

ALTER TABLE account ADD COLUMN known_as TEXT;
-- An address of this house whose mail is also sent to an address elsewhere.
CREATE TABLE forward (
  key TEXT NOT NULL,
  spelling TEXT NOT NULL,
  account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
  target_key TEXT NOT NULL,
  target TEXT NOT NULL,
  PRIMARY KEY (key, account, target_key)
) WITHOUT ROWID;

CREATE TABLE queued (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  message INTEGER NOT NULL REFERENCES message,
  name TEXT NOT NULL,
  sender TEXT NOT NULL,
  account INTEGER NOT NULL,
  via TEXT NOT NULL,
  uplink INTEGER,
  queued_at INTEGER NOT NULL,
  born INTEGER NOT NULL,
  -- of the message, as in entry
  octets INTEGER NOT NULL,
  shape INTEGER NOT NULL,
  -- body, utf8, reportWith, envelopeId, rewrite, as JSON; '{}' for most.
  more TEXT NOT NULL
);
CREATE INDEX queued_of_message ON queued (message);

CREATE TABLE queued_recipient (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  queued INTEGER NOT NULL REFERENCES queued,
  -- that of its queued row, for the index
  uplink INTEGER,
  due INTEGER NOT NULL,
  address TEXT NOT NULL,
  -- notify and original, as JSON; NULL for most.
  notices TEXT,
  attempts INTEGER NOT NULL DEFAULT 0,
  doubt INTEGER NOT NULL DEFAULT 0,
  delay_told INTEGER NOT NULL DEFAULT 0,
  last TEXT NOT NULL DEFAULT ''
);
CREATE INDEX recipient_of_queued ON queued_recipient (queued);
CREATE INDEX recipient_by_due ON queued_recipient (uplink, due, queued);

CREATE TABLE queue_state (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  held INTEGER NOT NULL,
  box INTEGER NOT NULL,
  ageing INTEGER NOT NULL,
  wall INTEGER NOT NULL,
  -- held since a backup was restored: what is queued may have been sent after it was made
  restored INTEGER NOT NULL DEFAULT 0
);
-- The row is there from the beginning: changing it in place needs no room.
INSERT INTO queue_state (id, held, box, ageing, wall) VALUES (1, 0, 0, 0, 0);

-- name and addresses (separated by blanks, with one at each end) only in a message's first line.
-- message may be gone: its history is what is left to be asked.
CREATE TABLE history (
  message INTEGER NOT NULL,
  line INTEGER NOT NULL,
  at INTEGER NOT NULL,
  say TEXT NOT NULL,
  name TEXT,
  addresses TEXT,
  PRIMARY KEY (message, line)
) WITHOUT ROWID;
-- Another line of a message's history, which keeps its first and its last 49.
CREATE VIEW further AS SELECT 0 AS message, 0 AS at, '' AS say;
CREATE TRIGGER further_is_told INSTEAD OF INSERT ON further BEGIN
  INSERT INTO history (message, line, at, say)
    SELECT NEW.message, coalesce(max(line), 0) + 1, NEW.at, NEW.say
    FROM history WHERE message = NEW.message;
  DELETE FROM history WHERE message = NEW.message AND line > 1
    AND line <= (SELECT max(line) FROM history WHERE message = NEW.message) - 49;
END;

CREATE TRIGGER queued_changes_way AFTER UPDATE OF uplink ON queued BEGIN
  UPDATE queued_recipient SET uplink = NEW.uplink WHERE queued = NEW.id;
END;
CREATE TRIGGER recipient_goes AFTER DELETE ON queued_recipient BEGIN
  DELETE FROM queued WHERE id = OLD.queued
    AND NOT EXISTS (SELECT 1 FROM queued_recipient WHERE queued = OLD.queued);
END;
CREATE TRIGGER queued_goes AFTER DELETE ON queued BEGIN
  DELETE FROM message WHERE id = OLD.message
    AND NOT EXISTS (SELECT 1 FROM queued WHERE message = OLD.message)
    AND NOT EXISTS (SELECT 1 FROM entry WHERE message = OLD.message)
    AND NOT EXISTS (SELECT 1 FROM shelf WHERE message = OLD.message);
END;

-- A whole delivery, as in 0001, with what goes along: see Along in ../../store.ts. Every column
-- after requests is JSON, or NULL.
DROP VIEW arrival;
CREATE VIEW arrival AS SELECT
  0 AS message, 0 AS octets, 0 AS wire_octets, 0 AS shape, 0 AS chunks, x'' AS digest,
  0 AS chunk_octets, 0 AS crc, x'' AS data, '' AS places, '' AS requests,
  '' AS queued, '' AS history, '' AS ends, '' AS delay_told;
${arrivalLands}`;
