/** The typeface of PDF reports, Inter, embedded as far as it is used; and what of a text it can show. */
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import type { Span, Text } from '../document/document.ts';
import { cssColour } from '../../core/colour.ts';
import { ink } from './ink.ts';

const fromHere = createRequire(import.meta.url);

export type Weight = 'regular' | 'bold';

const files: Record<Weight, string> = {
  regular: '@expo-google-fonts/inter/400Regular/Inter_400Regular.ttf',
  bold: '@expo-google-fonts/inter/600SemiBold/Inter_600SemiBold.ttf',
};

/**
 * Of the typeface's features. Contextual alternates take most of the time of a report and would turn the x between numbers into a
 * times sign. The types know lists of features only; fontkit takes switches.
 */
const features = (isTabular: boolean): PDFKit.Mixins.OpenTypeFeatures[] =>
  ({ calt: false, ...(isTabular && { tnum: true }) }) as unknown as PDFKit.Mixins.OpenTypeFeatures[];

const bytes = new Map<Weight, Buffer>();
function fontBytes(weight: Weight): Buffer {
  let known = bytes.get(weight);
  if (known === undefined) {
    known = readFileSync(fromHere.resolve(files[weight]));
    bytes.set(weight, known);
  }
  return known;
}

/** What stands for a sign that the typeface lacks. */
const missingSign = '□';

/** Text of one look on one line. */
export interface Piece {
  text: string;
  weight: Weight;
  colour: string;
  size: number;
  isTabular: boolean;
  width: number;
  /** A square of a colour instead of text. */
  chip?: string;
}

export interface Line {
  pieces: Piece[];
  width: number;
}

export interface TextBlock {
  lines: Line[];
  size: number;
  lineHeight: number;
  height: number;
  width: number;
}

export interface Look {
  size: number;
  colour?: string;
  weight?: Weight;
  /** For columns of numbers. */
  isTabular?: boolean;
}

interface FontInfo {
  hasGlyphForCodePoint(codePoint: number): boolean;
}

export class Typeface {
  readonly #doc: PDFKit.PDFDocument;
  readonly #font: FontInfo;
  readonly #widths = new Map<string, number>();
  /** Signs that the typeface lacks, so far. */
  readonly missing = new Set<string>();

  constructor(doc: PDFKit.PDFDocument) {
    this.#doc = doc;
    doc.registerFont('regular', fontBytes('regular'));
    doc.registerFont('bold', fontBytes('bold'));
    doc.font('regular');
    this.#font = (doc as unknown as { _font: { font: FontInfo } })._font.font;
  }

  /** Without what cannot be shown: controls and marks of direction become visible, as in the HTML report. */
  shown(text: string): string {
    let shown = '';
    for (const sign of text.normalize('NFC').replaceAll(/\s+/g, ' ')) {
      if (!/[\p{Cc}\p{Bidi_C}]/u.test(sign) && this.#font.hasGlyphForCodePoint(sign.codePointAt(0) ?? 0)) {
        shown += sign;
      } else {
        this.missing.add(sign);
        shown += missingSign;
      }
    }
    return shown;
  }

  #widthOf(text: string, { weight, size, isTabular }: Pick<Piece, 'weight' | 'size' | 'isTabular'>): number {
    const key = `${weight}${isTabular ? 'tabular' : ''}${text}`;
    let width = this.#widths.get(key);
    if (width === undefined) {
      width =
        this.#doc
          .font(weight)
          .fontSize(100)
          .widthOfString(text, { features: features(isTabular) }) / 100;
      if (this.#widths.size > 20_000) this.#widths.clear();
      this.#widths.set(key, width);
    }
    return width * size;
  }

  /** Breaks text into lines of at most a width; words that are longer themselves are cut. */
  layOut(
    text: Text,
    width: number,
    { size, colour = ink.text, weight = 'regular', isTabular = false }: Look,
  ): TextBlock {
    const lines: Line[] = [];
    let line: Line = { pieces: [], width: 0 };
    const end = (): void => {
      const last = line.pieces.at(-1);
      if (last !== undefined && last.chip === undefined && last.text.endsWith(' ')) {
        last.text = last.text.trimEnd();
        const before = last.width;
        last.width = this.#widthOf(last.text, last);
        line.width += last.width - before;
      }
      lines.push(line);
      line = { pieces: [], width: 0 };
    };
    const put = (piece: Piece): void => {
      const last = line.pieces.at(-1);
      if (
        last !== undefined &&
        last.chip === undefined &&
        piece.chip === undefined &&
        last.weight === piece.weight &&
        last.colour === piece.colour &&
        last.size === piece.size &&
        last.isTabular === piece.isTabular
      ) {
        last.text += piece.text;
        last.width += piece.width;
      } else {
        line.pieces.push(piece);
      }
      line.width += piece.width;
    };
    for (const part of typeof text === 'string' ? [text] : text) {
      const look = lookOf(part, { size, colour, weight, isTabular });
      if (look.chip !== undefined) {
        put({ ...look, text: '', width: size * 1.35 });
        continue;
      }
      // Lines that the writer broke stay broken.
      for (const [i, row] of look.text.split(/\r?\n/).entries()) {
        if (i > 0) end();
        for (const word of this.shown(row).match(/ |[^ ]+ ?/g) ?? []) {
          let rest = word;
          let wordWidth = this.#widthOf(rest, look);
          const bare = this.#widthOf(rest.trimEnd(), look);
          if (line.width + bare > width && line.width > 0) {
            end();
            if (rest === ' ') continue;
          }
          while (line.width + this.#widthOf(rest.trimEnd(), look) > width && Array.from(rest).length > 1) {
            const cut = this.#fitting(rest, width - line.width, look);
            put({ ...look, text: cut, width: this.#widthOf(cut, look) });
            end();
            rest = rest.slice(cut.length);
            wordWidth = this.#widthOf(rest, look);
          }
          if (rest !== '') put({ ...look, text: rest, width: wordWidth });
        }
      }
    }
    if (line.pieces.length > 0 || lines.length === 0) end();
    const lineHeight = size * 1.42;
    return {
      lines,
      size,
      lineHeight,
      height: lines.length * lineHeight,
      width: Math.max(...lines.map((each) => each.width)),
    };
  }

  /** The beginning of a text, on one line, with "…" where that is not all of it. */
  oneLine(text: string, width: number, look: Look): TextBlock {
    const whole = this.layOut(text, Number.POSITIVE_INFINITY, look);
    const piece = whole.lines[0]?.pieces[0];
    if (piece === undefined || whole.width <= width) return whole;
    const cut = this.#fitting(piece.text, width - this.#widthOf('…', piece), piece);
    return this.layOut(`${cut.trimEnd()}…`, Number.POSITIVE_INFINITY, look);
  }

  #fitting(word: string, width: number, look: Piece): string {
    const signs = Array.from(word);
    let low = 1;
    let high = signs.length;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.#widthOf(signs.slice(0, middle).join(''), look) <= width) low = middle;
      else high = middle - 1;
    }
    return signs.slice(0, low).join('');
  }

  /** Draws lines; `y` is the top of the first. */
  draw(
    block: TextBlock,
    x: number,
    y: number,
    {
      align = 'left',
      width = block.width,
      from = 0,
      to = block.lines.length,
    }: {
      align?: 'left' | 'right' | 'center' | undefined;
      width?: number | undefined;
      from?: number;
      to?: number;
    } = {},
  ): void {
    for (const [i, { pieces, width: lineWidth }] of block.lines.slice(from, to).entries()) {
      const free = width - lineWidth;
      let at = x + (align === 'right' ? free : align === 'center' ? free / 2 : 0);
      const top = y + i * block.lineHeight + (block.lineHeight - block.size * 1.21) / 2;
      for (const piece of pieces) {
        if (piece.chip !== undefined) {
          const edge = block.size * 0.92;
          this.#doc.roundedRect(at, top + block.size * 0.16, edge, edge, edge * 0.25).fill(piece.chip);
        } else {
          this.#doc
            .font(piece.weight)
            .fontSize(piece.size)
            .fillColor(piece.colour)
            .text(piece.text, at, top, {
              lineBreak: false,
              features: features(piece.isTabular),
            });
        }
        at += piece.width;
      }
    }
  }
}

function lookOf(part: Span, base: Required<Look>): Piece {
  const plain = { text: '', width: 0, ...base };
  if (typeof part === 'string') return { ...plain, text: part };
  if ('chip' in part) return { ...plain, chip: cssColour(part.chip) };
  switch (part.as) {
    case 'strong':
      return { ...plain, text: part.text, weight: 'bold' };
    case 'code':
      return { ...plain, text: part.text };
    case 'note':
      return { ...plain, text: part.text, colour: ink.soft };
    case 'accepted':
      return { ...plain, text: part.text, weight: 'bold', colour: ink.good };
    case 'rejected':
      return { ...plain, text: part.text, weight: 'bold', colour: ink.bad };
  }
}
