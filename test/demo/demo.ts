/**
 * `npm run demo`: the whole way on a bare machine, without a display. Makes a slide with nuclei at known places and a satellite
 * scene, analyses the slide in two worker processes, writes the report, and says how well the findings match the truth.
 * Everything goes through the command line, as a person would do it.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { matchPoints, pointsOfGeoJson } from '../../src-main/core/match-truth.ts';

const root = resolve(import.meta.dirname, '../..');
const folder = join(root, 'demo');
const slide = join(folder, 'slide.tif');
const truth = join(folder, 'slide-truth.geojson');
const scene = join(folder, 'scene.tif');
const caseFile = join(folder, 'slide.gigatile');
const report = join(folder, 'report');
const findings = join(report, 'findings.geojson');

/** A finding belongs to a nucleus whose centre is at most this far away: 4 µm at 0.5 µm per pixel. */
const matchRadius = 8;

class StepFailed extends Error {
  readonly code: number;

  constructor(step: string, code: number) {
    super(`\`gigatile ${step}\` ended with exit code ${code}`);
    this.code = code;
  }
}

/** Runs `gigatile …` in this terminal, after showing what is run. Ctrl-C reaches it and ends it resumably. */
async function gigatile(...args: string[]): Promise<void> {
  const shown = args
    .map((arg) => (arg.startsWith('/') ? relative(process.cwd(), arg) || '.' : arg))
    .join(' ');
  console.log(`$ gigatile ${shown}`);
  const child = spawn(process.execPath, [join(root, 'src-main/cli/main.ts'), ...args], { stdio: 'inherit' });
  const code = await new Promise<number>((done, reject) => {
    child.once('error', reject);
    child.once('exit', (status) => done(status ?? 130));
  });
  if (code !== 0) throw new StepFailed(args[0] ?? '', code);
}

interface RunLine {
  state: string;
  seconds: number;
  findings: number;
  tiles: { total: number; done: number; skipped: number; failed: number };
}

/** The newest run of the case, as `gigatile runs --json` tells it. */
function newestRun(): RunLine {
  const { stdout, status } = spawnSync(
    process.execPath,
    [join(root, 'src-main/cli/main.ts'), 'runs', caseFile, '--json'],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
  );
  if (status !== 0) throw new StepFailed('runs', status ?? 1);
  const last = stdout.trim().split('\n').at(-1) ?? '';
  return JSON.parse(last) as RunLine;
}

const readPoints = (path: string) => pointsOfGeoJson(JSON.parse(readFileSync(path, 'utf8')));
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

/** Lets Ctrl-C end the step that runs, which then says how to go on; this process ends with it. */
function leaveInterruptsToTheStep(): void {
  process.on('SIGINT', () => undefined);
}

async function main(): Promise<void> {
  leaveInterruptsToTheStep();
  const started = Date.now();
  mkdirSync(folder, { recursive: true });
  for (const old of [caseFile, `${caseFile}-wal`, `${caseFile}-shm`, report]) {
    rmSync(old, { recursive: true, force: true });
  }

  console.log('\n1. A slide with nuclei at known places, and a satellite scene\n');
  if (existsSync(slide) && existsSync(truth))
    console.log(`${relative(process.cwd(), slide)} is there already`);
  else {
    await gigatile('sample', 'pathology', '--size', '12000x9000', '--out', slide, '--truth', truth);
  }
  if (existsSync(scene)) console.log(`${relative(process.cwd(), scene)} is there already`);
  else await gigatile('sample', 'satellite', '--size', '4096x4096', '--out', scene);
  await gigatile('info', slide);

  console.log('\n2. The nuclei model over the slide, in two worker processes\n');
  await gigatile(
    'analyze',
    slide,
    '--model',
    'he-nuclei',
    '--workers',
    '2',
    '--case',
    caseFile,
    '--out',
    report,
  );
  const run = newestRun();

  console.log('\n3. What came of it\n');
  const score = matchPoints(readPoints(findings), readPoints(truth), matchRadius);
  const nuclei = score.truePositives + score.falseNegatives;
  const rows: [string, string][] = [
    [
      'Run',
      `${run.state}: ${run.tiles.done} tiles analysed, ${run.tiles.skipped} background, ${run.tiles.failed} failed`,
    ],
    [
      'Time',
      `${run.seconds.toFixed(1)} s for the run, ${((Date.now() - started) / 1000).toFixed(0)} s for everything`,
    ],
    ['Findings', `${run.findings} for ${nuclei} true nuclei`],
    ['Precision', percent(score.precision)],
    ['Recall', percent(score.recall)],
    ['F1', `${score.f1.toFixed(3)} (within ${matchRadius / 2} µm)`],
    ['Report', relative(process.cwd(), join(report, 'report.html'))],
    ['Screens', `npm start -- ${relative(process.cwd(), caseFile)}`],
    ['Scene', `npm start -- ${relative(process.cwd(), scene)}`],
  ];
  for (const [name, value] of rows) console.log(`  ${name.padEnd(10)} ${value}`);
  console.log('');
}

main().catch((error: unknown) => {
  if (error instanceof StepFailed) {
    console.error(`\nThe demo stopped: ${error.message}. Run it again to start anew.`);
    process.exitCode = error.code;
    return;
  }
  throw error;
});
