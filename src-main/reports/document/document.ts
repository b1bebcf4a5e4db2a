/**
 * A report as data: titled sections of blocks. `html/` and `pdf/` draw the same document, so that both say the same. Text is text:
 * what is drawn never reads markup in it.
 */
import type { PageSize, ReportSection } from '../../contract/report.ts';
import type { Rgb } from '../../core/colour.ts';
import type { Picture } from '../report-data.ts';

/** A part of a line: plain text, text with a meaning, or a square of a colour. */
export type Span =
  string | { text: string; as: 'strong' | 'code' | 'note' | 'accepted' | 'rejected' } | { chip: Rgb };
export type Text = string | readonly Span[];

export type Tone = 'good' | 'warn' | 'bad';

/** A square in parts of the picture, 0 to 1. */
export interface Mark {
  x: number;
  y: number;
  width: number;
  height: number;
  label: string;
}

export interface Figure {
  /** null: it could not be made; `absent` says why. */
  picture: Picture | null;
  absent: string;
  /** Pixels of the image that the picture shows: gives its shape. */
  width: number;
  height: number;
  /** Drawn over it, half transparent, in hard pixels. */
  over: Picture | null;
  /** For those who cannot see it. */
  alt: string;
  marks: readonly Mark[];
  bar: { fraction: number; label: string } | null;
  caption: readonly Text[];
}

export interface Column {
  title: string;
  align: 'left' | 'right';
  /** Part of the table's width that a text column may take more than others: its weight. */
  weight?: number;
}

/** A part of something, 0 to 1, as a bar. */
export interface Meter {
  meter: number;
  colour: Rgb;
}

export type Cell = Text | Meter;

export type LegendEntry =
  | { kind: 'colour'; colour: Rgb; text: string }
  | { kind: 'hatch'; colour: Rgb; text: string }
  | { kind: 'ramp'; from: string; stops: readonly Rgb[]; to: string };

export type Block =
  | { kind: 'banner'; tone: Tone; title: string; text: string }
  /** A frame around what belongs together and must not be missed. */
  | { kind: 'frame'; label: string; blocks: readonly Block[] }
  | { kind: 'heading'; text: string }
  | { kind: 'paragraph'; text: Text; isNote?: boolean }
  | { kind: 'list'; items: readonly Text[] }
  | { kind: 'figures'; items: readonly { label: string; value: string; note: string }[] }
  | { kind: 'table'; label: string; columns: readonly Column[] | null; rows: readonly (readonly Cell[])[] }
  | {
      kind: 'facts';
      label: string;
      items: readonly { name: string; value: Text | { list: readonly Text[] } }[];
    }
  | { kind: 'pictures'; across: 2 | 3; items: readonly Figure[] }
  | { kind: 'legend'; items: readonly LegendEntry[] };

export interface Section {
  /** `outcome`: how the run ended and what is missing; never left out. */
  id: ReportSection | 'outcome' | 'comments' | 'privacy';
  /** null: no heading of its own. */
  title: string | null;
  blocks: readonly Block[];
}

export interface ReportDocument {
  /** Of the file, for lists and window titles. */
  title: string;
  /** "Gigatile report". */
  brand: string;
  heading: string;
  lead: string;
  /** What stands on top of each page, or null. */
  header: string | null;
  logo: Picture | null;
  page: PageSize;
  sections: readonly Section[];
  footer: readonly string[];
  /** ISO 8601. */
  generatedAt: string;
  software: string;
}

export function isMeter(cell: Cell): cell is Meter {
  return typeof cell === 'object' && 'meter' in cell;
}

/** Without meanings and colours. */
export function plainText(text: Text): string {
  if (typeof text === 'string') return text;
  return text.map((span) => (typeof span === 'string' ? span : 'text' in span ? span.text : '')).join('');
}
