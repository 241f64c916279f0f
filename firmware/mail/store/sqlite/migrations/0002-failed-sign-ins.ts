/*
 * How often sign-ins failed, so that a lock survives a restart: of one login from one address
 * (or IPv6 /64), and of an address whatever the login, when login is ''. The table is bounded by
 * the count in memory, ../../../accounts/tally.ts.
 */
export const failedSignIns = `
CREATE TABLE failed_sign_in (
  login TEXT NOT NULL,
  address TEXT NOT NULL,
  failures INTEGER NOT NULL,
  last INTEGER NOT NULL,
  PRIMARY KEY (login, address)
) WITHOUT ROWID;
`;
