/*
 * How a device is told to trust the box's authority: one sentence or two for each system, with the
 * file in the form that it wants.
 */
import { type Html, html } from './html.ts';

export interface System {
  readonly name: string;
  readonly how: Html;
}

export const systems: readonly System[] = [
  {
    name: 'iPhone and iPad',
    how: html`Get <a href="/ca.mobileconfig">the profile</a>, open Settings and its “Profile
Downloaded”, and install it. Then switch the certificate on under General, About, Certificate Trust
Settings.`,
  },
  {
    name: 'Mac',
    how: html`Get <a href="/ca.crt">the certificate</a> and open it: it goes into the login keychain.
Open it there and set Trust to “Always Trust”.`,
  },
  {
    name: 'Android',
    how: html`Get <a href="/ca.crt">the certificate</a>, open Settings and search for “CA
certificate”; install the file from there. Mail programs often ask by themselves whether they shall
trust the box: compare the fingerprint, and say yes.`,
  },
  {
    name: 'Windows',
    how: html`Get <a href="/ca.crt">the certificate</a>, open it, choose “Install Certificate”, and
place it in the store “Trusted Root Certification Authorities”.`,
  },
  {
    name: 'Linux',
    how: html`Get <a href="/ca.pem">the certificate</a> as
<code>/usr/local/share/ca-certificates/restante.crt</code> and run
<code>update-ca-certificates</code> (on Fedora: into <code>/etc/pki/ca-trust/source/anchors</code>,
<code>update-ca-trust</code>).`,
  },
  {
    name: 'Firefox and Thunderbird',
    how: html`Get <a href="/ca.pem">the certificate</a>. In the settings search for “certificates”,
then View Certificates, Authorities, Import; tick that it may identify websites (in Thunderbird it
then serves for mail).`,
  },
];

/** All of them, folded up. */
export function howToTrust(): readonly Html[] {
  return systems.map(
    ({ name, how }) => html`<details><summary>${name}</summary><p>${how}</p></details>`,
  );
}

/** A fingerprint as it is compared, and as it fits on a phone: four rows of eight. */
export function inRows(fingerprint: string): string {
  return fingerprint.replaceAll(/((?:..:){7}..):/g, '$1\n');
}
