/** The paper that a PDF report is drawn on: pages, margins, where the next thing goes, and the structure that screen readers follow. */
import Pdf from 'pdfkit';
import type { PageSize } from '../../contract/report.ts';
import { Typeface } from './typeface.ts';

type Structure = ReturnType<PDFKit.PDFDocument['struct']>;

/** pdfkit knows more of them than its types do. */
type StructureOptions = PDFKit.Mixins.StructureElementOptions & {
  /** Points from the top left of the page: left, top, right, bottom. */
  bbox?: [number, number, number, number];
  /** Of a table's head cell: what it is the head of. */
  scope?: 'Column' | 'Row';
};

/** Points. */
const margin = { left: 48, right: 48, top: 54, bottom: 56 };

interface SheetOptions {
  size: PageSize;
  title: string;
  software: string;
  /** ISO 8601; the only time in the file. */
  generatedAt: string;
}

export class Sheet {
  readonly doc: PDFKit.PDFDocument;
  readonly type: Typeface;
  readonly left = margin.left;
  readonly width: number;
  readonly top = margin.top;
  readonly bottom: number;
  /** Where the next thing begins, points from the top of the page. */
  y: number;
  #parent: Structure;
  readonly #root: Structure;
  readonly #onBreak: (() => void)[] = [];

  constructor({ size, title, software, generatedAt }: SheetOptions) {
    const date = new Date(generatedAt);
    // PDF/A-2a: kept for decades and read aloud; everything that is needed to show it is in the file.
    const options: PDFKit.PDFDocumentOptions & { subset: string; tagged: boolean } = {
      size: size === 'a4' ? 'A4' : 'LETTER',
      margin: 0,
      pdfVersion: '1.7',
      subset: 'PDF/A-2a',
      tagged: true,
      lang: 'en',
      displayTitle: true,
      bufferPages: true,
      info: { Title: title, Creator: software, Producer: 'pdfkit', CreationDate: date, ModDate: date },
    };
    this.doc = new Pdf(options);
    this.type = new Typeface(this.doc);
    this.width = this.doc.page.width - margin.left - margin.right;
    this.bottom = this.doc.page.height - margin.bottom;
    this.y = margin.top;
    this.#root = this.doc.struct('Document');
    this.#parent = this.#root;
    this.doc.addStructure(this.#root);
  }

  /** Begins another page where so much does not fit on this one; what is taller than a page begins where it is. */
  need(height: number): void {
    if (this.y + height > this.bottom && this.y > this.top + 1 && height <= this.bottom - this.top) {
      this.breakPage();
    }
  }

  breakPage(): void {
    for (const react of this.#onBreak) react();
    this.doc.addPage();
    this.y = this.top;
  }

  /** Runs `draw`, and tells `onBreak` before each page that ends meanwhile, and at its end. */
  across(draw: () => void, onBreak: () => void): void {
    this.#onBreak.push(onBreak);
    draw();
    this.#onBreak.pop();
    onBreak();
  }

  /** What is drawn in `draw` belongs to an element of the structure that holds others. */
  within(tag: string, draw: () => void, options: StructureOptions = {}): void {
    const outer = this.#parent;
    const element = this.doc.struct(tag, options);
    outer.add(element);
    this.#parent = element;
    draw();
    element.end();
    this.#parent = outer;
  }

  /** What is drawn in `draw` is the content of an element: text or a picture, on one page. */
  content(tag: string, draw: () => void, options: StructureOptions = {}): void {
    this.#parent.add(this.doc.struct(tag, options, draw));
  }

  /** Lines and fills, and what is repeated: nothing that is read aloud. */
  decoration(draw: () => void): void {
    this.doc.markContent('Artifact', { type: 'Layout' });
    draw();
    this.doc.endMarkedContent();
  }

  end(): void {
    this.#root.end();
    this.doc.end();
  }
}
