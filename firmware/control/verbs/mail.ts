/*
 * `mail ...`: what lies in the inboxes, for programs that are no mail clients, and mail handed in
 * for an account. A reader that keeps the cursor of the last message it has dealt with gets each
 * message at least once, and once when nothing cuts it off between the two.
 */
import { failed, ok, type Result, refusal } from '#base/result';
import type { NewEnvelope } from '../box.ts';
import type { MailReport, SentReport } from '../types.ts';
import { type BoxVerb, type Call, listOf, type OctetsVerb, value } from '../verb.ts';
import { columns, sizeInWords, timeInWords } from '../words.ts';

const usual = 50;
const most = 1_000;
/** Octets of JSON: a text, and not its attachments. */
const longestLetter = 1024 * 1024;

const list: BoxVerb<readonly MailReport[]> = {
  words: ['mail', 'list'],
  options: [
    { name: 'account', value: 'ACCOUNT', summary: 'only what lies in its inbox' },
    { name: 'after', value: 'CURSOR', summary: 'only what came after a message, by its cursor' },
    { name: 'count', value: 'N', summary: `how many at most, oldest first (default ${usual})` },
  ],
  summary: 'mail in the inboxes, oldest first; looking does not count as fetching',
  runs: 'box',
  reads: true,
  async run(call, box) {
    const count = call.values['count'] ?? String(usual);
    if (!/^\d{1,4}$/.test(count) || Number(count) < 1 || Number(count) > most) {
      return failed(refusal('usage', `--count takes a whole number from 1 to ${most}`));
    }
    return box.mail.list(call.values['account'], call.values['after'] ?? '', Number(count));
  },
  render: (mail) =>
    columns(
      mail.map(({ id, account, arrivedAt, octets, from, subject }) => [
        id,
        account,
        timeInWords(arrivedAt),
        sizeInWords(octets),
        from,
        subject || '(no subject)',
      ]),
    ) || 'Nothing lies there.',
};

const cursor: BoxVerb<{ readonly cursor: string }> = {
  words: ['mail', 'cursor'],
  summary: 'the cursor behind all mail that is there now, for who wants only what comes',
  runs: 'box',
  reads: true,
  async run(_call, box) {
    const end = await box.mail.cursor();
    return end.ok ? ok({ cursor: end.value }) : end;
  },
  render: (end) => end.cursor,
};

const message: OctetsVerb = {
  words: ['mail', 'message'],
  arguments: [{ name: 'id' }],
  summary: "a message as it came, by its id of 'mail list'",
  runs: 'octets',
  reads: true,
  open: (call, box) => box.mail.message(value(call, 'id')),
  render: () => '',
};

const send: BoxVerb<SentReport> = {
  words: ['mail', 'send'],
  arguments: [{ name: 'account' }],
  options: [
    { name: 'to', value: 'ADDRESS', repeats: true, summary: 'to whom; may be given again' },
    { name: 'cc', value: 'ADDRESS', repeats: true, summary: 'a copy to' },
    { name: 'bcc', value: 'ADDRESS', repeats: true, summary: 'a copy that nobody sees, to' },
    { name: 'from', value: 'ADDRESS', summary: 'one of its addresses; else the usual one' },
    { name: 'subject', value: 'TEXT', summary: 'what it is about' },
    { name: 'text', value: 'TEXT', summary: 'what it says' },
    { name: 'html', value: 'HTML', summary: 'the same, for clients that show HTML' },
    {
      name: 'message',
      value: 'FILE',
      fileOctets: true,
      summary: 'a message that is whole already, in place of subject and text; - reads it in',
    },
  ],
  summary: 'send mail as an account, by the rules for mail clients that signed in',
  runs: 'box',
  longestBody: longestLetter,
  async run(call, box) {
    const { subject = '', text, html, message: whole } = call.values;
    const copies = { cc: listOf(call, 'cc'), bcc: listOf(call, 'bcc') };
    if (whole !== undefined) {
      const envelope = wholeEnvelope(call);
      return envelope.ok ? box.mail.submit(envelope.value, once(whole)) : envelope;
    }
    if (text === undefined && html === undefined) {
      return failed(refusal('usage', 'Say what it says: --text TEXT, or --message FILE'));
    }
    return box.mail.send({
      ...envelopeOf(call),
      ...copies,
      subject,
      text: text ?? '',
      ...(html === undefined ? {} : { html }),
    });
  },
  takes: {
    type: 'message/rfc822',
    async run(call, box, octets) {
      const envelope = wholeEnvelope(call);
      return envelope.ok ? box.mail.submit(envelope.value, octets) : envelope;
    },
  },
  render: ({ id, recipients }) => `On its way as ${id}, to ${recipients.join(', ')}.`,
};

export const mailVerbs = [list, cursor, message, send] as const;

/** Of a message that says the rest itself; its fields are left as they are. */
function wholeEnvelope(call: Call): Result<NewEnvelope> {
  const { subject, text, html } = call.values;
  if (subject !== undefined || text !== undefined || html !== undefined) {
    const say = 'A whole message has its own subject and text: leave the others out';
    return failed(refusal('usage', say));
  }
  const everybody = ['to', 'cc', 'bcc'].flatMap((name) => listOf(call, name));
  return ok({ ...envelopeOf(call), to: everybody });
}

function envelopeOf(call: Call): NewEnvelope {
  const { from } = call.values;
  const to = listOf(call, 'to');
  return { account: value(call, 'account'), to, ...(from === undefined ? {} : { from }) };
}

async function* once(text: string): AsyncGenerator<Result<Uint8Array>> {
  yield ok(Buffer.from(text));
}
