/** What the screens know of the engine: a typed API and a way to bytes. Which shell carries them is decided in ./connect.ts. */
import type { ContractRouterClient } from '@orpc/contract';
import type { Contract } from '../../src-main/contract/api.ts';

export type Api = ContractRouterClient<Contract>;

/** `connecting` before the first answer, `reconnecting` after a loss. */
export type LinkState = 'connecting' | 'open' | 'reconnecting';

export interface BytesReply {
  /** MIME type. */
  type: string;
  data: ArrayBuffer;
}

export interface Connection {
  readonly kind: 'web' | 'electron';
  readonly api: Api;
  /**
   * Gets one of the paths in contract/bytes.ts.
   * @throws {GigatileError} where the engine answers with an error; the signal's reason where aborted.
   */
  bytes(path: string, signal?: AbortSignal): Promise<BytesReply>;
  /**
   * Makes a file that was dropped on the window known to the engine; answers its opaque id.
   * `progress` gets 0-1 where the file has to be copied first (web).
   */
  registerDrop(file: File, progress: (fraction: number) => void, signal?: AbortSignal): Promise<string>;
  /** The present state at once, then each change. Returns a function that stops it. */
  onLinkState(listener: (state: LinkState) => void): () => void;
  /** The URL to hand to a download; null where the shell writes exports itself. */
  downloadUrl(path: string): string | null;
  close(): void;
}
