/*
 * Letters to measure with. Text is made of words drawn as English draws them (few are common, most
 * are rare), so that it packs about as well as real mail; an attachment is random octets in base64,
 * like a photograph. Drawn from a seeded source: every run and both sides get the same letters.
 */

const common = (
  'the of and to a in is it you that he was for on are with as I his they be at one have this from ' +
  'or had by but some what there we can out other were all your when up use word how said an each ' +
  'she which do their time if will way about many then them would like so these her long make thing ' +
  'see him two has look more day could go come did my no most who over know than call first people'
).split(' ');
const syllables = (
  'an bel con dra el fin gor hal im jor ken lin mor nel or pre qua ris sen ter un ver wil yon zel ' +
  'tion ing ment able ness ous ive ard et ist'
).split(' ');

const lineOctets = 72;

/** A small generator of numbers in [0, 1) (mulberry32); good enough for words. */
function draws(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A letter of about `octets` octets of text, canonical, no line beginning with a dot. */
export function textLetter(number: number, octets = 10_240): Buffer {
  const draw = draws(number);
  const lines = [header(number, 'text/plain; charset=us-ascii')];
  let length = lines[0]?.length ?? 0;
  let line = '';
  while (length < octets) {
    line += `${line === '' ? '' : ' '}${word(draw)}`;
    if (line.length >= lineOctets - 10) {
      lines.push(line);
      length += line.length + 2;
      line = '';
    }
  }
  return Buffer.from(`${lines.join('\r\n')}\r\n`, 'latin1');
}

function word(draw: () => number): string {
  if (draw() < 0.55) return common[Math.floor(draw() ** 2 * common.length)] ?? 'the';
  const parts = 1 + Math.floor(draw() * 3);
  let built = '';
  for (let part = 0; part < parts; part += 1) {
    built += syllables[Math.floor(draw() * syllables.length)] ?? 'en';
  }
  return draw() < 0.12 ? `${built},` : built;
}

/** A letter of about `octets` octets, nearly all of them an attachment in base64. */
export function attachmentLetter(number: number, octets = 10_240): Buffer {
  const draw = draws(number);
  const head = header(number, 'multipart/mixed; boundary=part');
  const before =
    '--part\r\nContent-Type: text/plain\r\n\r\nHere is the photograph.\r\n--part\r\n' +
    'Content-Type: image/jpeg\r\nContent-Transfer-Encoding: base64\r\n\r\n';
  const room = octets - head.length - before.length;
  const photograph = Buffer.alloc(Math.max(57, Math.floor((room / 78) * 57)));
  for (let at = 0; at < photograph.length; at += 1) photograph[at] = draw() * 256;
  const body = photograph.toString('base64').replace(/.{76}/g, '$&\r\n');
  return Buffer.from(`${head}\r\n${before}${body}\r\n--part--\r\n`, 'latin1');
}

function header(number: number, type: string): string {
  return (
    `From: Grandmother <grandmother@example.org>\r\nTo: Ann <ann@restante.local>\r\n` +
    `Subject: Letter ${number}\r\nDate: Mon, 23 Nov 2026 09:00:00 +0000\r\n` +
    `Message-ID: <${number}.bench@example.org>\r\nMIME-Version: 1.0\r\nContent-Type: ${type}\r\n`
  );
}

export function* letters(
  count: number,
  make: (number: number) => Buffer,
  first = 0,
): Generator<Buffer> {
  for (let number = first; number < first + count; number += 1) yield make(number);
}
