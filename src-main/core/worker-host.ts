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

export interface WorkerNeeds {
  /** An inference worker whose image lies on a server; others of its kind may get no network at all. */
  network?: boolean;
}

/** Which build of libvips decodes in the workers, after it was tried out. */
export interface CodecVerdict {
  build: 'native' | 'wasm';
  /** What is wrong with the native build, for a person; null: nothing, or nobody tried it. */
  problem: string | null;
  /** false: neither of them does what it should. */
  works: boolean;
}

export interface WorkerHost {
  /** What its workers are kept from beside their limits, for a person; absent: nothing. */
  readonly sandbox?: string;
  /** Tries libvips in a process that is thrown away; absent where nothing stands in its way. */
  testCodecs?(): Promise<CodecVerdict>;
  fork<Out, In>(kind: WorkerKind, needs?: WorkerNeeds): WorkerProcess<Out, In>;
}
