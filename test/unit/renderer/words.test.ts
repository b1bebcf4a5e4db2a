/** The catalogue of texts: nothing that people read is written elsewhere in the screens, and nothing in it is unused. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { words } from '../../../src-renderer/words/words.ts';

const folder = join(import.meta.dirname, '../../../src-renderer');
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.tsx?$/.test(name) && !name.startsWith('words'))
  .map((name) => join(folder, name));

/** Attributes whose text a person reads or hears. */
const spoken =
  /^(label|title|aria-label|aria-description|aria-valuetext|placeholder|alt|hint|description|detail)$/;
const isText = (text: string): boolean => /\p{L}{2}/u.test(text);

/** Texts in a component, with their lines. */
function textsIn(path: string, source = readFileSync(path, 'utf8')): string[] {
  const file = ts.createSourceFile(path, source, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX);
  const found: string[] = [];
  const tell = (node: ts.Node, text: string): void => {
    const { line } = file.getLineAndCharacterOfPosition(node.getStart(file));
    found.push(`${relative(folder, path)}:${line + 1}: ${text.trim()}`);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isJsxText(node) && isText(node.text)) tell(node, node.text);
    if (ts.isJsxAttribute(node) && spoken.test(node.name.getText(file)) && node.initializer !== undefined) {
      const { initializer } = node;
      const value = ts.isJsxExpression(initializer) ? initializer.expression : initializer;
      if (value !== undefined && ts.isStringLiteralLike(value) && isText(value.text)) tell(value, value.text);
      if (value !== undefined && ts.isTemplateExpression(value)) {
        const text = value.head.text + value.templateSpans.map(({ literal }) => literal.text).join(' ');
        if (isText(text)) tell(value, text);
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

test('components take their texts from the catalogue', () => {
  expect(files.length).toBeGreaterThan(100);
  expect(files.filter((path) => path.endsWith('.tsx')).flatMap((path) => textsIn(path))).toEqual([]);
});

test('a text in a component is found: between tags, in an attribute, in a template', () => {
  const source =
    '<p title="One">Two {x} <b aria-label={`three ${y}`} className="four">{words.a.five}</b></p>';
  expect(textsIn('a.tsx', source).map((each) => each.replace(/^[^:]+:\d+: /, ''))).toEqual([
    'One',
    'Two',
    'three',
  ]);
});

test('every text is used', () => {
  const source = files.map((path) => readFileSync(path, 'utf8')).join('\n');
  const used = new Set(
    [...source.matchAll(/\bwords\.(\w+)\.(\w+)\b/g)].map(([, room, key]) => `${room}.${key}`),
  );
  const all = Object.entries(words).flatMap(([room, texts]) =>
    Object.keys(texts).map((key) => `${room}.${key}`),
  );
  expect(all.length).toBeGreaterThan(500);
  expect(all.filter((key) => !used.has(key))).toEqual([]);
});
