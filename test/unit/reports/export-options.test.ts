import { expect, it } from 'vitest';
import { readExportOptions } from '../../../src-main/cli/export-options.ts';

it('takes what a report is composed of, and leaves the rest as the case has it', () => {
  expect(
    readExportOptions({
      page: 'Letter',
      sections: 'findings, summary',
      findings: '7',
      include: 'file-name',
      timestamp: '2026-01-02T03:04:05Z',
    }),
  ).toEqual({
    settings: { page: 'letter', sections: ['findings', 'summary'], findings: 7, include: ['file-name'] },
    timestamp: '2026-01-02T03:04:05.000Z',
  });
  expect(readExportOptions({})).toEqual({ settings: {}, timestamp: undefined });
});

it.each([
  [{ sections: 'summary,nothing' }, /there is no "nothing"/],
  [{ include: 'label' }, /there is no "label"/],
  [{ timestamp: 'yesterday' }, /"yesterday" is no moment/],
  [{ findings: '-3' }, /--findings/],
  [{ findings: 'many' }, /--findings/],
  [{ title: 'x'.repeat(201) }, /--title/],
  [{ logo: 'slide.gif' }, /A logo is a PNG or JPEG file/],
  [{ logo: 'nowhere.png' }, /The logo cannot be read/],
])('refuses %j', (options, words) => {
  expect(() => readExportOptions(options)).toThrow(words);
});
