/*
 * A password itself, sealed with the device key, where its owner chose so: CRAM-MD5 and APOP need
 * it (../../../accounts/secrets.ts). NULL for all others.
 */
export const sharedSecrets = `
ALTER TABLE password ADD COLUMN secret BLOB;
`;
