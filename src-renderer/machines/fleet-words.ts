/** What is said of the machines of a queue, and of its runs. */
import type { FleetEvent, FleetRun, FleetView, FleetWorker } from '../../src-main/contract/fleet.ts';
import { count, duration, moment, rate } from '../ui/format.ts';
import { words } from '../words/words.ts';

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
    here.length === 0
      ? words.machines.noMachineIsThere
      : words.machines.ofAtWork(working, words.counts.machines(here.length)),
  ];
  const absent = workers.length - here.length;
  if (absent > 0) parts.push(words.machines.notHeardOf(count(absent)));
  parts.push(totals.open === 0 ? words.machines.noOpenRun : words.counts.openRuns(totals.open));
  if (totals.tilesPerSecond > 0) parts.push(words.machines.tilesS(rate(totals.tilesPerSecond)));
  return parts.join(' · ');
}

/** Chunks by state, those that there are. */
export function chunkLine({ chunks }: FleetRun): string {
  const parts = [words.machines.ofDone(count(chunks.done), words.counts.chunks(chunks.total))];
  if (chunks.working > 0) parts.push(words.machines.atWork(count(chunks.working)));
  if (chunks.waiting > 0) parts.push(words.machines.waiting(count(chunks.waiting)));
  if (chunks.dead > 0) parts.push(words.machines.givenUp(count(chunks.dead)));
  return parts.join(', ');
}

export function tileLine({ tiles, tilesPerSecond, etaSeconds }: FleetRun): string {
  const parts = [words.machines.of(count(tiles.done + tiles.failed), words.counts.tiles(tiles.total))];
  if (tiles.failed > 0) parts.push(words.machines.failed(count(tiles.failed)));
  if (tilesPerSecond !== null) parts.push(words.machines.tilesS(rate(tilesPerSecond)));
  if (etaSeconds !== null) parts.push(words.machines.left(duration(etaSeconds)));
  return parts.join(' · ');
}

export function workerState(worker: FleetWorker): string {
  if (worker.isAbsent) return words.machines.notHeardOfLower;
  return worker.state === 'working' ? words.machines.atWorkLower : words.machines.idle;
}

/** What it does now. */
export function workerLine(worker: FleetWorker, runs: readonly FleetRun[]): string {
  if (worker.state === 'idle' || worker.run === null) return words.machines.waitsForWork;
  const image = runs.find(({ id }) => id === worker.run)?.image ?? words.machines.run(worker.run.slice(0, 8));
  const verb = worker.isAbsent ? words.machines.had : words.machines.has;
  return words.machines.chunkOf(verb, (worker.chunk ?? 0) + 1, image);
}

/** Where what is shown is not of now. */
export function staleLine({ problem, since, seenAt }: FleetEvent): string | null {
  if (problem === null) return null;
  const shown = seenAt === null ? '' : words.machines.whatIsShownHereIsOf(moment(seenAt));
  return words.machines.sinceThenWorkGoesOn(
    since === null ? words.machines.thisMoment : moment(since),
    shown,
  );
}

/** How far a priority can go either way. */
const mostPriority = 1000;

/** The same rule for buttons and commands. */
export function fleetActions({ state, priority, chunks }: Pick<FleetRun, 'state' | 'priority' | 'chunks'>) {
  const isOpen = state !== 'closed';
  return {
    pause: state === 'open',
    resume: state === 'paused',
    cancel: isOpen,
    raise: isOpen && priority < mostPriority,
    lower: isOpen && priority > -mostPriority,
    redrive: chunks.dead > 0,
    remove: !isOpen,
  };
}
