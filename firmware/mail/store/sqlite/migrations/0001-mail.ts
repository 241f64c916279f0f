/*
 * The first schema. The laws of the store stand here as triggers, so that no code path can forget
 * them: counters are kept by the rows that come and go, and one INSERT INTO arrival is one whole
 * delivery (a statement is atomic: its implicit savepoint is the delivery's own).
 *
 * chunk.id is message * 2^20 + the chunk's number, so a body is one range of the table.
 * entry.shape's bits are those of ../../shape.ts. Times are milliseconds since 1970.
 */
export const mail = `
CREATE TABLE generation (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,
  begun INTEGER NOT NULL
);

CREATE TABLE account (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,
  salt BLOB NOT NULL,
  rounds INTEGER NOT NULL,
  created INTEGER NOT NULL
);
CREATE TABLE password (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
  name TEXT NOT NULL,
  sealed BLOB NOT NULL,
  created INTEGER NOT NULL,
  last_used INTEGER,
  last_address TEXT,
  UNIQUE (account, name)
);
CREATE TABLE address (
  key TEXT NOT NULL,
  spelling TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('local', 'outside')),
  account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
  PRIMARY KEY (key, account)
) WITHOUT ROWID;
CREATE INDEX address_of_account ON address (account);

CREATE TABLE mailbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account INTEGER REFERENCES account ON DELETE SET NULL,
  name TEXT NOT NULL,
  uidvalidity INTEGER NOT NULL,
  uidnext INTEGER NOT NULL DEFAULT 1,
  modseq INTEGER NOT NULL DEFAULT 1,
  messages INTEGER NOT NULL DEFAULT 0,
  octets INTEGER NOT NULL DEFAULT 0,
  wire_octets INTEGER NOT NULL DEFAULT 0,
  unseen INTEGER NOT NULL DEFAULT 0,
  unretrieved INTEGER NOT NULL DEFAULT 0,
  UNIQUE (account, name)
);

CREATE TABLE message (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  octets INTEGER NOT NULL,
  wire_octets INTEGER NOT NULL,
  shape INTEGER NOT NULL,
  chunks INTEGER NOT NULL,
  digest BLOB NOT NULL
);
-- octets and crc are those of the chunk as it came; data shorter than octets is packed.
CREATE TABLE chunk (
  id INTEGER PRIMARY KEY,
  octets INTEGER NOT NULL,
  crc INTEGER NOT NULL,
  data BLOB NOT NULL
);
-- What senders asked to be told (RFC 3461), as JSON; most ask for nothing.
CREATE TABLE report_request (
  message INTEGER PRIMARY KEY REFERENCES message ON DELETE CASCADE,
  requests TEXT NOT NULL
);
-- Messages whose first chunks are here and whose commit is not. What is in it at start was cut off.
CREATE TABLE incoming (message INTEGER PRIMARY KEY);

-- flags: bit 0 is \\Seen; the others follow RFC 9051 §2.3.2 when IMAP comes.
CREATE TABLE entry (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  mailbox INTEGER NOT NULL REFERENCES mailbox,
  uid INTEGER NOT NULL,
  message INTEGER NOT NULL REFERENCES message,
  generation INTEGER NOT NULL REFERENCES generation,
  modseq INTEGER NOT NULL,
  internal_date INTEGER NOT NULL,
  flags INTEGER NOT NULL DEFAULT 0,
  retrieved INTEGER NOT NULL DEFAULT 0,
  octets INTEGER NOT NULL,
  wire_octets INTEGER NOT NULL,
  shape INTEGER NOT NULL
);
CREATE UNIQUE INDEX entry_of_mailbox ON entry (mailbox, uid);
CREATE INDEX entry_of_message ON entry (message);

-- Entries a client deleted: gone for every client, kept for a while.
CREATE TABLE shelf (
  id INTEGER PRIMARY KEY,
  mailbox INTEGER NOT NULL REFERENCES mailbox,
  message INTEGER NOT NULL REFERENCES message,
  generation INTEGER NOT NULL,
  internal_date INTEGER NOT NULL,
  flags INTEGER NOT NULL,
  octets INTEGER NOT NULL,
  shelved INTEGER NOT NULL
);
CREATE INDEX shelf_by_age ON shelf (shelved);
CREATE INDEX shelf_of_message ON shelf (message);
CREATE INDEX shelf_of_mailbox ON shelf (mailbox, shelved);

CREATE TRIGGER entry_comes AFTER INSERT ON entry BEGIN
  UPDATE mailbox SET
    uidnext = NEW.uid + 1,
    modseq = NEW.modseq,
    messages = messages + 1,
    octets = octets + NEW.octets,
    wire_octets = wire_octets + NEW.wire_octets,
    unseen = unseen + ((NEW.flags & 1) = 0),
    unretrieved = unretrieved + (NEW.retrieved = 0)
  WHERE id = NEW.mailbox;
END;
CREATE TRIGGER entry_goes AFTER DELETE ON entry BEGIN
  UPDATE mailbox SET
    modseq = modseq + 1,
    messages = messages - 1,
    octets = octets - OLD.octets,
    wire_octets = wire_octets - OLD.wire_octets,
    unseen = unseen - ((OLD.flags & 1) = 0),
    unretrieved = unretrieved - (OLD.retrieved = 0)
  WHERE id = OLD.mailbox;
END;
CREATE TRIGGER entry_is_retrieved AFTER UPDATE OF retrieved ON entry
WHEN NEW.retrieved <> OLD.retrieved BEGIN
  UPDATE mailbox SET unretrieved = unretrieved + (NEW.retrieved = 0) - (OLD.retrieved = 0)
  WHERE id = NEW.mailbox;
END;
CREATE TRIGGER message_goes AFTER DELETE ON message BEGIN
  DELETE FROM chunk WHERE id BETWEEN OLD.id * 1048576 AND OLD.id * 1048576 + 1048575;
END;

-- places: [[mailbox, internal date], ...]; data is the last chunk, NULL for an empty message.
CREATE VIEW arrival AS SELECT
  0 AS message, 0 AS octets, 0 AS wire_octets, 0 AS shape, 0 AS chunks, x'' AS digest,
  0 AS chunk_octets, 0 AS crc, x'' AS data, '' AS places,
  '' AS requests;
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
END;
`;
