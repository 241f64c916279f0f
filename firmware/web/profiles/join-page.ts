/*
 * One person's help page: how to add this account to a phone or a computer, system by system, with
 * what has to be typed in for all others. Whoever has its address can open it, and it holds nothing
 * that lets anybody in: the password is the person's own affair.
 */
import { type Html, html } from '../light/html.ts';
import { page } from '../light/page.ts';
import type { LightAnswer } from '../light/route.ts';
import { howToTrust, inRows } from '../light/trusting.ts';
import type { Person } from './mobileconfig.ts';
import type { Offer, Way } from './offer.ts';

export interface JoinFacts {
  readonly person: Person;
  readonly offer: Offer;
  /** What the server is called for devices that do not find the name. */
  readonly otherwise: string | undefined;
  /** SHA-256 of the box's authority; undefined: it is lost. */
  readonly fingerprint: string | undefined;
  /** Path of the profile. */
  readonly profile: string;
  /** This page as another device finds it, and its QR code; undefined: none can. */
  readonly elsewhere: { readonly address: string; readonly code: Html } | undefined;
}

export function joinPage(facts: JoinFacts): LightAnswer {
  const { person, offer, fingerprint, elsewhere } = facts;
  const isWhole = offer.incoming.length > 0 && offer.outgoing.length > 0;
  return page({
    title: `Mail for ${person.login}`,
    body: html`<h1>Your mail on your devices</h1>
<p>How to add <strong>${person.address}</strong> to a phone or a computer. You need your password for
this mail box; whoever looks after the box can give you one for each device.</p>
${!isWhole && html`<p class="wrong">${notWhole(offer)}</p>`}
${isWhole && html`<h2>Which device is it?</h2>${systems(facts)}`}
<h2>What to type in</h2>
${settings(facts)}
${
  elsewhere !== undefined &&
  html`<section class="for-phones"><h2>This page on your phone</h2>
<p>Point the camera of the phone at this. It has to be in the network at home.</p>
${elsewhere.code}
<p class="soft"><code>${elsewhere.address}</code></p></section>`
}
${
  fingerprint !== undefined &&
  html`<h2 id="certificate">The certificate of the box</h2>
<p>The box made it itself, so each device has to be told once to trust it. Its SHA-256 fingerprint,
to compare:</p>
<pre class="code">${inRows(fingerprint)}</pre>
${howToTrust()}`
}`,
  });
}

function notWhole({ incoming, outgoing }: Offer): string {
  if (incoming.length + outgoing.length === 0) {
    return 'Nothing for mail programs listens where this device could reach it.';
  }
  const what = incoming.length === 0 ? 'to fetch mail from' : 'to send mail by';
  return `The box listens on no port ${what} that this device could reach.`;
}

function systems(facts: JoinFacts): readonly Html[] {
  const all: readonly (readonly [string, Html])[] = [
    ['iPhone, iPad, Mac', apple(facts)],
    ['Android', android],
    ['Thunderbird', thunderbird],
    ['Outlook', outlook(facts)],
    ['Anything else', anythingElse],
  ];
  return all.map(([name, how]) => html`<details><summary>${name}</summary>${how}</details>`);
}

function apple({ profile, fingerprint, person }: JoinFacts): Html {
  if (fingerprint === undefined) return anythingElse;
  return html`<a class="button" href="${profile}">Get the profile</a>
<ol>
<li>Open it: on an iPhone or iPad in Settings, “Profile Downloaded”; on a Mac in System Settings,
“Profiles”. It says that it is not signed, for the box made it itself. Install it, and type in the
password of ${person.login} when it asks.</li>
<li>On an iPhone or iPad, go to Settings, General, About, Certificate Trust Settings, and switch
“Restante mail box” on.</li>
<li>Open Mail.</li>
</ol>`;
}

const trustFirst = html`<li>First let the device <a href="#certificate">trust the certificate</a>.</li>`;

const android = html`<ol>
${trustFirst}
<li>In your mail program add an account, choose to set it up by hand (“Manual”, “Other”), and type in
what stands below.</li>
</ol>
<p>The Gmail program takes no certificate that was not installed on the phone first. Thunderbird for
Android asks about it, and shows the fingerprint.</p>`;

const thunderbird = html`<ol>
${trustFirst}
<li>Choose New Account, Email, and type in your name, your address and your password. Thunderbird asks
the box for the rest.</li>
<li>If it does not find the box, choose “Configure manually” and type in what stands below.</li>
</ol>`;

function outlook({ offer: { incoming } }: JoinFacts): Html {
  const kind = incoming[0]?.protocol === 'imap' ? 'IMAP' : 'POP';
  return html`<ol>
${trustFirst}
<li>Choose File, Add Account, type in your address, and under “Advanced options” tick that you want to
set it up yourself. Then choose ${kind}, and type in what stands below.</li>
</ol>
<p>That is Outlook as part of Office. The newer one that comes with Windows fetches mail by a server
of Microsoft’s, which cannot reach a box in your home: take another program there.</p>`;
}

const anythingElse = html`<ol>
${trustFirst}
<li>Set the account up by hand, with what stands below.</li>
</ol>`;

function settings({ person, offer, otherwise }: JoinFacts): Html {
  const { server, incoming, outgoing } = offer;
  const address = otherwise !== undefined && html`<small>or ${otherwise}</small>`;
  const rows: readonly (readonly [string, Html | string])[] = [
    ['Address', person.address],
    ['Server', html`${server}${address}`],
    ['User', person.login],
    ['Password', 'your own'],
    ...ways('Fetch by', incoming),
    ...ways('Send by', outgoing),
  ];
  return html`<dl class="facts">
${rows.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}
</dl>`;
}

/** The best, and beside it what a program can use that does not know it. */
function ways(name: string, all: readonly Way[]): [string, Html][] {
  const [best, ...others] = all;
  if (best === undefined) return [];
  const rest = others.length > 0 && html`<small>or ${others.map(inWords).join(', or ')}</small>`;
  return [[name, html`${inWords(best)}${rest}`]];
}

function inWords({ protocol, port, security }: Way): string {
  const how = security === 'tls' ? 'SSL/TLS' : 'STARTTLS';
  return `${protocol.toUpperCase()}, port ${port}, ${how}`;
}
