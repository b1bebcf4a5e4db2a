/** Says in the log how workers ended, unless they ended as they should. */
import type { WorkerHost, WorkerKind, WorkerNeeds, WorkerProcess } from '../core/worker-host.ts';
import type { LogFile } from './log-file.ts';

export function loggedHost(host: WorkerHost, log: LogFile): WorkerHost {
  return {
    get sandbox() {
      return host.sandbox ?? 'workers have a network';
    },
    ...(host.testCodecs && { testCodecs: () => host.testCodecs!() }),
    fork<Out, In>(kind: WorkerKind, needs?: WorkerNeeds): WorkerProcess<Out, In> {
      const worker = host.fork<Out, In>(kind, needs);
      worker.onExit(({ code, signal }) => {
        if (code !== 0) log.add(`${kind} worker ended: ${signal ?? `exit code ${code ?? 'unknown'}`}`);
      });
      return worker;
    },
  };
}
