/** COCO's run lengths out of their compressed text (pycocotools, maskApi.c, rleFrString). */
import { GigatileError } from '../../contract/errors.ts';

export function runLengths(counts: string | readonly number[]): readonly number[] {
  if (typeof counts !== 'string') return counts;
  const runs: number[] = [];
  for (let at = 0; at < counts.length;) {
    let value = 0;
    let weight = 1;
    for (let more = true; more;) {
      const bits = counts.charCodeAt(at++) - 48;
      // Also at the end of the text, where the code is none.
      if (!(bits >= 0 && bits < 64) || weight > 2 ** 45) {
        throw new GigatileError('usage', 'The run lengths of a mask cannot be read', {
          where: `sign ${at} of ${counts.length}`,
        });
      }
      value += (bits & 0x1f) * weight;
      weight *= 32;
      more = (bits & 0x20) !== 0;
      if (!more && (bits & 0x10) !== 0) value -= weight;
    }
    if (runs.length > 2) value += runs[runs.length - 2]!;
    if (value < 0) throw new GigatileError('usage', 'The run lengths of a mask go backwards');
    runs.push(value);
  }
  return runs;
}
