/**
 * The binary encoding of DICOM (PS3.5 section 7, PS3.10 section 7): elements one after the other, read straight from the file
 * through a window, so that the gigabytes of pixels behind them are never in memory. Values that nobody asks for are skipped.
 * Only the little-endian encodings, explicit and implicit.
 */
import { GigatileError } from '../../../contract/errors.ts';
import type { ImageFile } from '../../image-file.ts';
import { attribute, attributeName, isRead } from './attributes.ts';
import type { Keyword } from './attributes.ts';

/** Sequences in sequences: the standard's whole-slide images need 4. */
const deepest = 16;
/** Everything before the pixels; the positions of a million frames take 150 MB. */
const longestHeader = 256 * 1024 * 1024;
/** Of a value that is looked at as text or numbers. */
const longestValue = 64 * 1024;
const windowBytes = 32 * 1024;

const item = 0xfffe_e000;
const itemEnd = 0xfffe_e00d;
const sequenceEnd = 0xfffe_e0dd;
const undefinedLength = 0xffff_ffff;
/** Value representations whose length has 32 bits in the explicit encoding (PS3.5 table 7.1-1). */
const longForms = new Set('OB OD OF OL OV OW SQ SV UC UN UR UT UV'.split(' ').map((vr) => codeOf(vr)));
const unknown = codeOf('UN');

/** The two letters as they are read, as one number: a million frames have ten elements each. */
function codeOf(vr: string): number {
  return vr.charCodeAt(0) + vr.charCodeAt(1) * 256;
}

function isCode(code: number): boolean {
  const isLetter = (letter: number): boolean => letter >= 0x41 && letter <= 0x5a;
  return isLetter(code & 255) && isLetter(code >> 8);
}

const whatElement = (): string => 'A DICOM element';

/** Where an element's value lies in the file. */
export interface Element {
  tag: number;
  at: number;
  /** null: undefined; the value ends with a delimiter. */
  length: number | null;
  /** What is inside, where it is a sequence. */
  explicit: boolean;
}

/** Little-endian numbers anywhere in the file, through a window. */
class Bytes {
  readonly file: ImageFile;
  #window: Buffer = Buffer.alloc(0);
  #start = 0;

  constructor(file: ImageFile) {
    this.file = file;
  }

  /** Position of `at` in the window, which then holds `length` bytes from there. */
  #seek(at: number, length: number, what: () => string): number {
    if (at < this.#start || at + length > this.#start + this.#window.length) {
      const size = Math.max(length, Math.min(windowBytes, this.file.size - at));
      this.#window = this.file.read(at, size, what);
      this.#start = at;
    }
    return at - this.#start;
  }

  u16(at: number, what: () => string): number {
    const position = this.#seek(at, 2, what);
    return this.#window.readUInt16LE(position);
  }

  u32(at: number, what: () => string): number {
    const position = this.#seek(at, 4, what);
    return this.#window.readUInt32LE(position);
  }

  /** A tag as one number. */
  tag(at: number, what: () => string): number {
    const position = this.#seek(at, 4, what);
    return this.#window.readUInt16LE(position) * 0x1_0000 + this.#window.readUInt16LE(position + 2);
  }

  value(at: number, length: number, what: () => string): Buffer {
    const position = this.#seek(at, length, what);
    return this.#window.subarray(position, position + length);
  }
}

/** A data set or an item of a sequence: the elements in it that are read. */
export class DataSet {
  readonly #reader: Part10Reader;
  readonly #elements: Map<number, Element>;

  constructor(reader: Part10Reader, elements: Map<number, Element>) {
    this.#reader = reader;
    this.#elements = elements;
  }

  element(keyword: Keyword): Element | null {
    return this.#elements.get(attribute[keyword]) ?? null;
  }

  /** The values of a text (they are separated by backslashes); empty where it is absent. */
  texts(keyword: Keyword): string[] {
    const bytes = this.#value(keyword);
    if (bytes === null) return [];
    const isUtf8 = this.#reader.isUtf8;
    return bytes
      .toString(isUtf8 ? 'utf8' : 'latin1')
      .split('\\')
      .map((text) => text.replaceAll('\0', '').trim())
      .filter((text, index, all) => text !== '' || all.length > 1);
  }

  text(keyword: Keyword): string | null {
    return this.texts(keyword)[0] ?? null;
  }

  /** Numbers that are written as text (IS, DS). @throws {GigatileError} image-corrupt where one is none */
  decimals(keyword: Keyword): number[] {
    return this.texts(keyword).map((text) => {
      const value = text === '' ? Number.NaN : Number(text);
      if (!Number.isFinite(value)) throw this.error(keyword, `holds ${JSON.stringify(text.slice(0, 40))}`);
      return value;
    });
  }

  /** A whole number that is written as text (IS). */
  integer(keyword: Keyword): number | null {
    const [value] = this.decimals(keyword);
    if (value === undefined) return null;
    if (!Number.isSafeInteger(value)) throw this.error(keyword, `holds ${value}`);
    return value;
  }

  /** US or UL, by its length. */
  unsigned(keyword: Keyword): number | null {
    const bytes = this.#value(keyword);
    if (bytes === null || bytes.length === 0) return null;
    if (bytes.length === 2) return bytes.readUInt16LE(0);
    if (bytes.length === 4) return bytes.readUInt32LE(0);
    throw this.error(keyword, `has ${bytes.length} bytes instead of 2 or 4`);
  }

  /** SL. */
  signed(keyword: Keyword): number | null {
    const bytes = this.#value(keyword);
    if (bytes === null || bytes.length === 0) return null;
    if (bytes.length !== 4) throw this.error(keyword, `has ${bytes.length} bytes instead of 4`);
    return bytes.readInt32LE(0);
  }

  /** FL or FD, by its length. */
  float(keyword: Keyword): number | null {
    const bytes = this.#value(keyword);
    if (bytes === null || bytes.length === 0) return null;
    if (bytes.length === 4) return bytes.readFloatLE(0);
    if (bytes.length === 8) return bytes.readDoubleLE(0);
    throw this.error(keyword, `has ${bytes.length} bytes instead of 4 or 8`);
  }

  /** The items of a sequence, one after the other; none where it is absent. */
  *items(keyword: Keyword): Generator<DataSet> {
    const element = this.element(keyword);
    if (element !== null) yield* this.#reader.items(element);
  }

  first(keyword: Keyword): DataSet | null {
    for (const found of this.items(keyword)) return found;
    return null;
  }

  error(keyword: Keyword, what: string): GigatileError {
    return this.#reader.error(`The attribute ${attributeName(attribute[keyword])} ${what}`);
  }

  #value(keyword: Keyword): Buffer | null {
    const element = this.element(keyword);
    if (element === null) return null;
    if (element.length === null || element.length > longestValue) {
      throw this.error(keyword, `has ${element.length ?? 'an undefined number of'} bytes`);
    }
    return this.#reader.value(element);
  }
}

export class Part10Reader {
  readonly file: ImageFile;
  readonly transferSyntax: string;
  readonly #bytes: Bytes;
  readonly #start: number;
  readonly #explicit: boolean;
  /** Text is UTF-8 and not Latin-1 (as near as we need to the many other character sets). */
  isUtf8 = false;

  /** Reads the meta information (group 0002). @throws {GigatileError} image-corrupt, image-unsupported */
  constructor(file: ImageFile) {
    this.file = file;
    this.#bytes = new Bytes(file);
    let at = 132;
    let syntax = '';
    const what = (): string => 'The DICOM meta information';
    while (at + 8 <= file.size && this.#bytes.u16(at, what) === 2) {
      const element = this.#element(at, true, file.size);
      if (element.length === null) throw this.error(`${attributeName(element.tag)} has no length`);
      if (element.tag === attribute.TransferSyntaxUID) {
        syntax = this.value(element).toString('latin1').replaceAll('\0', '').trim();
      }
      at = element.at + element.length;
    }
    if (syntax === '')
      throw this.error('The DICOM file does not say how it is encoded: (0002,0010) is missing');
    this.transferSyntax = syntax;
    this.#start = at;
    this.#explicit = syntax !== '1.2.840.10008.1.2';
    refuseUnreadable(syntax, file.name);
  }

  /** The data set up to the pixels; with `upTo`, up to that attribute at most. */
  read(upTo: Keyword = 'PixelData'): DataSet {
    const last = attribute[upTo];
    const elements = new Map<number, Element>();
    const { size } = this.file;
    let at = this.#start;
    while (at < size) {
      if (at - this.#start > longestHeader) {
        throw this.error(`There are more than ${longestHeader} bytes before the pixels`);
      }
      const element = this.#element(at, this.#explicit, size);
      if (element.tag > last) break;
      if (isRead(element.tag) && !elements.has(element.tag)) elements.set(element.tag, element);
      if (element.tag === attribute.SpecificCharacterSet) {
        this.isUtf8 = /ISO_IR 192/.test(this.value(element).toString('latin1'));
      }
      if (element.tag === attribute.PixelData) break;
      at = this.#endOf(element, 0);
    }
    return new DataSet(this, elements);
  }

  *items(sequence: Element, depth = 1): Generator<DataSet> {
    const end = sequence.length === null ? this.file.size : sequence.at + sequence.length;
    const what = (): string => `An item of ${attributeName(sequence.tag)}`;
    let at = sequence.at;
    while (at < end) {
      const tag = this.#bytes.tag(at, what);
      if (tag === sequenceEnd && sequence.length === null) return;
      if (tag !== item) throw this.error(`${what()} does not begin like one`);
      const length = this.#bytes.u32(at + 4, what);
      const elements = new Map<number, Element>();
      at = this.#walkItem(at + 8, length, end, sequence.explicit, depth, what, (element) => {
        if (isRead(element.tag) && !elements.has(element.tag)) elements.set(element.tag, element);
      });
      yield new DataSet(this, elements);
    }
  }

  value(element: Element): Buffer {
    const { tag, at, length } = element;
    return this.#bytes.value(at, Math.min(length ?? 0, longestValue), () => attributeName(tag));
  }

  error(message: string): GigatileError {
    return new GigatileError('image-corrupt', message, {
      where: this.file.name,
      hint: 'The file is damaged or was not copied completely.',
    });
  }

  /** The element that begins at `at`, whose value ends at `end` at the latest. */
  #element(at: number, explicit: boolean, end: number): Element {
    const tag = this.#bytes.tag(at, whatElement);
    const name = (): string => attributeName(tag);
    // Items and their delimiters have no value representation in either encoding.
    if (!explicit || tag >= item) {
      const length = this.#bytes.u32(at + 4, name);
      return this.#checked({ tag, at: at + 8, length, explicit }, end);
    }
    const vr = this.#bytes.u16(at + 4, name);
    if (!isCode(vr)) {
      throw this.error(`${name()} at byte ${at} has no value representation: the file is damaged before it`);
    }
    if (!longForms.has(vr)) {
      return this.#checked({ tag, at: at + 8, length: this.#bytes.u16(at + 6, name), explicit }, end);
    }
    const length = this.#bytes.u32(at + 8, name);
    // A sequence of unknown representation is in the implicit encoding (PS3.5 section 6.2.2).
    return this.#checked({ tag, at: at + 12, length, explicit: vr !== unknown }, end);
  }

  #checked(element: Element & { length: number }, end: number): Element {
    if (element.length === undefinedLength) return { ...element, length: null };
    if (element.at + element.length > end) {
      const beyond = end === this.file.size ? 'the end of the file' : 'what it is part of';
      throw this.error(
        `${attributeName(element.tag)} has ${element.length} bytes and reaches beyond ${beyond}`,
      );
    }
    return element;
  }

  /** Where the element after this one begins. */
  #endOf(element: Element, depth: number): number {
    if (element.length !== null) return element.at + element.length;
    const what = (): string => attributeName(element.tag);
    if (depth >= deepest) throw this.error(`${what()}: sequences are nested deeper than ${deepest}`);
    let { at } = element;
    for (;;) {
      const tag = this.#bytes.tag(at, what);
      const length = this.#bytes.u32(at + 4, what);
      at += 8;
      if (tag === sequenceEnd) return at;
      if (tag !== item) throw this.error(`${what()}: an item at byte ${at - 8} does not begin like one`);
      at = this.#walkItem(at, length, this.file.size, element.explicit, depth + 1, what, null);
    }
  }

  /** Goes through an item's elements where somebody wants them, or where only they say where it ends; returns its end. */
  #walkItem(
    start: number,
    length: number,
    limit: number,
    explicit: boolean,
    depth: number,
    what: () => string,
    found: ((element: Element) => void) | null,
  ): number {
    const isOpen = length === undefinedLength;
    const end = isOpen ? limit : start + length;
    if (end > limit) throw this.error(`${what()}: an item of ${length} bytes reaches beyond its end`);
    if (found === null && !isOpen) return end;
    let at = start;
    while (at < end) {
      if (at - this.#start > longestHeader) {
        throw this.error(`${what()} goes on for more than ${longestHeader} bytes`);
      }
      const element = this.#element(at, explicit, end);
      if (element.tag === itemEnd && isOpen) return element.at;
      if (element.tag >= item) throw this.error(`${what()}: a delimiter stands where none can be`);
      found?.(element);
      at = this.#endOf(element, depth);
    }
    if (isOpen) throw this.error(`${what()}: an item has no end`);
    if (at > end) throw this.error(`${what()}: what an item holds reaches beyond its end`);
    return end;
  }
}

function refuseUnreadable(syntax: string, where: string): void {
  const unreadable: Readonly<Record<string, string>> = {
    '1.2.840.10008.1.2.1.99': 'is deflated as a whole',
    '1.2.840.10008.1.2.2': 'is big endian (retired from the standard)',
  };
  const why = unreadable[syntax];
  if (why === undefined) return;
  throw new GigatileError('image-unsupported', `The DICOM file ${why}, which cannot be read`, {
    where,
    hint: 'Convert it to explicit little endian, for example with dcmconv +te of dcmtk.',
  });
}
