/*
 * The owner's password (../../../owner/): at most one row. It belongs to no account, so that it
 * stays when accounts go.
 */
export const owner = `
CREATE TABLE owner (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  salt BLOB NOT NULL,
  rounds INTEGER NOT NULL,
  sealed BLOB NOT NULL,
  changed INTEGER NOT NULL
);
`;
