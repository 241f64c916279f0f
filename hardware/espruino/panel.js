/*
 * The front panel of Restante for a board that runs Espruino (https://www.espruino.com): lamps and
 * the button, on a serial line to the box. Load it with the Espruino IDE, choose "save on send: to
 * flash", and unplug the IDE. What the lines mean stands in hardware/drivers/serial/PROTOCOL.md.
 *
 * Change the pins below to yours. Lamps go out when the box has been silent for six seconds. To load
 * another program, hold the board's own button while it starts: it then forgets this one.
 */
const LINE = USB; // Serial1, when the board is wired to the pins of the box
const LAMPS = { mail: B3, queue: B4, status: B5 }; // also 'mail.ann': B6
const LIT = 1; // the level of a lit lamp
const BUTTON = B10; // to ground: the pull-up of the board is used
const DOWN = 0; // its level while it is pressed

// Milliseconds lit and dark; the same as in firmware/panel/patterns.ts.
const RHYTHMS = { slow: [1000, 1000], fast: [125, 125], pulse: [100, 1900] };
const SILENCE = 6;
const TICK = 25;

// Seconds: when the program started, the box was heard, the blinking began.
let born = 0;
let heard = 0;
let since = 0;
let shown = {};
let begun = '';

function say(line) {
  LINE.print(`${line}\n`);
}

function light(name, lit) {
  digitalWrite(LAMPS[name], lit ? LIT : 1 - LIT);
}

function isLit(pattern, ms) {
  const rhythm = RHYTHMS[pattern];
  if (!rhythm) return pattern === 'on';
  return ms % (rhythm[0] + rhythm[1]) < rhythm[0];
}

function tick() {
  const now = getTime();
  if (now - heard > SILENCE) shown = {};
  const ms = (now - since) * 1000;
  Object.keys(LAMPS).forEach((name) => {
    light(name, isLit(shown[name], ms));
  });
}

function show(words) {
  const next = {};
  words.forEach((word) => {
    const at = word.indexOf('=');
    const name = word.substr(0, at);
    if (LAMPS[name] !== undefined) next[name] = word.substr(at + 1);
  });
  // Lamps blink in step, from the moment at which one of them last changed.
  if (Object.keys(LAMPS).some((name) => next[name] !== shown[name])) since = getTime();
  shown = next;
  heard = getTime();
  tick();
}

// It begins with a line end, for when the board starts anew in the middle of a line.
function hello() {
  say(`\npanel 1 Espruino ${process.env.BOARD}`);
}

function take(line) {
  const words = line.split(' ');
  if (words[0] === 'restante') hello();
  else if (words[0] === 'lamps') show(words.slice(1));
}

function came(data) {
  const lines = (begun + data).split('\n');
  begun = lines.pop();
  if (begun.length > 500) begun = '';
  lines.forEach((line) => {
    take(line.trim());
  });
}

function pressed(e) {
  // The count begins anew after eleven days, as the protocol says.
  const ms = Math.round((e.time - born) * 1000) % 1000000000;
  say(`${e.state === (DOWN === 1) ? 'down' : 'up'} flush ${ms}`);
}

function start() {
  born = getTime();
  since = born;
  Object.keys(LAMPS).forEach((name) => {
    pinMode(LAMPS[name], 'output');
    light(name, false);
  });
  pinMode(BUTTON, DOWN ? 'input_pulldown' : 'input_pullup');
  setWatch(pressed, BUTTON, { repeat: true, edge: 'both', debounce: 25 });
  if (LINE.setup) LINE.setup(115200);
  // The line is for the box alone: the console of the board moves out of the way.
  if (typeof USB === 'undefined' || LINE === USB) E.setConsole(null, { force: true });
  LINE.on('data', came);
  setInterval(tick, TICK);
  hello();
}

E.on('init', start);
