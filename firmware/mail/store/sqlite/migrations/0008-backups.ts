/*
 * Scheduled backups (../../../backups/): one row of what is known, and the last runs. The
 * passphrase lies under the device key.
 */
export const backups = `
CREATE TABLE backup_state (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  passphrase BLOB,
  well_at INTEGER,
  tried_at INTEGER,
  other_disk_folder TEXT,
  told_well_at INTEGER,
  told_failed_at INTEGER
);
INSERT INTO backup_state (id) VALUES (1);

CREATE TABLE backup_run (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  works INTEGER NOT NULL CHECK (works IN (0, 1)),
  rehearsed INTEGER NOT NULL CHECK (rehearsed IN (0, 1)),
  say TEXT NOT NULL,
  file TEXT,
  messages INTEGER,
  octets INTEGER
);
CREATE TRIGGER backup_run_comes AFTER INSERT ON backup_run BEGIN
  DELETE FROM backup_run WHERE id <= NEW.id - 10;
END;
`;
