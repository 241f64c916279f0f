/*
 * A row for each table, by the schema that made it (firmware/mail/store/sqlite/migrations/): index
 * n is run on a file of schema n + 1 that has account 1 with mailbox 1 and message 1 in it. Only
 * ever append, as there; a test refuses a table without a row.
 */
export const oldRows: readonly string[] = [
  `
  INSERT INTO password (account, name, sealed, created, last_used, last_address)
    VALUES (1, 'phone', x'0102', 1, 2, '192.168.1.2');
  INSERT INTO address VALUES ('ann@restante.local', 'Ann@restante.local', 'local', 1);
  INSERT INTO report_request VALUES (1, '[{"to":"ann"}]');
  -- in the year 2100, as the history below: an open store sweeps what is old at once
  INSERT INTO shelf VALUES (7, 1, 1, 1, 3, 1, 6, 4102444800000);
  `,
  "INSERT INTO failed_sign_in VALUES ('ann', '192.0.2.1', 3, 5);",
  "UPDATE password SET secret = x'0304';",
  "INSERT INTO device VALUES ('printer', '192.168.1.9', 1, NULL, 1, 100);",
  `
  UPDATE account SET known_as = 'ann@example.org';
  INSERT INTO uplink (name, provider, host, port, security, user, secret, secret_kind, connections,
                      is_default)
    VALUES ('home', '', 'smtp.example.org', 465, 'tls', 'ann', x'0506', 'password', 2, 1);
  INSERT INTO uplink_address VALUES ('ann@example.org', 'Ann@example.org', 1);
  INSERT INTO forward VALUES ('all@restante.local', 'All@restante.local', 1, 'x@y.net', 'X@y.net');
  INSERT INTO queued (message, name, sender, account, via, uplink, queued_at, born, octets, shape,
                      more)
    VALUES (1, 'abc', 'ann@example.org', 1, 'submission', 1, 6, 0, 6, 1, '{}');
  INSERT INTO queued_recipient (queued, uplink, due, address) VALUES (1, 1, 0, 'bob@example.net');
  INSERT INTO history VALUES (1, 1, 4102444800000, 'It came.', 'abc', ' bob@example.net ');
  `,
  `
  INSERT INTO source (name, account, provider, protocol, host, port, security, user, secret,
                      secret_kind, folders, since_days, keep_days, every, added_at)
    VALUES ('old', 1, '', 'imap', 'imap.example.org', 993, 'tls', 'ann', x'07', 'oauth',
            '["INBOX"]', 30, -1, 300, 7);
  INSERT INTO source_folder (source, name, identity, settled, modseq) VALUES (1, 'A', '9', 5, '8');
  INSERT INTO collected (folder, uid, fate, digest, octets, at) VALUES (1, 5, 0, x'08', 6, 7);
  `,
  'INSERT INTO join_link VALUES (1, 2);',
  `
  INSERT INTO backup_run (at, works, rehearsed, say, file) VALUES (8, 1, 1, 'Well.', '/media/a');
  UPDATE backup_state SET well_at = 8;
  `,
  "INSERT INTO owner VALUES (1, x'09', 15000, x'0a', 9);",
];
