/** The blocks of a report on paper. */
import type { Block, Tone } from '../document/document.ts';
import { ink } from './ink.ts';
import { drawLegend, drawPictures, picturesHeight, type Album } from './pictures.ts';
import type { Sheet } from './sheet.ts';
import { drawTable, rule, tableHeight } from './table.ts';
import type { Look, TextBlock } from './typeface.ts';

const bodySize = 9.5;
const noteSize = 8;

/** @param next what a heading keeps company */
export function drawBlock(sheet: Sheet, album: Album, block: Block, indent = 0, next?: Block): void {
  switch (block.kind) {
    case 'banner':
      drawBanner(sheet, block);
      return;
    case 'frame':
      drawFrame(sheet, album, block);
      return;
    case 'heading':
      sheet.y += 5;
      drawText(
        sheet,
        'H3',
        block.text,
        { size: 10.5, weight: 'bold' },
        indent,
        next === undefined ? 0 : leadHeight(sheet, [next]),
      );
      sheet.y += 3;
      return;
    case 'paragraph':
      drawText(
        sheet,
        'P',
        block.text,
        block.isNote === true ? { size: noteSize, colour: ink.soft } : { size: bodySize },
        indent,
      );
      sheet.y += 5;
      return;
    case 'list':
      sheet.within('L', () => {
        for (const item of block.items) {
          const text = sheet.type.layOut(item, sheet.width - indent - 10, { size: noteSize + 0.5 });
          sheet.need(text.height);
          sheet.within('LI', () => {
            sheet.content('LBody', () => {
              sheet.type.draw(
                sheet.type.layOut('•', 10, { size: noteSize + 0.5 }),
                sheet.left + indent,
                sheet.y,
              );
              sheet.type.draw(text, sheet.left + indent + 10, sheet.y);
            });
          });
          sheet.y += text.height + 1;
        }
      });
      sheet.y += 4;
      return;
    case 'figures':
      drawFigures(sheet, block.items);
      return;
    case 'table':
      drawTable(sheet, block, indent);
      return;
    case 'facts':
      drawFacts(sheet, block);
      return;
    case 'pictures':
      drawPictures(sheet, album, block);
      return;
    case 'legend':
      drawLegend(sheet, block.items);
  }
}

/** So much of a section keeps its title company: the words at its beginning and the start of what follows them. */
export function leadHeight(sheet: Sheet, blocks: readonly Block[]): number {
  let height = 10;
  for (const block of blocks) {
    if (block.kind === 'heading') {
      height += 25;
      continue;
    }
    if (block.kind !== 'paragraph') {
      return height + startHeight(sheet, block);
    }
    const size = block.isNote === true ? noteSize : bodySize;
    height += Math.min(60, sheet.type.layOut(block.text, sheet.width, { size }).height + 5);
  }
  return height;
}

/** So much of a block must be on the page where it begins. */
function startHeight(sheet: Sheet, block: Block): number {
  if (block.kind === 'pictures') return picturesHeight(sheet, block);
  const whole = block.kind === 'table' ? tableHeight(sheet, block) : null;
  return whole !== null && whole < (sheet.bottom - sheet.top) / 2 ? whole : 70;
}

/** Lines of text; where they go on over the end of a page, each part is an element of its own. */
export function drawText(
  sheet: Sheet,
  tag: string,
  text: Parameters<Sheet['type']['layOut']>[0],
  look: Look,
  indent = 0,
  keepWith = 0,
): void {
  const block = sheet.type.layOut(text, sheet.width - indent, look);
  sheet.need(Math.min(block.height, 3 * block.lineHeight) + keepWith);
  let from = 0;
  while (from < block.lines.length) {
    let fitting = Math.floor((sheet.bottom - sheet.y + 0.01) / block.lineHeight);
    if (fitting < 1) {
      sheet.breakPage();
      fitting = Math.floor((sheet.bottom - sheet.y) / block.lineHeight);
    }
    const to = Math.min(block.lines.length, from + fitting);
    const first = from;
    sheet.content(tag, () =>
      sheet.type.draw(block, sheet.left + indent, sheet.y, { from: first, to, align: 'left' }),
    );
    sheet.y += (to - from) * block.lineHeight;
    from = to;
  }
}

const tones: Record<Tone, { colour: string; fill: string; mark: string }> = {
  good: { colour: ink.good, fill: ink.goodFill, mark: '✓' },
  warn: { colour: ink.warn, fill: ink.warnFill, mark: '!' },
  bad: { colour: ink.bad, fill: ink.badFill, mark: '×' },
};

function drawBanner(sheet: Sheet, { tone, title, text }: Extract<Block, { kind: 'banner' }>): void {
  const { colour, fill, mark } = tones[tone];
  const width = sheet.width - 46;
  const head = sheet.type.layOut(title, width, { size: 10.5, weight: 'bold', colour });
  const body = sheet.type.layOut(text, width, { size: 9 });
  const height = head.height + body.height + 18;
  sheet.need(height);
  const { left, y, doc } = sheet;
  sheet.decoration(() => {
    doc.roundedRect(left, y, sheet.width, height, 5).lineWidth(0.8).fillAndStroke(fill, colour);
    doc.circle(left + 19, y + 19, 8.5).fill(colour);
    const sign = sheet.type.layOut(mark, 20, { size: 10, weight: 'bold', colour: '#ffffff' });
    sheet.type.draw(sign, left + 19 - sign.width / 2, y + 19 - sign.lineHeight / 2);
  });
  sheet.content('P', () => sheet.type.draw(head, left + 36, y + 9));
  sheet.content('P', () => sheet.type.draw(body, left + 36, y + 9 + head.height));
  sheet.y += height + 8;
}

/** A line along the left edge, on every page that the frame goes over. */
function drawFrame(sheet: Sheet, album: Album, frame: Extract<Block, { kind: 'frame' }>): void {
  let start = sheet.y;
  const line = (): void => {
    const end = Math.min(sheet.y, sheet.bottom);
    if (end > start) {
      sheet.decoration(() => {
        sheet.doc
          .moveTo(sheet.left + 1, start)
          .lineTo(sheet.left + 1, end)
          .lineWidth(2)
          .stroke(ink.line);
      });
    }
    start = sheet.top;
  };
  sheet.within(
    'Sect',
    () => {
      sheet.across(() => {
        for (const [i, block] of frame.blocks.entries())
          drawBlock(sheet, album, block, 12, frame.blocks[i + 1]);
      }, line);
    },
    { title: frame.label },
  );
  sheet.y += 6;
}

function drawFigures(sheet: Sheet, items: readonly { label: string; value: string; note: string }[]): void {
  const width = sheet.width / items.length;
  const inner = width - 16;
  const cells = items.map(({ label, value, note }) => {
    const parts = [
      sheet.type.layOut(label, inner, { size: 8, colour: ink.soft }),
      sheet.type.layOut(value, inner, { size: 15, weight: 'bold' }),
      sheet.type.layOut(note, inner, { size: 7.5, colour: ink.soft }),
    ];
    return { parts, height: parts.reduce((sum, part) => sum + part.height, 0) };
  });
  const height = Math.max(...cells.map((cell) => cell.height)) + 14;
  sheet.need(height);
  const { left, y, doc } = sheet;
  sheet.decoration(() => {
    doc.roundedRect(left, y, sheet.width, height, 5).lineWidth(0.6).stroke(ink.line);
    for (let i = 1; i < items.length; i++) {
      doc
        .moveTo(left + i * width, y)
        .lineTo(left + i * width, y + height)
        .lineWidth(0.6)
        .stroke(ink.line);
    }
  });
  for (const [i, { parts }] of cells.entries()) {
    let at = y + 7;
    sheet.within('Sect', () => {
      for (const part of parts) {
        sheet.content('P', () => sheet.type.draw(part, left + i * width + 8, at));
        at += part.height;
      }
    });
  }
  sheet.y += height + 10;
}

const nameWidth = 118;

function drawFacts(sheet: Sheet, { label, items }: Extract<Block, { kind: 'facts' }>): void {
  const size = 8.5;
  const width = sheet.width - nameWidth;
  sheet.within(
    'Table',
    () => {
      for (const { name, value } of items) {
        const head = sheet.type.layOut(name, nameWidth - 10, { size, colour: ink.soft });
        const parts: TextBlock[] =
          typeof value === 'object' && 'list' in value
            ? value.list.map((item) =>
                sheet.type.layOut(['• ', ...(typeof item === 'string' ? [item] : item)], width, { size }),
              )
            : [sheet.type.layOut(value, width, { size })];
        const height =
          Math.max(
            head.height,
            parts.reduce((sum, part) => sum + part.height, 0),
          ) + 6;
        drawFact(sheet, head, parts, height);
        rule(sheet, sheet.left, sheet.left + sheet.width, 0.4);
      }
    },
    { title: label },
  );
  sheet.y += 6;
}

function drawFact(sheet: Sheet, head: TextBlock, parts: readonly TextBlock[], height: number): void {
  sheet.need(height);
  const tall = height > sheet.bottom - sheet.top;
  sheet.within('TR', () => {
    const top = sheet.y;
    sheet.content('TH', () => sheet.type.draw(head, sheet.left, top + 3), { scope: 'Row' });
    let y = top + 3;
    for (const part of parts) {
      for (let from = 0; from < part.lines.length;) {
        // Only what is taller than a page goes on over its end.
        const fitting = tall
          ? Math.max(1, Math.floor((sheet.bottom - y) / part.lineHeight))
          : part.lines.length;
        const to = Math.min(part.lines.length, from + fitting);
        const first = from;
        const at = y;
        sheet.content('TD', () => sheet.type.draw(part, sheet.left + nameWidth, at, { from: first, to }));
        y += (to - from) * part.lineHeight;
        from = to;
        if (tall && from < part.lines.length) {
          sheet.y = y;
          sheet.breakPage();
          y = sheet.y + 3;
        }
      }
    }
    sheet.y = tall ? y + 3 : top + height;
  });
}
