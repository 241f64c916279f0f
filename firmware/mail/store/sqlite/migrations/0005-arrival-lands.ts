/*
 * How a whole delivery lies down, as schema 5 brought it: the trigger goes with its view, and
 * schema 6, which widens the view, has to make it again as it was. History: it is never changed;
 * who needs another writes another.
 */
export const arrivalLands = `CREATE TRIGGER arrival_lands INSTEAD OF INSERT ON arrival BEGIN
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
`;
