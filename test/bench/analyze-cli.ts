/** `gigatile analyze` as a person starts it, and what its case file then says. */
import { spawn, type ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import Database from 'better-sqlite3';
import type { GridPlan } from '../../src-main/contract/run.ts';

const main = resolve(import.meta.dirname, '../../src-main/cli/main.ts');

export interface AnalyzeOutcome {
  /** Indexes of the tiles that the model saw. */
  tiles: number[];
  plan: GridPlan;
  modelPath: string;
  findings: number;
  /** Seconds of the step that maps over the tiles, and of all four steps. */
  analyzeSeconds: number;
  totalSeconds: number;
}

/**
 * One thread a worker and one tile at a time: what the other side of a comparison has too, and nothing is measured beforehand.
 * `observe` gets the process while it runs.
 */
export async function analyzeByCli(
  image: string,
  caseFile: string,
  workers: number,
  observe?: (child: ChildProcess) => void,
  model = 'he-nuclei',
): Promise<AnalyzeOutcome> {
  removeCase(caseFile);
  const shape = ['--workers', String(workers), '--threads', '1', '--batch', '1'];
  const args = ['analyze', image, '--model', model, ...shape, '--case', caseFile];
  const child = spawn(process.execPath, [main, ...args, '--json'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  observe?.(child);
  const code = await new Promise<number | null>((done) => {
    child.once('exit', done);
  });
  if (code !== 0) throw new Error(`gigatile analyze ended with exit code ${code}`);
  const outcome = readCase(caseFile);
  removeCase(caseFile);
  return outcome;
}

function removeCase(caseFile: string): void {
  for (const suffix of ['', '-wal', '-shm', '.lock']) rmSync(`${caseFile}${suffix}`, { force: true });
}

function readCase(caseFile: string): AnalyzeOutcome {
  const database = new Database(join(caseFile), { readonly: true });
  try {
    const events = database.prepare<[], { at: string; kind: string; data: string }>(
      'SELECT at, kind, data FROM event ORDER BY seq',
    );
    const at = new Map(events.all().map((event) => [event.kind, Date.parse(event.at)]));
    const time = (kind: string): number => {
      const found = at.get(kind);
      if (found === undefined) throw new Error(`The case tells of no event ${kind}`);
      return found / 1000;
    };
    const run = database
      .prepare<[], { grid: string; model_path: string; findings: number }>(
        'SELECT grid, model_path, (SELECT count(*) FROM finding WHERE score >= threshold) AS findings FROM run',
      )
      .get();
    if (!run) throw new Error('The case holds no run');
    return {
      tiles: database.prepare<[], number>('SELECT idx FROM tile WHERE state = 2 ORDER BY idx').pluck().all(),
      plan: JSON.parse(run.grid) as GridPlan,
      modelPath: run.model_path,
      findings: run.findings,
      analyzeSeconds: time('analyzed') - time('preprocessed'),
      totalSeconds: time('finished') - time('started'),
    };
  } finally {
    database.close();
  }
}
