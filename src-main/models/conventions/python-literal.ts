/**
 * Python literals, as `repr` writes them and `ast.literal_eval` reads them: None, booleans, numbers, strings, lists, tuples and
 * dictionaries. Nothing else is read, and nothing is evaluated. Ultralytics writes its metadata so.
 */

export type PythonValue = null | boolean | number | string | PythonValue[] | Map<PythonValue, PythonValue>;

/** Lists in lists: metadata has two levels. */
const deepest = 32;

const escapes: Record<string, string> = {
  '\\': '\\',
  "'": "'",
  '"': '"',
  n: '\n',
  r: '\r',
  t: '\t',
  a: '\u0007',
  b: '\b',
  f: '\f',
  v: '\v',
  '\n': '',
};

/** What follows `\x`, `\u` and `\U`: so many hexadecimal digits. */
const hexDigits: Record<string, number> = { x: 2, u: 4, U: 8 };

const number = /[+-]?(?:\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)/y;
const word = /[A-Za-z_]+/y;
const space = /[ \t\r\n]*/y;

/** @throws {SyntaxError} with the place, where the text is anything else; whole numbers beyond 2^53 become the nearest double */
export function parsePythonLiteral(text: string): PythonValue {
  const parser = new Parser(text);
  return parser.whole();
}

class Parser {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  whole(): PythonValue {
    const value = this.#value();
    this.#skip();
    if (this.#at < this.#text.length) throw this.#wrong('the end');
    return value;
  }

  #wrong(wanted: string): SyntaxError {
    const found = this.#at < this.#text.length ? `"${this.#text.slice(this.#at, this.#at + 12)}"` : 'the end';
    return new SyntaxError(`${wanted} is expected at character ${this.#at + 1}, where ${found} stands`);
  }

  #skip(): void {
    this.#match(space);
  }

  #match(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found === undefined) return null;
    this.#at += found.length;
    return found;
  }

  #take(character: string): boolean {
    this.#skip();
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #value(): PythonValue {
    this.#skip();
    const next = this.#text[this.#at] ?? '';
    if (next === "'" || next === '"') return this.#string(next);
    if (next === '[' || next === '(' || next === '{') return this.#nested(next);
    if (/[A-Za-z_]/.test(next)) return this.#word();
    const found = this.#match(number);
    if (found === null) throw this.#wrong('a value');
    const after = this.#text[this.#at] ?? '';
    // 007, 1_000, 1j and 1x are no numbers here.
    if (/[\w.]/.test(after) || /^[+-]?0\d+$/.test(found)) throw this.#wrong('the end of a number');
    return Number(found);
  }

  #word(): null | boolean {
    const began = this.#at;
    const found = this.#match(word);
    if (found === 'None') return null;
    if (found === 'True' || found === 'False') return found === 'True';
    this.#at = began;
    throw this.#wrong('a value');
  }

  #nested(opening: '[' | '(' | '{'): PythonValue {
    if (++this.#depth > deepest) throw new SyntaxError(`more than ${deepest} levels of lists`);
    this.#at++;
    const value =
      opening === '{' ? this.#dictionary() : opening === '[' ? this.#list(']').items : this.#tuple();
    this.#depth--;
    return value;
  }

  #list(closing: ']' | ')'): { items: PythonValue[]; comma: boolean } {
    const items: PythonValue[] = [];
    let comma = false;
    while (!this.#take(closing)) {
      if (items.length > 0 && !comma) throw this.#wrong(`"," or "${closing}"`);
      items.push(this.#value());
      comma = this.#take(',');
    }
    return { items, comma };
  }

  /** Parentheses round a single value, without a comma, are no tuple. */
  #tuple(): PythonValue {
    const { items, comma } = this.#list(')');
    const [first] = items;
    return items.length === 1 && !comma && first !== undefined ? first : items;
  }

  #dictionary(): Map<PythonValue, PythonValue> {
    const entries = new Map<PythonValue, PythonValue>();
    let comma = true;
    while (!this.#take('}')) {
      if (!comma) throw this.#wrong('"," or "}"');
      const key = this.#value();
      if (typeof key === 'object' && key !== null) throw this.#wrong('a key that is no list');
      if (!this.#take(':')) throw this.#wrong('":"');
      entries.set(key, this.#value());
      comma = this.#take(',');
    }
    return entries;
  }

  #string(quote: string): string {
    this.#at++;
    let text = '';
    for (;;) {
      const next = this.#text[this.#at++];
      if (next === undefined || next === '\n') throw this.#wrong(`a closing ${quote}`);
      if (next === quote) return text;
      text += next === '\\' ? this.#escape() : next;
    }
  }

  #escape(): string {
    const kind = this.#text[this.#at++] ?? '';
    const plain = escapes[kind];
    if (plain !== undefined) return plain;
    const digits = hexDigits[kind];
    if (digits !== undefined) {
      const hex = this.#text.slice(this.#at, this.#at + digits);
      const code = Number.parseInt(hex, 16);
      if (!/^[0-9a-f]+$/i.test(hex) || hex.length < digits || code > 0x10ffff) {
        throw this.#wrong(`${digits} hexadecimal digits`);
      }
      this.#at += digits;
      return String.fromCodePoint(code);
    }
    if (/[0-7]/.test(kind)) {
      this.#at--;
      return String.fromCodePoint(Number.parseInt(this.#match(/[0-7]{1,3}/y) ?? '0', 8));
    }
    if (kind === 'N') throw this.#wrong('an escape without a name');
    // Python keeps the backslash of what is no escape.
    return `\\${kind}`;
  }
}
