/**
 * On Linux a worker that needs no network gets none: `unshare` (util-linux) puts it into a network namespace in which there is
 * nothing. It then becomes the worker itself, so that process id, limits and signals stay as they are. What a hostile image or model
 * could make of a decoder or of ONNX Runtime can send nothing away. Files and other processes are not covered (SECURITY.md).
 */
import { spawnSync } from 'node:child_process';

export interface Sandbox {
  /** Program and arguments that go before the worker's own command; null where there is no sandbox. */
  before: readonly string[] | null;
  /** For a person. */
  says: string;
}

/** Not for root, to whom a user namespace would take the right to read other people's files. */
const ways = [
  ['unshare', '--net', '--'],
  ['unshare', '--user', '--map-current-user', '--net', '--'],
];

/** @param run whether a command works; a namespace can be forbidden by the system's administrator, a container or its security module */
export function findSandbox(
  platform: NodeJS.Platform,
  env: Readonly<Record<string, string | undefined>>,
  run: (command: readonly string[]) => boolean,
): Sandbox {
  if (platform !== 'linux')
    return { before: null, says: 'workers have a network: there is no tool here that takes it away' };
  if (env['GIGATILE_SANDBOX'] === 'off') {
    return { before: null, says: 'workers have a network: GIGATILE_SANDBOX is off' };
  }
  const before = ways.find((way) => run([...way, 'true']));
  return before === undefined
    ? { before: null, says: 'workers have a network: unshare is not installed or not allowed here' }
    : { before, says: 'inference workers of local images have no network (unshare)' };
}

let found: Sandbox | null = null;

/** Tried once. */
export function sandboxHere(): Sandbox {
  found ??= findSandbox(process.platform, process.env, ([program = '', ...args]) => {
    const { status } = spawnSync(program, args, { stdio: 'ignore', timeout: 5000 });
    return status === 0;
  });
  return found;
}
