/** Runs are numbered within their case; people and scripts write `run-3`. */
import { GigatileError } from '../contract/errors.ts';

export const runIdOf = (no: number): string => `run-${no}`;

/** @throws {GigatileError} run-not-found where the text names no run */
export function runNoOf(id: string): number {
  const match = /^(?:run-)?([1-9][0-9]{0,8})$/.exec(id);
  if (!match) {
    throw new GigatileError('run-not-found', `"${id}" names no run`, {
      hint: 'Runs are named run-1, run-2 …; "gigatile runs <case>" lists them.',
    });
  }
  return Number(match[1]);
}
