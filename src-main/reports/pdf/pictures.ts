/** Pictures with their marks, scale bars and captions, and legends: marks and bars are drawn as lines, sharp at any size. */
import type { Block, Figure, LegendEntry, Mark } from '../document/document.ts';
import type { Picture } from '../report-data.ts';
import { cssColour } from '../../core/colour.ts';
import { ink } from './ink.ts';
import type { Sheet } from './sheet.ts';
import type { TextBlock } from './typeface.ts';

const gap = 14;
const captionSize = 8;

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

interface OpenedImage {
  width: number;
  height: number;
}

/** The same picture is in the file once. */
export class Album {
  readonly #doc: PDFKit.PDFDocument;
  readonly #opened = new Map<Picture, OpenedImage>();

  constructor(doc: PDFKit.PDFDocument) {
    this.#doc = doc;
  }

  draw(picture: Picture, { x, y, width, height }: Box): void {
    let opened = this.#opened.get(picture);
    if (opened === undefined) {
      opened = this.open(picture);
      this.#opened.set(picture, opened);
    }
    // The types know paths and buffers only; an opened image is what they become.
    this.#doc.image(opened as unknown as Buffer, x, y, { width, height });
  }

  open({ bytes }: Picture): OpenedImage {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return (this.#doc as unknown as { openImage(src: Buffer): OpenedImage }).openImage(buffer);
  }
}

type Pictures = Extract<Block, { kind: 'pictures' }>;

interface PlacedFigure {
  figure: Figure;
  captions: TextBlock[];
  box: { width: number; height: number };
  /** With its captions. */
  height: number;
}

function rowsOf(sheet: Sheet, { across, items }: Pictures): { width: number; rows: PlacedFigure[][] } {
  const width = (sheet.width - gap * (across - 1)) / across;
  const tallest = across === 2 ? 330 : 200;
  const place = (figure: Figure): PlacedFigure => {
    const scale = Math.min(width / figure.width, tallest / figure.height);
    const captions = figure.caption.map((line) =>
      sheet.type.layOut(line, width, { size: captionSize, colour: ink.soft }),
    );
    const box = { width: figure.width * scale, height: figure.height * scale };
    const height = box.height + 5 + captions.reduce((sum, caption) => sum + caption.height, 0);
    return { figure, captions, box, height };
  };
  const rows: PlacedFigure[][] = [];
  for (let at = 0; at < items.length; at += across) rows.push(items.slice(at, at + across).map(place));
  return { width, rows };
}

const rowHeight = (row: readonly PlacedFigure[]): number =>
  Math.max(0, ...row.map(({ height }) => height)) + 8;

/** Of the first row. */
export function picturesHeight(sheet: Sheet, pictures: Pictures): number {
  return rowHeight(rowsOf(sheet, pictures).rows[0] ?? []);
}

export function drawPictures(sheet: Sheet, album: Album, pictures: Pictures): void {
  const { width, rows } = rowsOf(sheet, pictures);
  for (const row of rows) {
    sheet.need(rowHeight(row));
    for (const [i, { figure, captions, box }] of row.entries()) {
      const x = sheet.left + i * (width + gap);
      const place: Box = { x, y: sheet.y, ...box };
      sheet.within('Sect', () => {
        sheet.content('Figure', () => drawFigure(sheet, album, figure, place), {
          alt: figure.alt,
          bbox: [x, sheet.y, x + box.width, sheet.y + box.height],
        });
        let y = sheet.y + box.height + 5;
        for (const caption of captions) {
          sheet.content('Caption', () => sheet.type.draw(caption, x, y));
          y += caption.height;
        }
      });
    }
    sheet.y += rowHeight(row);
  }
}

function drawFigure(sheet: Sheet, album: Album, figure: Figure, box: Box): void {
  const { doc } = sheet;
  if (figure.picture === null) {
    doc.rect(box.x, box.y, box.width, box.height).fill(ink.fill);
    const text = sheet.type.layOut(figure.absent, box.width - 16, { size: captionSize, colour: ink.soft });
    sheet.type.draw(text, box.x + 8, box.y + Math.max(4, (box.height - text.height) / 2));
    return;
  }
  album.draw(figure.picture, box);
  if (figure.over !== null) {
    doc.save().opacity(0.72);
    album.draw(figure.over, box);
    doc.restore();
  }
  doc.rect(box.x, box.y, box.width, box.height).lineWidth(0.5).stroke(ink.line);
  for (const mark of figure.marks) drawMark(sheet, mark, box);
  if (figure.bar !== null) drawBar(sheet, figure.bar, box);
}

function drawMark(sheet: Sheet, mark: Mark, box: Box): void {
  const { doc } = sheet;
  const x = box.x + mark.x * box.width;
  const y = box.y + mark.y * box.height;
  const width = mark.width * box.width;
  const height = mark.height * box.height;
  doc.rect(x, y, width, height).lineWidth(2.4).stroke('#ffffff');
  doc.rect(x, y, width, height).lineWidth(1.1).stroke('#000000');
  const label = sheet.type.layOut(mark.label, 100, { size: 7.5, weight: 'bold', colour: '#ffffff' });
  doc.rect(x, y, label.width + 6, label.height + 1).fill('#000000');
  sheet.type.draw(label, x + 3, y + 0.5);
}

function drawBar(sheet: Sheet, bar: NonNullable<Figure['bar']>, box: Box): void {
  const { doc } = sheet;
  const length = bar.fraction * box.width;
  const label = sheet.type.layOut(bar.label, 200, { size: 7, weight: 'bold', colour: '#000000' });
  const width = Math.max(length, label.width) + 8;
  const x = box.x + 6;
  const y = box.y + box.height - 6;
  doc.save().opacity(0.8);
  doc.roundedRect(x, y - label.height - 8, width, label.height + 9, 2).fill('#ffffff');
  doc.restore();
  const from = x + (width - length) / 2;
  doc
    .moveTo(from, y - 6)
    .lineTo(from, y - 1.5)
    .lineTo(from + length, y - 1.5)
    .lineTo(from + length, y - 6)
    .lineWidth(1.2)
    .stroke('#000000');
  sheet.type.draw(label, x + (width - label.width) / 2, y - label.height - 6.5);
}

/** Entries one after the other, on as many lines as they need. */
export function drawLegend(sheet: Sheet, items: readonly LegendEntry[]): void {
  const size = captionSize;
  const lineHeight = 15;
  sheet.need(lineHeight);
  let x = sheet.left;
  for (const entry of items) {
    const before =
      entry.kind === 'ramp' ? sheet.type.layOut(entry.from, 200, { size, colour: ink.soft }) : null;
    const after = sheet.type.layOut(entry.kind === 'ramp' ? entry.to : entry.text, sheet.width - 120, {
      size,
      colour: ink.soft,
    });
    const sample = entry.kind === 'ramp' ? 90 : 10;
    const width = (before === null ? 0 : before.width + 5) + sample + 5 + after.width;
    if (x > sheet.left && x + width > sheet.left + sheet.width) {
      x = sheet.left;
      sheet.y += lineHeight;
      sheet.need(lineHeight);
    }
    const start = x;
    sheet.content('P', () => {
      let at = start;
      if (before !== null) {
        sheet.type.draw(before, at, sheet.y);
        at += before.width + 5;
      }
      drawSample(sheet, entry, at, sheet.y + 1);
      sheet.type.draw(after, at + sample + 5, sheet.y);
    });
    x += width + 18;
  }
  sheet.y += lineHeight + 4;
}

function drawSample(sheet: Sheet, entry: LegendEntry, x: number, y: number): void {
  const { doc } = sheet;
  switch (entry.kind) {
    case 'colour':
      doc.roundedRect(x, y, 9.5, 9.5, 2).fill(cssColour(entry.colour));
      return;
    case 'hatch': {
      doc.save();
      doc.rect(x, y, 9.5, 9.5).clip();
      for (let line = -10; line < 20; line += 3.6) {
        doc
          .moveTo(x + line, y + 10)
          .lineTo(x + line + 10, y)
          .lineWidth(1.6)
          .stroke(cssColour(entry.colour));
      }
      doc.restore();
      doc.rect(x, y, 9.5, 9.5).lineWidth(0.4).stroke(ink.line);
      return;
    }
    case 'ramp': {
      const gradient = doc.linearGradient(x, y, x + 90, y);
      for (const [i, stop] of entry.stops.entries()) {
        gradient.stop(i / (entry.stops.length - 1), cssColour(stop));
      }
      doc.roundedRect(x, y + 0.5, 90, 9, 2).fill(gradient);
    }
  }
}
