import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { csv } from '../../../src-main/reports/csv.ts';
import { sampleReport, scene, textOf } from '../../support/sample-report.ts';

/** Rows as Python's csv module reads them, strictly. */
function readWithPython(text: string): Record<string, string>[] {
  const program =
    'import csv, io, json, sys\n' +
    'text = sys.stdin.buffer.read().decode("utf-8")\n' +
    'print(json.dumps(list(csv.DictReader(io.StringIO(text, newline=""), strict=True))))';
  const output = execFileSync('/usr/bin/python3', ['-c', program], { input: text, maxBuffer: 1 << 28 });
  return JSON.parse(output.toString()) as Record<string, string>[];
}

const hostile = [
  '=HYPERLINK("https://example.invalid";"click")',
  '+1+1',
  '-2+3',
  '@SUM(A1)',
  '\t=1',
  '\r\n=1',
  'a "quoted" name, with comma',
  'two\r\nlines',
  'Zellkern µ ß 細胞 🧫',
  "'already",
];

describe('CSV', () => {
  it('is read back by an independent parser, formulas defused', async () => {
    const data = sampleReport({
      findings: 400,
      finding: ({ ordinal }) => ({
        className: hostile[ordinal % hostile.length]!,
        reviewer: hostile[(ordinal + 3) % hostile.length]!,
        verdict: 'accepted',
      }),
    });
    const rows = readWithPython(await textOf(csv(data)));
    const expected = [...(data.findings() as Iterable<{ score: number }>)].filter(
      ({ score }) => score >= 0.5,
    );
    expect(rows).toHaveLength(expected.length);
    for (const [i, row] of rows.entries()) {
      const name = hostile[i % hostile.length]!;
      expect(row['class']).toBe(/^[=+\-@\t\r]/.test(name) ? `'${name}` : name);
      for (const value of Object.values(row)) expect(value).not.toMatch(/^[=+@\t\r]|^-(?!\d)/);
      expect(row['id']).toMatch(/^[0-9a-f-]{36}$/);
      expect(Number(row['score'])).toBeGreaterThanOrEqual(0.5);
    }
  });

  it('has units in its header: µm for slides, degrees for scenes', async () => {
    const slideHeader = (await textOf(csv(sampleReport({ findings: 1 })))).split('\r\n')[0];
    expect(slideHeader).toBe(
      'id,kind,class,score,x_px,y_px,width_px,height_px,center_x_um,center_y_um,box_area_um2,tile,verdict,reviewer,decided_at,model_class,note',
    );
    const [row] = readWithPython(await textOf(csv(sampleReport({ findings: 10, image: scene }))));
    expect(Object.keys(row ?? {})).toContain('center_longitude_deg');
    expect(Number(row?.['center_latitude_deg'])).toBeGreaterThan(46);
  });
});
