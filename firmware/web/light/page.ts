/*
 * The frame of every light page: what the browser needs, the three lamps, the words. No script, no
 * style in the page itself, nothing from elsewhere.
 */
import { type Html, html, type Piece } from './html.ts';
import type { LightAnswer } from './route.ts';

export interface Page {
  readonly title: string;
  readonly body: Html;
  readonly status?: number;
  /** Asked for again after so many seconds. */
  readonly again?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

export function page({ title, body, status = 200, again, headers = {} }: Page): LightAnswer {
  const text = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${title} – Restante</title>
<link rel="icon" href="/gate.svg" type="image/svg+xml">
<link rel="stylesheet" href="/gate.css">
</head>
<body>
<header><img src="/gate.svg" alt="" width="44" height="24"><span>Restante</span></header>
<main>
${body}
</main>
</body>
</html>
`;
  return {
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      ...(again === undefined ? {} : { refresh: String(again) }),
      ...headers,
    },
    body: text.text,
  };
}

/** 303: the browser asks for `to` by GET. */
export function go(to: string, headers: Readonly<Record<string, string>> = {}): LightAnswer {
  return { status: 303, headers: { location: to, 'cache-control': 'no-store', ...headers } };
}

/** A page that goes on to `to` by itself: a step of its own for the browser, unlike a redirect. */
export function lead(to: string): LightAnswer {
  const body = html`<h1>One moment, please</h1><p><a href="${to}">Go on</a></p>`;
  return page({ title: 'One moment', body, headers: { refresh: `0; url=${to}` } });
}

/** A page that says what is wrong and what to do. */
export function trouble(status: number, title: string, say: Piece, todo?: Html): LightAnswer {
  return page({ title, status, body: html`<h1>${title}</h1><p>${say}</p>${todo}` });
}

export interface Field {
  readonly name: string;
  readonly label: string;
  readonly type: 'text' | 'password';
  readonly autocomplete: 'one-time-code' | 'current-password' | 'new-password';
  readonly value?: string;
  readonly hint?: string;
  /** What is wrong with what was typed. */
  readonly wrong?: string | undefined;
  readonly first?: boolean;
}

/** A field with its label, its hint, and what is wrong with it, tied together for screen readers. */
export function field(one: Field): Html {
  const { name, label, type, autocomplete, value, hint, wrong } = one;
  const about = [hint && `${name}-hint`, wrong && `${name}-wrong`].filter(Boolean).join(' ');
  return html`<p class="field">
<label for="${name}">${label}</label>
${hint !== undefined && html`<small id="${name}-hint">${hint}</small>`}
<input id="${name}" name="${name}" type="${type}" autocomplete="${autocomplete}" required${
    about !== '' && html` aria-describedby="${about}"`
  }${wrong !== undefined && html` aria-invalid="true"`}${
    value !== undefined && html` value="${value}"`
  }${one.first && html` autofocus`} maxlength="1024" autocapitalize="none" spellcheck="false">
${wrong !== undefined && html`<strong class="wrong" id="${name}-wrong">${wrong}</strong>`}
</p>`;
}

/** Tells password managers whose password it is. */
export const ownerField = html`<input class="away" type="text" name="username" value="owner"
 autocomplete="username" tabindex="-1" aria-hidden="true" readonly>`;
