/*
 * The way out: the queue, uplinks, forwarding aliases, the address an account is known by, and the
 * history of messages. A queued message holds its octets as an entry or the shelf does: when the
 * last recipient leaves, the copy goes, and with the last holder the message.
 *
 * INSERT INTO arrival is still one whole delivery: `queued` are the copies that leave the house,
 * `ends` the recipients that a report is about. Box and ageing time: see ../../../queue/queue.ts.
 */
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
  -- body, utf8, reportWith, envelopeId, rewrite, as JSON; '{}' for most.
  more TEXT NOT NULL
);
CREATE INDEX queued_of_message ON queued (message);
CREATE INDEX queued_by_way ON queued (via);

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
CREATE INDEX recipient_by_due ON queued_recipient (uplink, due);

CREATE TABLE queue_state (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  held INTEGER NOT NULL,
  box INTEGER NOT NULL,
  ageing INTEGER NOT NULL,
  wall INTEGER NOT NULL
);

-- name and addresses (separated by blanks, with one at each end) only in a message's first line.
CREATE TABLE history (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  message INTEGER NOT NULL,
  at INTEGER NOT NULL,
  say TEXT NOT NULL,
  name TEXT,
  addresses TEXT
);
CREATE INDEX history_of_message ON history (message);

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
`;
