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

/** What is no text for people though it begins like one: names of keys, ids, classes that are data of the case. */
const noText =
  /^(Arrow(Left|Right|Up|Down)?|Page(Up|Down)|Delete|Control|Shift|Alt|AltGraph|Meta|CapsLock|Dead|Process|Ctrl|Space|Esc|Plus|GeoJSON|Exclude|Region|Tumour|Stroma|Necrosis|Other|Hotspot)\b/;

/** Texts that begin with a capital, anywhere in the sources; what the program says of its own defects is not translated. */
function sentencesIn(path: string, source = readFileSync(path, 'utf8')): string[] {
  const file = ts.createSourceFile(path, source, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isTypeNode(node)) return;
    if (ts.isNewExpression(node) && /Error$|Exception$/.test(node.expression.getText(file))) return;
    if (ts.isBinaryExpression(node) && /^[!=]==$/.test(node.operatorToken.getText(file))) return;
    if (ts.isPropertyAssignment(node) && node.name.getText(file) === 'group') return;
    const text = ts.isStringLiteralLike(node)
      ? node.text
      : ts.isTemplateExpression(node)
        ? node.head.text
        : '';
    if (/^\p{Lu}\p{Ll}/u.test(text) && !noText.test(text)) found.push(`${relative(folder, path)}: ${text}`);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

test('nor does any other source hold one', () => {
  const ids = /app\/commands\/(command|registry)\.ts/;
  expect(files.filter((path) => !ids.test(path)).flatMap((path) => sentencesIn(path))).toEqual([]);
  const source =
    "const a = { name: 'Red', b: `Since ${c}`, group: 'Run' }; if (key === 'Enter') throw new Error('No')";
  expect(sentencesIn('a.ts', source).map((each) => each.replace(/^[^:]+: /, ''))).toEqual(['Red', 'Since ']);
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
