/**
 * A report as PDF/A-2a: fonts embedded, tagged for screen readers, lines and text as vectors, no time in it but the report's own, so
 * that the same report is the same bytes.
 */
import type { ReportDocument } from '../document/document.ts';
import { drawBlock, drawText, leadHeight } from './blocks.ts';
import { ink } from './ink.ts';
import { Album } from './pictures.ts';
import { Sheet } from './sheet.ts';
import { rule } from './table.ts';

export async function* documentPdf(report: ReportDocument): AsyncGenerator<Uint8Array> {
  const sheet = new Sheet({
    size: report.page,
    title: report.title,
    software: report.software,
    generatedAt: report.generatedAt,
  });
  const album = new Album(sheet.doc);
  drawHead(sheet, album, report);
  for (const { title, blocks } of report.sections) {
    sheet.within('Sect', () => {
      if (title !== null) {
        sheet.y += 12;
        drawText(sheet, 'H2', title, { size: 13, weight: 'bold' }, 0, leadHeight(sheet, blocks));
        sheet.doc.outline.addItem(title);
        sheet.y += 5;
      }
      for (const [i, block] of blocks.entries()) drawBlock(sheet, album, block, 0, blocks[i + 1]);
    });
  }
  drawEnd(sheet, report);
  drawMargins(sheet, report);
  sheet.end();
  for await (const chunk of sheet.doc as unknown as AsyncIterable<Uint8Array>) yield chunk;
}

function drawHead(sheet: Sheet, album: Album, { logo, header, brand, heading, lead }: ReportDocument): void {
  if (logo !== null || header !== null) {
    let right = sheet.left;
    let height = 0;
    if (logo !== null) {
      const { width, height: tall } = album.open(logo);
      const scale = Math.min(130 / width, 44 / tall);
      const box = { x: sheet.left, y: sheet.y, width: width * scale, height: tall * scale };
      sheet.content('Figure', () => album.draw(logo, box), {
        alt: 'Logo',
        bbox: [box.x, box.y, box.x + box.width, box.y + box.height],
      });
      right += box.width + 14;
      height = box.height;
    }
    if (header !== null) {
      const text = sheet.type.layOut(header, sheet.left + sheet.width - right, { size: 9, colour: ink.soft });
      sheet.content('P', () =>
        sheet.type.draw(text, right, sheet.y + Math.max(0, (height - text.height) / 2)),
      );
      height = Math.max(height, text.height);
    }
    sheet.y += height + 8;
    rule(sheet, sheet.left, sheet.left + sheet.width, 0.6);
    sheet.y += 14;
  }
  drawText(sheet, 'P', brand, { size: 8.5, colour: ink.soft });
  drawText(sheet, 'H1', heading, { size: 19, weight: 'bold' });
  sheet.y += 2;
  drawText(sheet, 'P', lead, { size: 9.5, colour: ink.soft });
  sheet.y += 12;
}

function drawEnd(sheet: Sheet, { footer }: ReportDocument): void {
  sheet.y += 10;
  sheet.need(60);
  rule(sheet, sheet.left, sheet.left + sheet.width, 0.6);
  sheet.y += 6;
  const { missing } = sheet.type;
  const lines = [
    ...footer,
    ...(missing.size === 0
      ? []
      : [
          `The typeface of this file lacks ${missing.size === 1 ? 'a sign' : `${missing.size} signs`} of what was written: □ stands for each. The HTML report shows them.`,
        ]),
  ];
  for (const line of lines) {
    drawText(sheet, 'P', line, { size: 8, colour: ink.soft });
    sheet.y += 2;
  }
}

/** Title and page number; repeated, so nothing that is read aloud. */
function drawMargins(sheet: Sheet, { title, brand }: ReportDocument): void {
  const { start, count } = sheet.doc.bufferedPageRange();
  const size = 7.5;
  for (let page = start; page < start + count; page++) {
    sheet.doc.switchToPage(page);
    sheet.decoration(() => {
      const number = sheet.type.layOut(`Page ${page + 1} of ${count}`, 200, { size, colour: ink.soft });
      const y = sheet.bottom + 18;
      sheet.type.draw(number, sheet.left + sheet.width - number.width, y);
      const name = sheet.type.oneLine(`${brand}: ${title}`, sheet.width - 80, { size, colour: ink.soft });
      sheet.type.draw(name, sheet.left, y);
    });
  }
}
