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

  if ('EventSource' in window && document.querySelector('[data-lamp]')) {
    const live = new EventSource('/live');
    live.addEventListener('message', ({ data }) => {
      const { lamps = [], accounts = [], queue } = JSON.parse(data);
      showLamps(lamps);
      showMail(accounts);
      if (queue) showQueue(queue);
    });
    window.addEventListener('pagehide', () => live.close());
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

  // What went wrong is where the eye and the reader are. After the browser has gone to the fragment
  // of the address, which would take the focus away again.
  window.addEventListener('load', () => {
    document.querySelector('[aria-invalid="true"]')?.focus();
  });
})();
