/** Workers as child processes: the command line and the web server. (Electron has its own, with utility processes.) */
import { fork, type ForkOptions } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { WorkerHost, WorkerKind, WorkerNeeds, WorkerProcess } from '../core/worker-host.ts';
import { sandboxHere } from './worker-sandbox.ts';

/** Beside this file's bundle when built, in the workers' room when run from source. */
function entryOf(kind: WorkerKind): string {
  const source = import.meta.url.endsWith('.ts');
  return fileURLToPath(
    new URL(source ? `../workers/${kind}.entry.ts` : `./${kind}.entry.js`, import.meta.url),
  );
}

/** `fork` starts a program with the worker's file as argument: one that becomes Node in a sandbox will do as well. */
function startedBy(kind: WorkerKind, needs: WorkerNeeds): Pick<ForkOptions, 'execPath' | 'execArgv'> {
  if (kind !== 'inference' || needs.network === true) return {};
  const [program, ...args] = sandboxHere().before ?? [];
  if (program === undefined) return {};
  return { execPath: program, execArgv: [...args, process.execPath, ...process.execArgv] };
}

export class ChildWorkerHost implements WorkerHost {
  get sandbox(): string {
    return sandboxHere().says;
  }

  fork<Out, In>(kind: WorkerKind, needs: WorkerNeeds = {}): WorkerProcess<Out, In> {
    const child = fork(entryOf(kind), [], {
      ...startedBy(kind, needs),
      serialization: 'advanced',
      // A worker that prints must not spoil the JSON lines on our stdout.
      stdio: ['ignore', process.stderr, process.stderr, 'ipc'],
    });
    let gone = false;
    const exitListeners: ((exit: { code: number | null; signal: string | null }) => void)[] = [];
    const leave = (code: number | null, signal: string | null): void => {
      if (gone) return;
      gone = true;
      for (const listener of exitListeners) listener({ code, signal });
    };
    child.on('exit', leave);
    // The process could not be started at all, or its channel broke: either way it is of no use any more.
    child.on('error', () => {
      child.kill('SIGKILL');
      leave(null, null);
    });
    return {
      get pid() {
        return gone ? undefined : child.pid;
      },
      post(message) {
        if (!gone && child.connected) child.send(message as object);
      },
      onMessage(listener) {
        child.on('message', (message) => listener(message as In));
      },
      onExit(listener) {
        exitListeners.push(listener);
      },
      kill() {
        child.kill('SIGKILL');
      },
    };
  }
}
