/** What the command line makes of the options of a run; a wrong one is named. */
import { describe, expect, it } from 'vitest';
import { readRunOptions } from '../../../src-main/cli/run-options.ts';

describe('the order of tiles', () => {
  it('is attention or native', () => {
    expect(readRunOptions({ order: 'native' })).toEqual({ order: 'native' });
    expect(readRunOptions({ order: 'attention' })).toEqual({ order: 'attention' });
    expect(() => readRunOptions({ order: 'random' })).toThrow('--order random');
  });
});

describe('how a run ends', () => {
  it.each([
    [{ tolerate: '0' }, { tolerate: { kind: 'count', value: 0 } }],
    [{ tolerate: '2.5%' }, { tolerate: { kind: 'percent', value: 2.5 } }],
    [{ 'min-successful': '500' }, { minSuccessful: { kind: 'count', value: 500 } }],
    [{ 'min-successful': '80%' }, { minSuccessful: { kind: 'percent', value: 80 } }],
    [{ 'fail-fast': true }, { failFast: true }],
    [{ 'fail-fast': false }, {}],
    [{ 'tile-timeout': '30' }, { tileTimeout: 30 }],
  ])('%j', (options, parameters) => {
    expect(readRunOptions(options)).toEqual(parameters);
  });

  it.each([
    [{ tolerate: 'some' }, '--tolerate some'],
    [{ tolerate: '1.5' }, '--tolerate 1.5'],
    [{ tolerate: '101%' }, '--tolerate 101'],
    [{ 'min-successful': '0' }, '--min-successful 0'],
    [{ 'min-successful': '0%' }, '--min-successful 0%'],
    [{ 'min-successful': '-3' }, '--min-successful -3'],
    [{ 'tile-timeout': '0' }, '--tile-timeout 0'],
  ])('%j is refused by its name', (options, words) => {
    expect(() => readRunOptions(options)).toThrow(words);
  });
});
