/**
 * How the engine gets worker processes without knowing in which shell it lives: child processes in the command line and web
 * server, utility processes (forked by main on request) in Electron.
 */
export type WorkerKind = 'inference' | 'remote' | 'image';

export interface WorkerProcess<Out, In> {
  /** Operating-system process id; undefined once it has gone or where the shell cannot tell. */
  readonly pid: number | undefined;
  post(message: Out): void;
  onMessage(listener: (message: In) => void): void;
  /** Exactly once, whether it stopped, crashed or was killed. `code` null where a signal ended it. */
  onExit(listener: (exit: { code: number | null; signal: string | null }) => void): void;
  /** Ends it at once. */
  kill(): void;
}

export interface WorkerHost {
  fork<Out, In>(kind: WorkerKind): WorkerProcess<Out, In>;
}
