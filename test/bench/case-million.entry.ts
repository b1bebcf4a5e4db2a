/** One cold look at a case: `open` until a screen has its view and its colours, `resume` until the first tiles are leased. Prints JSON. */
import { tmpdir } from 'node:os';
import { readFileSync } from 'node:fs';
import type { WorkerHost, WorkerProcess } from '../../src-main/core/worker-host.ts';
import type { FromInference, ToInference } from '../../src-main/core/worker-protocol.ts';
import { Execution } from '../../src-main/engine/execution.ts';
import type { ImageGuard } from '../../src-main/engine/image-guard.ts';
import { RunConductor } from '../../src-main/engine/run-conductor.ts';
import { CaseFile } from '../../src-main/store/case-file.ts';

const [what, path = ''] = process.argv.slice(2);
const begun = performance.now();
const since = (): number => performance.now() - begun;
const cpuBegun = process.cpuUsage();
/** Hardly depends on who else uses the machine. */
const cpuSince = (): number => {
  const { user, system } = process.cpuUsage(cpuBegun);
  return (user + system) / 1000;
};
const megabytes = (field: string): number =>
  Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) /
  1024;

/** Ready at once; tells when it was given its first tiles, and does nothing with them. */
class IdleHost implements WorkerHost {
  onLease: (tiles: number) => void = () => undefined;

  fork<Out, In>(): WorkerProcess<Out, In> {
    let say: (message: FromInference) => void = () => undefined;
    let exit: (how: { code: number | null; signal: string | null }) => void = () => undefined;
    const worker: WorkerProcess<ToInference, FromInference> = {
      pid: undefined,
      post: (message) => {
        if (message.kind === 'init') setImmediate(() => say({ kind: 'ready', provider: 'cpu' }));
        else if (message.kind === 'lease') this.onLease(message.tiles.length);
      },
      onMessage: (listener) => (say = listener),
      onExit: (listener) => (exit = listener),
      kill: () => setImmediate(() => exit({ code: null, signal: 'SIGKILL' })),
    };
    return worker as unknown as WorkerProcess<Out, In>;
  }
}

const host = new IdleHost();
const guard = { path: '/nowhere/slide.tif', fingerprint: 'f'.repeat(64), check: () => Promise.resolve() };
const caseFile = CaseFile.open(path, 'write');
const conductor = new RunConductor({
  caseId: 'bench',
  caseFile,
  host,
  no: 1,
  execution: new Execution({ host, dataDir: tmpdir(), modelsDir: tmpdir(), version: 'bench' }),
  image: () => guard as unknown as ImageGuard,
});

if (what === 'open') {
  const { tiles } = conductor.event().run;
  const openMs = since();
  const cpuMs = cpuSince();
  const frame = conductor.visibleTiles().frame(0);
  const coloursMs = since();
  // Twice more, as a screen asks again and again.
  for (let i = 0; i < 2; i++) conductor.event();
  console.log(
    JSON.stringify({
      tiles,
      openMs,
      cpuMs,
      coloursMs,
      frameBytes: frame.byteLength,
      mb: megabytes('VmRSS'),
      peakMb: megabytes('VmHWM'),
    }),
  );
} else {
  const leased = new Promise<number>((resolve) => (host.onLease = resolve));
  caseFile.transaction(() => caseFile.runs.transition(1, ['interrupted', 'running'], { state: 'running' }));
  conductor.start();
  const tiles = await leased;
  const resumeMs = since();
  const cpuMs = cpuSince();
  await conductor.stop({ state: 'interrupted', reason: 'bench' });
  console.log(JSON.stringify({ tiles, resumeMs, cpuMs, mb: megabytes('VmRSS'), peakMb: megabytes('VmHWM') }));
}
await conductor.close();
caseFile.close();
