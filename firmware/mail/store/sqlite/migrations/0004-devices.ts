/*
 * Machines that send from their address without signing in (../../../devices/). sender is NULL for
 * the account's own address.
 */
export const devices = `
CREATE TABLE device (
  name TEXT PRIMARY KEY,
  address TEXT NOT NULL UNIQUE,
  account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
  sender TEXT,
  old_tls INTEGER NOT NULL CHECK (old_tls IN (0, 1)),
  per_hour INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX device_of_account ON device (account);
`;
