/** The real application as a person starts it: `gigatile serve …` in a process of its own, with a data folder of its own. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const cli = join(root, 'src-main/cli/main.ts');

/** Everything that the application could take for the person's own folders points into `home`. */
function environment(home: string): NodeJS.ProcessEnv {
  return {
    ...process.env,
    HOME: home,
    XDG_DATA_HOME: join(home, 'data'),
    XDG_CONFIG_HOME: join(home, 'config'),
    GIGATILE_DATA_DIR: join(home, 'gigatile'),
  };
}

export interface ServedApp {
  /** With its token. */
  url: string;
  home: string;
  process: ChildProcess;
  /** Everything that the server has printed. */
  output(): string;
  /** Ends the server as Ctrl-C does, and waits for it. */
  stop(): Promise<void>;
}

/** A fresh folder for one test file; `remove` when done. */
export function freshHome(): { home: string; remove: () => void } {
  const home = mkdtempSync(join(tmpdir(), 'gigatile-e2e-'));
  return { home, remove: () => rmSync(home, { recursive: true, force: true }) };
}

/** Starts the server and waits for the address that it prints. @throws where it ends before. */
export async function serveApp(home: string, args: string[]): Promise<ServedApp> {
  const child = spawn(process.execPath, [cli, 'serve', ...args], {
    cwd: home,
    env: environment(home),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  const url = await new Promise<string>((done, reject) => {
    const look = (chunk: Buffer): void => {
      printed += chunk.toString();
      const found = /http:\/\/127\.0\.0\.1:\d+\/\?t=[\w-]{43}/.exec(printed)?.[0];
      if (found !== undefined) done(found);
    };
    child.stdout.on('data', look);
    child.stderr.on('data', look);
    child.once('exit', (code) => reject(new Error(`serve ended with ${code}: ${printed}`)));
  });
  return {
    url,
    home,
    process: child,
    output: () => printed,
    async stop() {
      child.kill('SIGINT');
      await ended;
    },
  };
}

/** Runs `gigatile …` to its end and gives what it printed. @throws where it fails. */
export function gigatile(home: string, args: string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], {
    cwd: home,
    env: environment(home),
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`gigatile ${args.join(' ')} ended with ${status}: ${stderr}`);
  return stdout;
}
