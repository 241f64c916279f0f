/*
 * The package of nodes as data: what it asks exists in the box's table of verbs, each node has its
 * parts, the templates cannot let markup in, and the nodes import nothing of the box but types.
 */
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { flowsMayAsk } from '#control/flows-door';
import { verbs } from '#control/verbs/table';
import { families } from '../../flows/nodes/ask/families.ts';
import { faultIn } from '../../flows/nodes/page/render.ts';
import type { FlowNode } from '../../flows/shipped/tab-print.ts';

const folder = new URL('../../flows/', import.meta.url);
const read = (name: string) => readFileSync(new URL(name, folder), 'utf8');

describe('what the nodes ask', () => {
  for (const [name, family] of Object.entries(families)) {
    for (const [action, asked] of Object.entries(family.actions)) {
      test(`${name}: ${action}`, () => {
        const words = asked.words.join(' ');
        const allowed = flowsMayAsk[words] ?? 'no';
        assert.notEqual(allowed, 'no', 'the door of the flows lets it through');
        const verb = verbs.find((one) => one.words.join(' ') === words);
        assert.ok(verb, `there is no verb ${words}`);
        assert.equal(asked.reads === true, verb.reads === true, 'GET or POST');
        assert.equal(asked.secret === true, verb.secret !== undefined, 'a secret');
        const options = verb.options ?? [];
        const texts = [
          ...(verb.arguments ?? []).map((one) => one.name),
          ...options.filter((one) => one.value !== undefined && !one.repeats).map((o) => o.name),
        ];
        for (const one of asked.takes ?? []) assert.ok(texts.includes(one), `takes ${one}`);
        for (const one of asked.flags ?? []) {
          assert.ok(
            options.some((o) => o.name === one && o.value === undefined),
            `flag ${one}`,
          );
        }
        for (const one of asked.lists ?? []) {
          assert.ok(
            options.some((o) => o.name === one && o.repeats),
            `list ${one}`,
          );
        }
        for (const one of verb.arguments ?? []) {
          assert.ok(one.optional || asked.takes?.includes(one.name), `needs ${one.name}`);
        }
      });
    }
  }
});

describe('the package', () => {
  const { 'node-red': nodeRed } = JSON.parse(read('nodes/contrib.json')) as {
    'node-red': { nodes: Record<string, string> };
  };
  for (const name of Object.keys(nodeRed.nodes)) {
    test(`${name} has its parts`, () => {
      assert.ok(existsSync(new URL(`nodes/${name}.ts`, folder)));
      const html = read(`nodes/${name}.html`);
      assert.match(html, new RegExp(`registerType\\('${name}'`));
      assert.match(html, new RegExp(`data-help-name="${name}"`));
      assert.match(html, /category: 'Restante'/);
      const icon = /icon: '([^']+)'/.exec(html)?.[1] ?? '';
      assert.ok(existsSync(new URL(`nodes/icons/${icon}`, folder)), icon);
      const texts = JSON.parse(read(`nodes/locales/en-US/${name}.json`)) as Record<string, object>;
      for (const [, key = ''] of html.matchAll(/data-i18n="([^"]+)"/g)) {
        const [group = '', ...rest] = key.split('.');
        assert.ok(rest.join('.') in (texts[group] ?? {}), `the text ${key}`);
      }
    });
  }

  test('every node is named in it', () => {
    const files = globSync('nodes/restante-*.ts', { cwd: folder }).map((file) => file.slice(6, -3));
    assert.deepEqual(files.toSorted(), Object.keys(nodeRed.nodes).toSorted());
  });

  for (const file of ['flows.json', ...globSync('nodes/examples/*.json', { cwd: folder })]) {
    test(file, () => {
      const flow = JSON.parse(read(file)) as FlowNode[];
      const ids = new Set(flow.map(({ id }) => id));
      assert.equal(ids.size, flow.length, 'ids are given once');
      assert.doesNotMatch(read(file), /"type": ?"function"|"credentials":/);
      for (const node of flow) {
        const isOurs = node.type.startsWith('restante-');
        assert.ok(!isOurs || nodeRed.nodes[node.type] !== undefined, node.type);
        const wires = (node['wires'] as string[][] | undefined)?.flat() ?? [];
        for (const to of [...wires, ...((node['links'] as string[] | undefined) ?? [])]) {
          assert.ok(ids.has(to), `${node.id} leads to ${to}`);
        }
      }
    });
  }

  test('it imports of the box only the types of control', () => {
    for (const file of globSync('nodes/**/*.ts', { cwd: folder })) {
      for (const [whole, type, from = ''] of read(file).matchAll(
        /^import\s+(type\s)?[^;]*?from\s+'([^']+)'/gm,
      )) {
        const isOwn = from.startsWith('.') && !from.includes('../../');
        const isKnown = /^(node:|mustache$|qrcode-generator$)/.test(from);
        const isTypes = from === '#control/types' && type !== undefined;
        assert.ok(isOwn || isKnown || isTypes, `${file}: ${whole}`);
      }
    }
  });
});

describe('templates', () => {
  for (const file of globSync(['pages/*.html', 'nodes/page/**/*.html'], { cwd: folder })) {
    test(file, () => {
      const text = read(file);
      assert.equal(faultIn(text), undefined);
      assert.doesNotMatch(
        text,
        /<style|\sstyle=|\son[a-z]+=|javascript:/i,
        'the policy forbids it',
      );
      assert.doesNotMatch(text, /<script(?! src="\/assets\/)/, 'scripts are files of this site');
      assert.doesNotMatch(text, /(?:src|href|action)="(?:https?:)?\/\//, 'nothing from elsewhere');
      // Values in attributes stand in double quotes.
      assert.doesNotMatch(text, /\s[\w-]+=(?:\{\{|')/);
    });
  }

  for (const bad of ['{{{x}}}', '{{&x}}', '{{ & x }}', '{{ {x} }}', '{{=<% %>=}}<%& x %>']) {
    test(`is refused: ${bad}`, () => assert.match(faultIn(bad) ?? '', /A page may not/));
  }
});
