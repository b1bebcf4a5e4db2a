/** What is said of the machines of a queue, and of its runs. */
import type { FleetEvent, FleetRun, FleetView, FleetWorker } from '../../src-main/contract/fleet.ts';
import { count, duration, moment, plural, rate } from '../ui/format.ts';

export const runStateLabels = { open: 'open', paused: 'paused', closed: 'ended' } as const;

export function runTone({ state, chunks }: FleetRun): 'accent' | 'good' | 'warn' | 'bad' | 'plain' {
  if (chunks.dead > 0) return 'bad';
  if (state === 'paused') return 'warn';
  if (chunks.done === chunks.total) return 'good';
  return state === 'open' ? 'accent' : 'plain';
}

/** How the machines are, in one line. */
export function headline({ totals, workers }: FleetView): string {
  const here = workers.filter(({ isAbsent }) => !isAbsent);
  const working = here.filter(({ state }) => state === 'working').length;
  const parts = [
    here.length === 0 ? 'No machine is there' : `${working} of ${plural(here.length, 'machine')} at work`,
  ];
  const absent = workers.length - here.length;
  if (absent > 0) parts.push(`${count(absent)} not heard of`);
  parts.push(totals.open === 0 ? 'no open run' : plural(totals.open, 'open run'));
  if (totals.tilesPerSecond > 0) parts.push(`${rate(totals.tilesPerSecond)} tiles/s`);
  return parts.join(' · ');
}

/** Chunks by state, those that there are. */
export function chunkLine({ chunks }: FleetRun): string {
  const parts = [`${count(chunks.done)} of ${plural(chunks.total, 'chunk')} done`];
  if (chunks.working > 0) parts.push(`${count(chunks.working)} at work`);
  if (chunks.waiting > 0) parts.push(`${count(chunks.waiting)} waiting`);
  if (chunks.dead > 0) parts.push(`${count(chunks.dead)} given up`);
  return parts.join(', ');
}

export function tileLine({ tiles, tilesPerSecond, etaSeconds }: FleetRun): string {
  const parts = [`${count(tiles.done + tiles.failed)} of ${plural(tiles.total, 'tile')}`];
  if (tiles.failed > 0) parts.push(`${count(tiles.failed)} failed`);
  if (tilesPerSecond !== null) parts.push(`${rate(tilesPerSecond)} tiles/s`);
  if (etaSeconds !== null) parts.push(`${duration(etaSeconds)} left`);
  return parts.join(' · ');
}

export function workerState(worker: FleetWorker): string {
  if (worker.isAbsent) return 'not heard of';
  return worker.state === 'working' ? 'at work' : 'idle';
}

/** What it does now. */
export function workerLine(worker: FleetWorker, runs: readonly FleetRun[]): string {
  if (worker.state === 'idle' || worker.run === null) return 'waits for work';
  const image = runs.find(({ id }) => id === worker.run)?.image ?? `run ${worker.run.slice(0, 8)}`;
  const verb = worker.isAbsent ? 'had' : 'has';
  return `${verb} chunk ${(worker.chunk ?? 0) + 1} of ${image}`;
}

/** Where what is shown is not of now. */
export function staleLine({ problem, since, seenAt }: FleetEvent): string | null {
  if (problem === null) return null;
  const shown = seenAt === null ? '' : ` What is shown here is of ${moment(seenAt)}.`;
  return `Since ${since === null ? 'now' : moment(since)}.${shown} Work that machines have goes on; this is asked again every two seconds.`;
}
