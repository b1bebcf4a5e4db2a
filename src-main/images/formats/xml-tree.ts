/**
 * XML metadata of slides as a tree: elements, attributes, text. Untrusted input: one pass from front to back, no recursion, no
 * entities but XML's own five and character references, no document type, limits on everything that could grow.
 */
import { GigatileError } from '../../contract/errors.ts';
import { xmlText } from './xml-scan.ts';

export interface XmlElement {
  /** Without namespace prefix. */
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** The text right in it, trimmed. */
  readonly text: string;
}

interface OpenElement {
  name: string;
  attributes: Map<string, string>;
  children: XmlElement[];
  text: string;
}

const maxDepth = 64;
/** Tile joints of the largest slides are some 100,000. */
const maxElements = 2_000_000;

/** @throws {GigatileError} image-corrupt (`where`, and at which character) */
export function parseXml(xml: string, where: string): XmlElement {
  const fail = (what: string, at: number): GigatileError =>
    new GigatileError('image-corrupt', `The slide's XML ${what} (at character ${at})`, {
      where,
      hint: 'The file is damaged.',
    });
  const open: OpenElement[] = [{ name: '', attributes: new Map(), children: [], text: '' }];
  let elements = 0;
  let at = 0;
  while (at < xml.length) {
    const tag = xml.indexOf('<', at);
    const parent = open[open.length - 1];
    if (parent === undefined) throw fail('closes more elements than it opens', at);
    const text = xml.slice(at, tag < 0 ? xml.length : tag);
    if (open.length > 1) parent.text += xmlText(text);
    if (tag < 0) break;
    const special = specialEnd(xml, tag);
    if (special !== null) {
      if (special.end < 0) throw fail('ends within a comment or an instruction', tag);
      if (special.text !== null && open.length > 1) parent.text += special.text;
      at = special.end;
      continue;
    }
    if (xml.startsWith('<!', tag)) throw fail('has a document type, which slides have no use for', tag);
    const end = tagEnd(xml, tag);
    if (end < 0) throw fail('ends within a tag', tag);
    at = end + 1;
    if (xml[tag + 1] === '/') {
      const name = localName(xml.slice(tag + 2, end).trim());
      if (open.length < 2 || name !== parent.name)
        throw fail(`closes "${name.slice(0, 40)}" out of place`, tag);
      open.pop();
      open[open.length - 1]?.children.push(finished(parent));
      continue;
    }
    if (++elements > maxElements) throw fail(`has more than ${maxElements} elements`, tag);
    const isEmpty = xml[end - 1] === '/';
    const element = readTag(xml.slice(tag + 1, isEmpty ? end - 1 : end));
    if (element === null) throw fail('has a tag that is none', tag);
    if (isEmpty) parent.children.push(finished(element));
    else open.push(element);
    if (open.length > maxDepth) throw fail(`is nested more than ${maxDepth} deep`, tag);
  }
  const [root] = open[0]?.children ?? [];
  if (open.length !== 1 || root === undefined) throw fail('ends before its elements do', xml.length);
  return root;
}

/** The children of a name. */
export function childrenOf(element: XmlElement, name: string): XmlElement[] {
  return element.children.filter((child) => child.name === name);
}

/** Down a path of names, by the first child of each; null where there is none. */
export function childAt(element: XmlElement, ...path: string[]): XmlElement | null {
  let found: XmlElement | undefined = element;
  for (const name of path) {
    found = found?.children.find((child) => child.name === name);
  }
  return found ?? null;
}

function finished({ name, attributes, children, text }: OpenElement): XmlElement {
  return { name, attributes, children, text: text.trim() };
}

/** Comments, processing instructions and CDATA; `end` is -1 where they do not end. null: something else. */
function specialEnd(xml: string, at: number): { end: number; text: string | null } | null {
  const kinds = [
    ['<!--', '-->', false],
    ['<?', '?>', false],
    ['<![CDATA[', ']]>', true],
  ] as const;
  for (const [start, close, isText] of kinds) {
    if (!xml.startsWith(start, at)) continue;
    const found = xml.indexOf(close, at + start.length);
    if (found < 0) return { end: -1, text: null };
    return { end: found + close.length, text: isText ? xml.slice(at + start.length, found) : null };
  }
  return null;
}

/** The `>` of a tag; one within quotes is none. */
function tagEnd(xml: string, start: number): number {
  let quote = '';
  for (let at = start + 1; at < xml.length; at++) {
    const character = xml[at];
    if (quote !== '') {
      if (character === quote) quote = '';
    } else if (character === '"' || character === "'") quote = character;
    else if (character === '>') return at;
    else if (character === '<') return -1;
  }
  return -1;
}

/** What is between `<` and `>`: a name, then attributes. One pass: an expression could be made to go back and forth for hours. */
function readTag(content: string): OpenElement | null {
  const isSpace = (at: number): boolean => /\s/.test(content[at] ?? '');
  let at = 0;
  while (at < content.length && !isSpace(at)) at++;
  const name = localName(content.slice(0, at));
  if (!/^[A-Za-z_][\w.-]{0,99}$/.test(name)) return null;
  const attributes = new Map<string, string>();
  for (;;) {
    while (isSpace(at)) at++;
    if (at >= content.length) return { name, attributes, children: [], text: '' };
    const equals = content.indexOf('=', at);
    if (equals < 0) return null;
    const key = content.slice(at, equals).trim();
    at = equals + 1;
    while (isSpace(at)) at++;
    const quote = content[at];
    if (quote !== '"' && quote !== "'") return null;
    const close = content.indexOf(quote, at + 1);
    if (close < 0) return null;
    attributes.set(localName(key), xmlText(content.slice(at + 1, close)));
    at = close + 1;
  }
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}
