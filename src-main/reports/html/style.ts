/** The look of the HTML report: system fonts, light and dark by the reader's setting, and paper. */
import type { PageSize } from '../../contract/report.ts';

/** Paper of a report that is printed. */
export const pageStyle: Record<PageSize, string> = {
  a4: '@page { size: A4; margin: 16mm 14mm; }',
  letter: '@page { size: letter; margin: 0.65in 0.6in; }',
};

export const style = `
:root {
  color-scheme: light dark;
  --page: #f4f5f6; --sheet: #ffffff; --text: #1b1f23; --soft: #5b646d; --line: #dfe3e6; --fill: #f1f3f4;
  --accent: #1f6feb; --good: #1a7f4b; --good-fill: #e8f5ee; --warn: #8a5a00; --warn-fill: #fff5dc; --bad: #b3202c; --bad-fill: #fdeceb;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0f1113; --sheet: #17191c; --text: #e6e8ea; --soft: #9aa3ab; --line: #2c3136; --fill: #202327;
    --accent: #6cb0ff; --good: #63d297; --good-fill: #12281c; --warn: #f0c060; --warn-fill: #2c2410; --bad: #ff8b86; --bad-fill: #331a1a;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--page); color: var(--text);
  font: 15px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", Arial, sans-serif; }
main { max-width: 1080px; margin: 0 auto; background: var(--sheet); padding: 44px 52px 36px; }
@media (min-width: 1160px) { main { margin: 32px auto; border: 1px solid var(--line); border-radius: 12px; } }
@media (max-width: 640px) { main { padding: 24px 18px; } }
h1 { font-size: 27px; line-height: 1.25; font-weight: 650; letter-spacing: -0.015em; margin: 4px 0 6px; overflow-wrap: anywhere; }
h2 { font-size: 18px; font-weight: 650; letter-spacing: -0.01em; margin: 44px 0 14px; }
h3 { font-size: 14px; font-weight: 650; margin: 24px 0 8px; }
p { margin: 0 0 10px; }
a { color: var(--accent); }
.letterhead { display: flex; gap: 16px; align-items: center; margin: 0 0 24px; padding-bottom: 14px; border-bottom: 1px solid var(--line); }
.letterhead img { max-height: 56px; max-width: 200px; background: #fff; border-radius: 4px; }
.letterhead p { margin: 0; white-space: pre-line; color: var(--soft); font-size: 13.5px; }
.text { white-space: pre-line; }
.brand { color: var(--soft); font-size: 13px; margin: 0; }
.lead { color: var(--soft); margin: 0; overflow-wrap: anywhere; }
.note { color: var(--soft); font-size: 13px; }
.scroll + .note { margin-top: 8px; }
code { font: 12.5px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; overflow-wrap: anywhere; }

.banner { margin: 24px 0 0; padding: 14px 18px; border-radius: 10px; border: 1px solid; display: flex; gap: 14px; align-items: flex-start; }
.banner b { display: block; font-weight: 650; }
.banner p { margin: 2px 0 0; color: var(--text); }
.banner .mark { flex: none; width: 24px; height: 24px; border-radius: 50%; color: var(--sheet); font-weight: 700; text-align: center; line-height: 24px; font-size: 14px; }
.good { background: var(--good-fill); border-color: color-mix(in srgb, var(--good) 35%, transparent); } .good b { color: var(--good); } .good .mark { background: var(--good); }
.warn { background: var(--warn-fill); border-color: color-mix(in srgb, var(--warn) 35%, transparent); } .warn b { color: var(--warn); } .warn .mark { background: var(--warn); }
.bad { background: var(--bad-fill); border-color: color-mix(in srgb, var(--bad) 35%, transparent); } .bad b { color: var(--bad); } .bad .mark { background: var(--bad); }
.missing { margin: 14px 0 0; padding: 4px 18px 6px; border: 1px solid var(--line); border-radius: 10px; }
.missing h3 { margin-top: 14px; }

.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 1px; margin: 14px 0 18px; background: var(--line); border: 1px solid var(--line); border-radius: 10px; overflow: hidden; }
.figures div { background: var(--sheet); padding: 14px 18px; }
.figures dt { color: var(--soft); font-size: 13px; }
.figures dd { margin: 2px 0 0; font-size: 25px; font-weight: 620; letter-spacing: -0.02em; font-variant-numeric: tabular-nums; line-height: 1.25; }
.figures small { display: block; font-size: 12.5px; font-weight: 400; letter-spacing: 0; color: var(--soft); }

.pictures { display: grid; grid-template-columns: 1fr 1fr; gap: 20px; align-items: start; }
.hotspots { display: grid; grid-template-columns: repeat(3, 1fr); gap: 20px; align-items: start; }
@media (max-width: 640px) { .pictures, .hotspots { grid-template-columns: 1fr; } }
figure { margin: 0; }
figcaption { margin-top: 8px; font-size: 13px; color: var(--soft); }
figcaption b { color: var(--text); font-weight: 600; }
.stack { position: relative; border-radius: 8px; overflow: hidden; background: #fff; box-shadow: 0 0 0 1px var(--line); line-height: 0; }
.stack.tall { max-width: 420px; }
.stack img { width: 100%; height: auto; display: block; }
.stack .over { position: absolute; inset: 0; width: 100%; height: 100%; image-rendering: pixelated; opacity: 0.72; }
.none { line-height: 1.5; padding: 40px 16px; text-align: center; color: #5b646d; font-size: 13px; }
.bar { position: absolute; left: 12px; bottom: 10px; line-height: 1.2; color: #000; font-size: 11.5px; font-weight: 600; text-align: center;
  border: 2px solid #000; border-top: 0; height: 7px; box-shadow: 0 0 0 1.5px rgb(255 255 255 / 75%); background: rgb(255 255 255 / 75%); }
.bar span { position: absolute; left: 50%; bottom: 8px; transform: translateX(-50%); white-space: nowrap; background: rgb(255 255 255 / 80%); padding: 1px 5px; border-radius: 4px; }
.window { position: absolute; border: 2px solid #000; box-shadow: 0 0 0 1.5px #fff, inset 0 0 0 1.5px #fff; }
.window span { position: absolute; left: -2px; top: -2px; background: #000; color: #fff; font-size: 11px; font-weight: 700; line-height: 16px; min-width: 16px; text-align: center; }
.legend { display: flex; flex-wrap: wrap; gap: 8px 20px; margin: 16px 0 0; padding: 0; list-style: none; font-size: 13px; color: var(--soft); align-items: center; }
.legend li { display: flex; align-items: center; gap: 8px; }
.ramp { width: 120px; height: 12px; border-radius: 3px; }
.chip { display: inline-block; width: 14px; height: 14px; border-radius: 4px; flex: none; box-shadow: inset 0 0 0 1px rgb(0 0 0 / 18%); vertical-align: -2px; margin-right: 8px; }

.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
th { text-align: left; font-weight: 600; color: var(--soft); font-size: 12.5px; white-space: nowrap; }
th, td { padding: 7px 14px 7px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
tbody tr:last-child td { border-bottom: 0; }
td.r, th.r { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td.r:last-child, th.r:last-child { padding-right: 0; }
td.wide { overflow-wrap: anywhere; }
td.name { min-width: 112px; }
.meter { height: 8px; border-radius: 4px; background: var(--fill); min-width: 90px; overflow: hidden; margin-top: 7px; }
.meter i { display: block; height: 100%; border-radius: 4px; }
.facts { display: grid; grid-template-columns: minmax(130px, 220px) 1fr; gap: 0; margin: 0; font-size: 14px; }
.facts dt { color: var(--soft); padding: 6px 16px 6px 0; border-bottom: 1px solid var(--line); }
.facts dd { margin: 0; padding: 6px 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
.facts dt:last-of-type, .facts dd:last-of-type { border-bottom: 0; }
@media (max-width: 640px) { .facts { grid-template-columns: 1fr; } .facts dt { border: 0; padding-bottom: 0; } .facts dd { padding-top: 0; } }
.limits { margin: 0; padding-left: 20px; }
.limits li { margin: 3px 0; }
.verdict { font-size: 12.5px; font-weight: 600; }
.verdict.accepted { color: var(--good); } .verdict.rejected { color: var(--bad); } .verdict.open { color: var(--soft); font-weight: 400; }
footer { margin-top: 44px; padding-top: 16px; border-top: 1px solid var(--line); color: var(--soft); font-size: 13px; }
footer p { margin: 0 0 6px; }

@media print {
  :root { color-scheme: light; --page: #fff; --sheet: #fff; --text: #000; --soft: #444; --line: #ccc; --fill: #eee; }
  body { font-size: 10.5pt; }
  main { max-width: none; margin: 0; padding: 0; border: 0; }
  h2 { margin-top: 26px; break-after: avoid; }
  figure, .banner, .missing, .figures, tr { break-inside: avoid; }
  .banner, .bar, .window, .chip, .ramp, .meter, .meter i, .stack { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
}
`;
