/*
 * The look of the light pages: one stylesheet, the fonts of the system, warm paper and one quiet
 * accent, light and dark, from 320 px on; whatever can be touched is 44 px high at least. The pages of
 * Node-RED (flows/assets/style.css) wear the same colours, so that nobody sees where one ends.
 */
import type { LightRoute } from './route.ts';

const css = `:root {
  color-scheme: light dark;
  --paper: #f7f3ec;
  --card: #fffdfa;
  --ink: #2a2622;
  --soft: #6a6058;
  --line: #e5ddd1;
  --accent: #2d5d83;
  --on-accent: #ffffff;
  --wrong: #a52f22;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #191715;
    --card: #23201d;
    --ink: #eee8e0;
    --soft: #b3a89b;
    --line: #3b3632;
    --accent: #93c3ea;
    --on-accent: #12202b;
    --wrong: #ff9d8f;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0;
  min-height: 100vh;
  min-height: 100dvh;
  padding: 1.25rem 1rem 3rem;
  background: var(--paper);
  color: var(--ink);
  font: 1.0625rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
}
header, main { max-width: 32rem; margin: 0 auto; }
header {
  display: flex;
  align-items: center;
  gap: .65rem;
  padding: .25rem .25rem 1.25rem;
  font-weight: 650;
  letter-spacing: .01em;
}
main {
  background: var(--card);
  border: 1px solid var(--line);
  border-radius: 1rem;
  padding: 1.5rem 1.25rem;
}
@media (min-width: 36rem) {
  body { padding-top: 3.5rem; }
  main { padding: 2.25rem; }
}
h1 { margin: 0 0 .75rem; font-size: 1.6rem; line-height: 1.2; letter-spacing: -.01em; text-wrap: balance; }
h2 { margin: 2rem 0 .5rem; font-size: 1.05rem; }
p, ul, ol, dl { margin: 0 0 1rem; }
ul, ol { padding-left: 1.25rem; }
li + li { margin-top: .4rem; }
.after { margin-top: 1.25rem; }
main > :last-child { margin-bottom: 0; }
a { color: var(--accent); text-underline-offset: .15em; }
small, .soft { color: var(--soft); font-size: .9375rem; }
code, .code {
  font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace;
  font-size: .9em;
  overflow-wrap: anywhere;
}
pre.code {
  margin: 0 0 1rem;
  padding: .75rem .9rem;
  border-radius: .6rem;
  background: var(--paper);
  border: 1px solid var(--line);
  white-space: pre-wrap;
}
.field { display: flex; flex-direction: column; gap: .3rem; margin-bottom: 1.15rem; }
label { font-weight: 600; }
input {
  width: 100%;
  min-height: 3rem;
  padding: .6rem .8rem;
  font: inherit;
  color: inherit;
  background: var(--paper);
  border: 1px solid var(--soft);
  border-radius: .6rem;
}
input[aria-invalid] { border-color: var(--wrong); border-width: 2px; }
input.away { position: absolute; width: 1px; min-height: 1px; height: 1px; padding: 0; border: 0; opacity: 0; pointer-events: none; }
.wrong { color: var(--wrong); font-weight: 600; font-size: .9375rem; }
button, a.button {
  display: block;
  width: 100%;
  min-height: 3rem;
  padding: .7rem 1.1rem;
  font: inherit;
  font-weight: 650;
  text-align: center;
  text-decoration: none;
  color: var(--on-accent);
  background: var(--accent);
  border: 0;
  border-radius: .6rem;
  cursor: pointer;
}
a.button.second { color: var(--ink); background: none; border: 1px solid var(--soft); }
.buttons { display: flex; flex-direction: column; gap: .6rem; margin: 1.25rem 0; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
progress {
  display: block;
  width: 100%;
  height: .6rem;
  margin: 1.25rem 0 1rem;
  border: 0;
  border-radius: .3rem;
  background: var(--line);
  accent-color: var(--accent);
  appearance: none;
}
progress::-webkit-progress-bar { background: var(--line); border-radius: .3rem; }
progress::-webkit-progress-value { background: var(--accent); border-radius: .3rem; }
progress::-moz-progress-bar { background: var(--accent); border-radius: .3rem; }
details { border-top: 1px solid var(--line); }
details[open] { padding-bottom: .7rem; }
details:last-of-type { border-bottom: 1px solid var(--line); }
summary { cursor: pointer; font-weight: 600; min-height: 2.75rem; padding: .6rem 0; }
details p { margin: 0 0 .25rem; }
details ol { margin: 0 0 .5rem; }
details .button { margin: .25rem 0 .75rem; }
dl.facts { margin: 0 0 1rem; border-top: 1px solid var(--line); }
dl.facts > div { display: flex; flex-wrap: wrap; gap: 0 1rem; padding: .6rem 0; border-bottom: 1px solid var(--line); }
dl.facts dt { flex: 0 0 7.5rem; color: var(--soft); }
dl.facts dd { flex: 1 1 12rem; margin: 0; font-weight: 600; overflow-wrap: anywhere; }
dl.facts dd small { display: block; font-weight: 400; }
@media (pointer: coarse) and (max-width: 36rem) { .for-phones { display: none; } }
.qr { display: block; width: 100%; max-width: 15rem; height: auto; margin: 0 auto 1rem; border-radius: .6rem; }
@media (forced-colors: active) { button, a.button { border: 1px solid; } }
`;

/** The three lamps: mail, queue, status. */
const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 44 24" width="44" height="24">
<rect x=".75" y=".75" width="42.5" height="22.5" rx="6" fill="#2a2724" stroke="#4a4540" stroke-width="1.5"/>
<circle cx="11" cy="12" r="4.5" fill="#f2b632"/>
<circle cx="22" cy="12" r="4.5" fill="#e5544b"/>
<circle cx="33" cy="12" r="4.5" fill="#46b866"/>
</svg>
`;

const kept = { 'cache-control': 'max-age=3600' };

export const lookRoutes: readonly LightRoute[] = [
  asset('/gate.css', 'text/css; charset=utf-8', css),
  asset('/gate.svg', 'image/svg+xml', icon),
  // Browsers ask for it unasked; Node-RED is not to be woken by that.
  asset('/favicon.ico', 'image/svg+xml', icon),
];

function asset(path: string, type: string, body: string): LightRoute {
  const answer = () => ({ status: 200, headers: { ...kept, 'content-type': type }, body });
  return { on: 'both', methods: ['GET'], path, wants: 'nobody', answer };
}
