/*
 * Life for the pages, which work without it: lamps, counts and names change as the box does
 * (/live, server-sent events of the gate), and a button that takes a while says so. It writes
 * texts, never markup.
 */
(() => {
  const patterns = ['off', 'on', 'slow', 'fast', 'pulse'];
  const voice = document.querySelector('[data-say]');
  const all = (selector) => [...document.querySelectorAll(selector)];
  const of = (name, value) => all(`[data-${name}]`).filter((one) => one.dataset[name] === value);

  let said = new Map();

  const showLamps = (lamps) => {
    const now = new Map(lamps.map(({ lamp, say }) => [lamp, say]));
    for (const { lamp, pattern, say } of lamps) {
      for (const one of of('lamp', lamp)) {
        one.classList.remove(...patterns);
        if (patterns.includes(pattern)) one.classList.add(pattern);
      }
      for (const one of all('[data-lamp-say]')) {
        if (one.dataset.lampSay === lamp) one.textContent = say;
      }
      // Only what has changed is read out.
      if (said.size === 0 || said.get(lamp) === say) continue;
      if (voice) voice.textContent = `${lamp}: ${say}`;
      // The rest of the page tells of before: whoever looks may look again.
      if (lamp !== 'mail') for (const one of all('[data-again]')) one.hidden = false;
    }
    said = now;
  };

  const showMail = (accounts) => {
    for (const { name, unretrieved } of accounts) {
      for (const one of of('mail', name)) {
        one.textContent = unretrieved > 0 ? `${unretrieved} new` : 'nothing new';
        one.classList.toggle('new', unretrieved > 0);
      }
      for (const one of of('face', name)) one.classList.toggle('new', unretrieved > 0);
    }
  };

  const showQueue = ({ messages }) => {
    const count = messages === 1 ? '1 message waits.' : `${messages} messages wait.`;
    for (const one of all('[data-queue]')) {
      one.textContent = messages === 0 ? 'Nothing waits to go out.' : count;
    }
  };

  // 'away': the box cannot be heard. 'over': it says that nobody is signed in. '': all is true.
  const showStale = (how) => {
    const words = of('stale', how)[0];
    // Read out once.
    if (words?.hidden && voice) voice.textContent = words.textContent;
    for (const one of all('[data-stale]')) one.hidden = one !== words;
    if (how === '') return;
    for (const one of all('[data-lamp]')) one.classList.remove(...patterns);
    for (const one of all('[data-lamp-say]')) one.textContent = 'not known just now';
    const back = encodeURIComponent(location.pathname + location.search);
    for (const one of all('[data-stale] a')) one.href = `/sign-in?next=${back}`;
    // Not everything has changed when it comes back.
    said = new Map();
  };

  // The box is heard every 25 seconds at least (heartbeat, firmware/web/gate.ts).
  const longestSilence = 60_000;
  const pause = 5_000;
  let live;
  let alarm;

  const leave = () => {
    live?.close();
    live = undefined;
    clearTimeout(alarm);
  };

  const heard = () => {
    clearTimeout(alarm);
    alarm = setTimeout(lost, longestSilence);
  };

  const lost = () => {
    leave();
    showStale('away');
    alarm = setTimeout(listen, pause);
  };

  // Why nothing is told: only an answer can say that the session is over.
  const ask = async () => {
    const asking = new AbortController();
    try {
      const { status } = await fetch('/live', { signal: asking.signal });
      return status;
    } catch {
      return 0;
    } finally {
      asking.abort();
    }
  };

  const listen = () => {
    leave();
    const own = new EventSource('/live');
    live = own;
    heard();
    own.addEventListener('message', ({ data }) => {
      heard();
      showStale('');
      const { lamps = [], accounts = [], queue } = JSON.parse(data);
      showLamps(lamps);
      showMail(accounts);
      if (queue) showQueue(queue);
    });
    own.addEventListener('beat', heard);
    own.addEventListener('error', async () => {
      leave();
      const status = await ask();
      if (live !== undefined || document.hidden) return;
      if (status === 401) showStale('over');
      else if (status === 200) alarm = setTimeout(listen, pause);
      else lost();
    });
  };

  if ('EventSource' in window && document.querySelector('[data-lamp]')) {
    listen();
    window.addEventListener('pagehide', leave);
    window.addEventListener('pageshow', ({ persisted }) => persisted && listen());
    // A page in the back costs the box nothing, and keeps nobody signed in.
    document.addEventListener('visibilitychange', () => (document.hidden ? leave() : listen()));
  }

  document.addEventListener('submit', (event) => {
    const button = event.submitter;
    if (!button?.dataset.busy) return;
    // After the form was sent: a button that is off would not be sent with it.
    setTimeout(() => {
      const label = button.querySelector('b') ?? button;
      button.dataset.was = label.textContent;
      label.textContent = button.dataset.busy;
      button.disabled = true;
      if (voice) voice.textContent = button.dataset.busy;
    });
  });

  // Back from the next page by the browser's own button: as it was.
  window.addEventListener('pageshow', () => {
    for (const button of all('button[data-was]')) {
      (button.querySelector('b') ?? button).textContent = button.dataset.was;
      button.disabled = false;
      delete button.dataset.was;
    }
  });

  // Reading a file is something that only a script can do.
  for (const one of all('[data-scripted]')) one.hidden = false;
  document.addEventListener('change', async ({ target }) => {
    const field = document.getElementById(target.dataset.into ?? '');
    const [file] = target.files ?? [];
    if (field && file) field.value = await file.text();
  });

  // What went wrong is where the eye and the reader are. After the browser has gone to the fragment
  // of the address, which would take the focus away again.
  window.addEventListener('load', () => {
    document.querySelector('[aria-invalid="true"]')?.focus();
  });
})();
