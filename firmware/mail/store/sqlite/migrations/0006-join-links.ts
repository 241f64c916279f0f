/*
 * How often an account's join link was renewed (../../../accounts/join-links.ts); none is never. A
 * link is made of it and the device key, so nothing here lets anybody in.
 */
export const joinLinks = `
CREATE TABLE join_link (
  account INTEGER PRIMARY KEY REFERENCES account ON DELETE CASCADE,
  renewals INTEGER NOT NULL
);
`;
