/*
 * The editor part of an asking node, made from its family: what the editor registers, the form, and
 * the help. Node-RED reads it as a file (scripts/flows writes it); nothing of it runs in the box.
 */
import type { Action, Family } from './family.ts';

export function editorPart(name: string, family: Family): string {
  const type = `restante-${name}`;
  const actions = Object.entries(family.actions);
  const [first = ''] = actions.map(([action]) => action);
  return `<!-- Made by scripts/flows from flows/nodes/ask/. -->
<script type="text/javascript">
  RED.nodes.registerType('${type}', {
    category: 'Restante',
    color: '#e8d9b8',
    defaults: {
      name: { value: '' },
      action: { value: ${JSON.stringify(first)}, required: true },
      property: { value: 'payload' },
      fields: { value: '', validate: (v) => v === '' || /^\\{/.test(v) },
      optional: { value: false },
    },
    inputs: 1,
    outputs: 2,
    outputLabels: ['answered', 'refused'],
    icon: '${family.icon}',
    paletteLabel: '${family.label}',
    label() {
      return this.name || \`${family.label}: \${this.action}\`;
    },
  });
</script>

<script type="text/html" data-template-name="${type}">
  <div class="form-row">
    <label for="node-input-action" data-i18n="label.action">Ask</label>
    <select id="node-input-action">
${actions.map(([action, { say }]) => optionFor(action, say)).join('\n')}
    </select>
  </div>
  <div class="form-row">
    <label for="node-input-property" data-i18n="label.property">Answer to</label>
    <input type="text" id="node-input-property" placeholder="payload">
  </div>
  <div class="form-row">
    <label for="node-input-fields" data-i18n="label.fields">Fields</label>
    <input type="text" id="node-input-fields" placeholder='{"name": "value"}'>
  </div>
  <div class="form-row">
    <label for="node-input-optional" data-i18n="label.optional">Optional</label>
    <input type="checkbox" id="node-input-optional" style="width:auto">
    <span data-i18n="label.goOn">go on without the answer when it is refused</span>
  </div>
  <div class="form-row">
    <label for="node-input-name" data-i18n="label.name">Name</label>
    <input type="text" id="node-input-name">
  </div>
</script>

<script type="text/html" data-help-name="${type}">
  <p>${family.help}</p>
  <h3>What it asks</h3>
  <dl class="message-properties">
${actions.map(([action, one]) => helpFor(action, one)).join('\n')}
  </dl>
  <h3>Input</h3>
  <p>Fields come from <code>msg.payload</code> (an object, such as a form that was sent), from the
  address of the page (<code>msg.req.params</code>) and from the node itself, which wins.
  A password or passphrase is <code>msg.payload.secret</code>; it is taken out of the message at
  once and never seen behind this node.</p>
  <h3>Outputs</h3>
  <ol class="node-ports">
    <li>Answered: the answer is where the node says, usually <code>msg.payload</code>.</li>
    <li>Refused: <code>msg.refusal</code> has a stable <code>code</code> and a sentence
    <code>say</code>. The code <code>confirm</code> says what would be lost: send the message again
    with <code>yes: true</code>. When nothing is wired here, a refusal is an error for a catch
    node.</li>
  </ol>
</script>
`;
}

function helpFor(action: string, asked: Action): string {
  return `    <dt>${action}</dt>\n    <dd>${actionHelp(asked)}</dd>`;
}

function optionFor(action: string, say: string): string {
  return `      <option value="${action}" data-i18n="action.${keyOf(action)}">${say}</option>`;
}

/** The texts of the form in English, for translators: locales/en-US/. */
export function editorTexts(family: Family): object {
  const actions = Object.entries(family.actions).map(([name, { say }]) => [keyOf(name), say]);
  return {
    label: {
      ...{ action: 'Ask', property: 'Answer to', fields: 'Fields', optional: 'Optional' },
      ...{ name: 'Name', goOn: 'go on without the answer when it is refused' },
    },
    action: Object.fromEntries(actions),
  };
}

/** 'add app password' -> 'add-app-password' */
function keyOf(action: string): string {
  return action.replaceAll(' ', '-');
}

function actionHelp({ say, takes = [], flags = [], lists = [], secret, words }: Action): string {
  const fields = [
    ...takes,
    ...lists.map((one) => `${one} (several)`),
    ...flags.map((one) => `${one} (true)`),
    ...(secret ? ['secret'] : []),
  ].map((one) => `<code>${one}</code>`);
  const takesWords = fields.length === 0 ? '' : ` Fields: ${fields.join(', ')}.`;
  return `${say} (<code>restante ${words.join(' ')}</code>).${takesWords}`;
}
