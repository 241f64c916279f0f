/*
 * Signing in and out, setting the owner's password for the first time or when it was forgotten, and
 * changing it. Node-RED never sees the password: these forms are the gate's own.
 */
import { type Failure, failed, ok, type Result, refusal } from '#base/result';
import { sentence } from '#control/words';
import { cookieOf, noCookie } from '../cookie.ts';
import type { Owner } from '../owner.ts';
import { longestSession, type Sessions } from '../sessions.ts';
import type { SetUpWindow } from '../set-up-window.ts';
import { safePlace } from '../target.ts';
import { type Html, html } from './html.ts';
import { field, go, ownerField, page } from './page.ts';
import { formOf, type LightAnswer, type LightRequest, type LightRoute } from './route.ts';

export interface OwnerPagePorts {
  readonly owner: Owner;
  readonly sessions: Sessions;
  readonly setUp: SetUpWindow;
  /** Somebody is about to ask for a page of Node-RED's. */
  readonly wake: () => void;
  /** How a command is written here: `restante setup open`. */
  readonly command: (words: string) => string;
}

const both = ['GET', 'POST'] as const;

export function ownerRoutes(ports: OwnerPagePorts): readonly LightRoute[] {
  const pages = new OwnerPages(ports);
  const secure = { on: 'secure', methods: both, wants: 'nobody' } as const;
  return [
    { ...secure, path: '/sign-in', answer: (request) => pages.signIn(request) },
    {
      ...{ ...secure, path: '/sign-out', methods: ['POST'] },
      answer: (request) => pages.signOut(request),
    },
    { ...secure, path: '/setup', answer: (request) => pages.setUp(request) },
    {
      ...{ ...secure, path: '/password', wants: 'owner' },
      answer: (request) => pages.change(request),
    },
  ];
}

/** What is wrong with which field. */
type Wrongs = Readonly<Record<string, string>>;

class OwnerPages {
  readonly #ports: OwnerPagePorts;

  constructor(ports: OwnerPagePorts) {
    this.#ports = ports;
  }

  async signIn(request: LightRequest): Promise<LightAnswer> {
    const { owner, wake } = this.#ports;
    if (owner.state !== 'set') return go('/setup');
    const posted = request.method === 'POST' ? formOf(request) : undefined;
    const next = safePlace((posted ?? request.query).get('next'));
    if (posted === undefined) return request.session === undefined ? signInPage(next) : go(next);
    const checked = await owner.check(posted.get('password') ?? '', request.address);
    if (!checked.ok) return signInPage(next, checked.error);
    wake();
    return this.#enter(next, request);
  }

  signOut({ session }: LightRequest): LightAnswer {
    if (session !== undefined) this.#ports.sessions.end(session);
    return go('/sign-in', { 'set-cookie': noCookie });
  }

  async setUp(request: LightRequest): Promise<LightAnswer> {
    const { setUp, owner, wake } = this.#ports;
    if (request.method !== 'POST') return this.#setUpPage(request.query.get('code') ?? undefined);
    const form = formOf(request);
    const [code, password] = [form.get('code') ?? '', passwordIn(form)];
    const done = password.ok
      ? await setUp.use(code, request.address, () => owner.set(password.value))
      : password;
    if (!done.ok) return this.#setUpPage(code, done.error);
    wake();
    return this.#enter('/welcome', request);
  }

  /** Changing it wants the old one, too: a browser left open is not its owner. */
  async change(request: LightRequest): Promise<LightAnswer> {
    if (request.method !== 'POST') return changePage();
    const form = formOf(request);
    const password = passwordIn(form);
    if (!password.ok) return changePage(password.error);
    const { owner } = this.#ports;
    const checked = await owner.check(form.get('old') ?? '', request.address);
    if (!checked.ok) return changePage(checked.error, 'old');
    const done = await owner.set(password.value);
    return done.ok ? this.#enter('/', request) : changePage(done.error);
  }

  /** A new session, in place of the one that the browser may have had. */
  #enter(to: string, { session }: LightRequest): LightAnswer {
    const { sessions } = this.#ports;
    if (session !== undefined) sessions.end(session);
    return go(to, { 'set-cookie': cookieOf(sessions.open(), longestSession / 1_000) });
  }

  #setUpPage(code: string | undefined, failure?: Failure): LightAnswer {
    const { setUp, owner } = this.#ports;
    const isNew = owner.state === 'none';
    if (setUp.state === 'closed') return this.#closedPage(isNew, failure);
    const wrongs = wrongsOf(failure);
    const wantsCode = setUp.state === 'wants code';
    const isFirst = wantsCode && (!code || wrongs['code'] !== undefined);
    return page({
      title: isNew ? 'Set up your mail box' : 'A new password',
      status: statusOf(failure),
      body: html`<h1>${isNew ? 'Welcome to your mail box' : 'Choose a new password'}</h1>
<p>${
        isNew
          ? 'Choose the owner’s password. It opens these pages; everybody’s mail has passwords of its own.'
          : 'It opens these pages from now on, and whoever is signed in has to sign in again.'
      }</p>
${general(wrongs)}
<form method="post" action="/setup">
${ownerField}
${
  wantsCode &&
  field({
    ...{ name: 'code', label: 'Code', type: 'text', autocomplete: 'one-time-code' },
    ...{ hint: 'The box told it; it works once.', wrong: wrongs['code'], first: isFirst },
    ...(code === undefined ? {} : { value: code.slice(0, 64) }),
  })
}
${newPasswordFields(wrongs, !isFirst)}
<button>${isNew ? 'Make this box mine' : 'Set the password'}</button>
</form>`,
    });
  }

  #closedPage(isNew: boolean, failure: Failure | undefined): LightAnswer {
    const { command, owner } = this.#ports;
    const run = html`<code>${command('setup open')}</code> on the box: it prints a link.`;
    const how = isNew
      ? html`<ul>
<li>Hold the button of the box for three seconds, until all lamps blink fast; then let go.</li>
<li>Without a button, run ${run}</li>
</ul>`
      : html`<p>Run ${run}</p>`;
    return page({
      title: isNew ? 'Set up your mail box' : 'Forgotten password',
      status: failure === undefined ? 200 : 403,
      // A phone that waits here goes on by itself when the button was pressed.
      ...(isNew && failure === undefined ? { again: 4 } : {}),
      body: html`<h1>${isNew ? 'This mail box is new' : 'Set-up is closed'}</h1>
${failure !== undefined && html`<p class="wrong" role="alert">${sentence(failure.say)}</p>`}
<p>${
        isNew
          ? 'It becomes yours when you choose the owner’s password. So that nobody else does, open set-up at the box first:'
          : 'This box has an owner already. A forgotten password cannot be read, but a new one can be set:'
      }</p>
${how}
${owner.state === 'set' && html`<p class="buttons"><a class="button" href="/sign-in">Sign in</a></p>`}
${isNew && html`<p class="soft" role="status">This page goes on by itself as soon as set-up is open.</p>`}`,
    });
  }
}

function signInPage(next: string, failure?: Failure): LightAnswer {
  const wrong = failure === undefined ? undefined : sentence(failure.say);
  return page({
    title: 'Sign in',
    status: statusOf(failure),
    body: html`<h1>Sign in</h1>
<form method="post" action="/sign-in">
<input type="hidden" name="next" value="${next}">
${ownerField}
${field({
  ...{ name: 'password', label: 'The owner’s password', type: 'password' },
  ...{ autocomplete: 'current-password', wrong, first: true },
})}
<button>Sign in</button>
</form>
<p class="soft after"><a href="/setup">I have forgotten it</a></p>`,
  });
}

function changePage(failure?: Failure, at?: 'old'): LightAnswer {
  const say = failure === undefined ? undefined : sentence(failure.say);
  const wrongs: Wrongs = say !== undefined && at !== undefined ? { old: say } : wrongsOf(failure);
  return page({
    title: 'Change the password',
    status: statusOf(failure),
    body: html`<h1>Change the owner’s password</h1>
<p>Every browser that is signed in has to sign in again.</p>
${general(wrongs)}
<form method="post" action="/password">
${ownerField}
${field({
  ...{ name: 'old', label: 'The password until now', type: 'password', first: true },
  ...{ autocomplete: 'current-password', wrong: wrongs['old'] },
})}
${newPasswordFields(wrongs, false)}
<button>Change it</button>
</form>
<p class="soft after"><a href="/">Leave it as it is</a></p>`,
  });
}

function newPasswordFields(wrongs: Wrongs, first: boolean): Html {
  const [type, autocomplete] = ['password', 'new-password'] as const;
  return html`${field({
    ...{ name: 'password', label: 'Password', type, autocomplete, first },
    ...{
      hint: 'At least 8 characters; several words are easy to keep.',
      wrong: wrongs['password'],
    },
  })}
${field({
  ...{ name: 'again', label: 'The same once more', type, autocomplete },
  wrong: wrongs['again'],
})}`;
}

/** The new password of a form, typed twice. */
function passwordIn(form: URLSearchParams): Result<string> {
  const [password, again] = [form.get('password') ?? '', form.get('again') ?? ''];
  if (password === again) return ok(password);
  return failed(refusal('again', 'These two are not the same; type the password once more'));
}

function wrongsOf(failure: Failure | undefined): Wrongs {
  if (failure === undefined) return {};
  const places: Readonly<Record<string, string>> = {
    ...{ code: 'code', locked: 'code', 'bad-password': 'password', again: 'again' },
  };
  return { [places[failure.code] ?? 'general']: sentence(failure.say) };
}

function general({ general: say }: Wrongs): Html | undefined {
  return say === undefined ? undefined : html`<p class="wrong" role="alert">${say}</p>`;
}

function statusOf(failure: Failure | undefined): number {
  if (failure === undefined) return 200;
  if (failure.code === 'locked' || failure.code === 'busy') return 429;
  return failure.kind === 'trouble' ? 503 : 422;
}
