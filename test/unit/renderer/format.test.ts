/** Numbers and dates are written in the way of the person's system, whichever it is. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const format = join(import.meta.dirname, '../../../src-renderer/ui/format.ts');

/** What a screen of this language shows. */
function shown(language: string): string[] {
  const script = `
    Object.defineProperty(globalThis, 'navigator', { value: { language: '${language}' } });
    const { bytes, count, moment, pixels, score } = await import('${format}');
    const now = new Date('2026-03-04T12:00:00');
    console.log(JSON.stringify([count(12345), score(0.5), bytes(2_500_000), pixels(46_000, 32_914),
      moment('2026-02-01T09:05:00', now), moment('2025-02-01T09:05:00', now), moment('2026-03-04T09:05:00', now)]));`;
  return JSON.parse(
    execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }),
  ) as string[];
}

test.each([
  [
    'en-US',
    ['12,345', '0.50', '2.5 MB', '1.51 gigapixel', 'Feb 1 09:05 AM', 'Feb 1, 2025', 'today 09:05 AM'],
  ],
  ['en-GB', ['12,345', '0.50', '2.5 MB', '1.51 gigapixel', '1 Feb 09:05', '1 Feb 2025', 'today 09:05']],
  ['de-DE', ['12.345', '0,50', '2,5 MB', '1,51 gigapixel', '1. Feb. 09:05', '1. Feb. 2025', 'heute 09:05']],
])('%s', (language, expected) => {
  expect(shown(language).map((text) => text.replaceAll('\u202f', ' '))).toEqual(expected);
});
