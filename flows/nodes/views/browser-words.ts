/*
 * What the box says to whoever types commands, said to whoever looks at a page: the buttons and
 * fields in place of commands and options. Pure; a sentence that names none stays as it is.
 */

/** Where a password is typed: on a card of the page Providers, or in the form below. */
export type Place = 'card' | 'below';

const there: Readonly<Record<Place, string>> = {
  card: 'under “Change or remove”',
  below: 'below',
};

const verb = 'restante (?:uplink|source)';
/** A name, or a file's. */
const name = '[^\\s",;]+?(?=[",;]|\\.?(?:\\s|$))';

/** Not as a part of a server's name. */
const beforeSecurity = '(?:--security |(?<=\\bor |\\bwith |\\())';

function row(pattern: string, words: string): readonly [RegExp, string] {
  return [new RegExp(pattern, 'g'), words];
}

/** In this order. `%there` is where a password is typed. */
const table: readonly (readonly [RegExp, string])[] = [
  row(`If it wants a password: ${verb} password ${name}`, 'If it wants a password, give it %there'),
  row(`Then: ${verb} password ${name}`, 'Then give it %there'),
  row(`(?::| with)? ?"?${verb} password ${name}"?`, ' %there'),
  row(`, or sign in with "${verb} signin ${name}"`, ', or sign in on its own pages'),
  row(`: ${verb} signin ${name}`, ' (the button “Sign in anew”)'),
  row(` ?See whether it works: ${verb} test ${name}`, ' Now test it'),
  row(
    `, and say it: restante source change ${name} --host HOST`,
    ', remove this one here, and connect that one',
  ),
  row(`put right at the provider: ${verb} test ${name}`, 'put right at the provider, press “Test”'),
  row(`It is paused: restante source resume ${name}`, 'It is paused: press “Go on”'),
  row(`is said by "${verb} test ${name}"`, 'is said by “Test”'),
  row('; see "restante queue list", and add one for it', ': connect one for it'),
  row(' \\(restante uplink list shows who', ' (the page Providers shows who'),
  row('[;,] see:? "?restante [a-z]+ list"?(?:, and)?', ', and'),
  row('Look with "restante queue list", then "restante release"', 'Look at it, then end the hold'),
  row(', or the page of the box', ''),
  row('"restante backup status"', 'the page Box'),
  row('(?::| with:) restante backup (?:schedule|passphrase)(?: --to FOLDER)?', ' on the page Box'),
  row('restante settings set (\\S+) (?:ID|ADDRESS)', 'on the page Settings, fill in $1'),
  row('restante settings set (\\S+)', 'on the page Settings, fill in $1:'),
  row(': leave --outside and --known-as out', ': leave both boxes of “Kind” empty'),
  row('--known-as wants --outside', 'tick the first box of “Kind”, too'),
  row('use --outside for', 'tick the first box of “Kind” for'),
  row(`write: restante address add (${name}) (${name})`, 'add $2 on the page of $1'),
  row(': restante device add NAME --address \\S+ --account ACCOUNT', ', add it on the page People'),
  row('it with a greater --per-hour', 'it anew, with more messages, on the page People'),
  row('then: restante flush', 'then press “Send now”'),
  row(', or say which addresses this one is --for', ''),
  row("The field 'id' is missing", 'Tick first what you mean'),
  row('give its authority with --ca FILE', 'give its certificate below'),
  row('and give it with --ca', 'and give it on the next page'),
  row(', give that as --host', ', give that as the server'),
  row(' on port \\d+ with --port', ' with port'),
  row('with --password-stdin', 'in its field'),
  row('--user is missing\\. Write: .*', 'The mail address is missing'),
  row(' \\((?:--[a-z-]+(?:, )?)+\\)', ''),
  row(`${beforeSecurity}starttls\\b`, 'STARTTLS'),
  row(`${beforeSecurity}tls\\b`, 'TLS'),
  row('--(port|host|user|protocol)\\b', 'the $1'),
];

export function inBrowser(say: string, place: Place = 'card'): string {
  const said = table.reduce((text, [pattern, words]) => text.replace(pattern, words), say);
  return said.replaceAll('%there', there[place]).replace(/, and(?=\.|$)/, '');
}
