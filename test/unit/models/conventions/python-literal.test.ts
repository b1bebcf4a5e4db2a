import { execFileSync } from 'node:child_process';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  parsePythonLiteral,
  type PythonValue,
} from '../../../../src-main/models/conventions/python-literal.ts';

/** A value as `repr` writes it, in the ways that repr has. */
function repr(value: unknown): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number') return Object.is(value, -0) ? '-0.0' : String(value);
  if (typeof value === 'string') return quoted(value);
  if (Array.isArray(value)) return `[${value.map(repr).join(', ')}]`;
  return `{${Object.entries(value as object)
    .map(([key, each]) => `${repr(key)}: ${repr(each)}`)
    .join(', ')}}`;
}

function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const body = text.replaceAll(/[\\\n\r\t]|\p{Cc}|\p{Cs}/gu, (c) => {
    const known = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' }[c];
    return known ?? `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
  return quote + body.replaceAll(quote, `\\${quote}`) + quote;
}

function plain(value: PythonValue): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Map)
    return Object.fromEntries([...value].map(([key, each]) => [key as string, plain(each)]));
  return value;
}

test('whatever JSON can say, written as Python writes it, comes back', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 3 }), (value) => {
      expect(plain(parsePythonLiteral(repr(value)))).toEqual(value);
    }),
  );
});

test('any text: a value or a SyntaxError, never anything else', () => {
  const piece = fc.constantFrom(...`{}[](),:'"\\ \n0123456789.eE+-TrueFalsNoxuU`.split(''));
  const anything = fc.oneof(
    fc.string(),
    fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join('')),
  );
  fc.assert(
    fc.property(anything, (text) => {
      try {
        parsePythonLiteral(text);
      } catch (error) {
        expect(error).toBeInstanceOf(SyntaxError);
      }
    }),
  );
});

const python = '/usr/bin/python3';
const hasPython = ((): boolean => {
  try {
    execFileSync(python, ['-c', 'import ast, json']);
    return true;
  } catch {
    return false;
  }
})();

test.skipIf(!hasPython)("Python's own repr and literal_eval agree", () => {
  const texts = [
    "{0: \"it's\", 1: '\"', 2: 'caf\\xe9 \\u20ac \\U0001f600'}",
    '[640, 640]',
    '(1,)',
    '(1)',
    '()',
    '[1, 2,]',
    "{'a': None, 'b': [True, False], 'c': {'d': -1.5e-3}}",
    "'\\q\\101\\n'",
    '  {  } ',
    '[1 2]',
    '007',
    '1_0x',
    '{1}',
    "__import__('os').system('true')",
    '[1',
    "'a",
    '{[1]: 2}',
    '1.',
    '.5',
    'nan',
    '',
  ];
  const script =
    'import ast, json, sys\nfor t in json.load(sys.stdin):\n  try:\n    v = ast.literal_eval(t.strip())\n    print(json.dumps(None if isinstance(v, set) else ["ok", v]))\n  except Exception:\n    print(json.dumps(None))';
  const theirs = execFileSync(python, ['-W', 'ignore', '-c', script], {
    input: JSON.stringify(texts),
    encoding: 'utf8',
  });
  const ours = texts.map((text) => {
    try {
      return ['ok', plain(parsePythonLiteral(text))];
    } catch {
      return null;
    }
  });
  expect(ours).toEqual(
    theirs
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown),
  );
});

describe('what is wrong is told with its place', () => {
  test.each([
    ['[1, 2', /"\]" is expected at character 6, where the end stands/],
    ["{0 'a'}", /":" is expected at character 4/],
    ['[1] x', /the end is expected at character 5/],
    ['['.repeat(40), /more than 32 levels/],
  ])('%s', (text, message) => {
    expect(() => parsePythonLiteral(text)).toThrow(message);
  });
});
