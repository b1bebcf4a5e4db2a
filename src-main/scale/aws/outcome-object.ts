/** Results of a chunk as one object: lines of JSON, a tile each; bytes in base64. */
import { columns, outcomeOf, rowOf, type OutcomeRow, type TileOutcome } from '../chunk-results.ts';

export function encodeOutcomes(outcomes: readonly TileOutcome[]): Uint8Array {
  const lines = outcomes.map((outcome) =>
    JSON.stringify(
      rowOf(outcome).map((value) => (Buffer.isBuffer(value) ? { base64: value.toString('base64') } : value)),
    ),
  );
  return Buffer.from(lines.join('\n'));
}

export function decodeOutcomes(bytes: Uint8Array, epoch: number): TileOutcome[] {
  const text = Buffer.from(bytes).toString('utf8');
  return text.split('\n').map((line) => {
    const values = JSON.parse(line) as unknown[];
    const row = Object.fromEntries(
      columns.map(([name], at) => {
        const value = values[at];
        const isBytes = typeof value === 'object' && value !== null && 'base64' in value;
        return [name, isBytes ? Buffer.from(String(value.base64), 'base64') : value];
      }),
    );
    return outcomeOf(row as unknown as OutcomeRow, epoch);
  });
}
