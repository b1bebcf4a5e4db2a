/** One instance a profile: the first holds a file, the others leave their arguments beside it. */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const lookEveryMs = 50;

interface Call {
  argv: string[];
  workingDirectory: string;
  additionalData: unknown;
}

type OnSecond = (argv: string[], workingDirectory: string, additionalData: unknown) => void;

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false; // no such process
  }
}

export class SingleInstance {
  readonly #folder: string;
  readonly #timer: NodeJS.Timeout;

  private constructor(folder: string, onSecond: OnSecond) {
    this.#folder = folder;
    this.#timer = setInterval(() => {
      for (const name of readdirSync(folder).filter((name) => name.endsWith('.call'))) {
        const call = JSON.parse(readFileSync(join(folder, name), 'utf8')) as Call;
        rmSync(join(folder, name));
        onSecond(call.argv, call.workingDirectory, call.additionalData);
      }
    }, lookEveryMs).unref();
  }

  /** null where another instance is there; it gets this one's arguments. */
  static take(userData: string, additionalData: unknown, onSecond: OnSecond): SingleInstance | null {
    const folder = join(userData, 'stand-in-instance');
    mkdirSync(folder, { recursive: true });
    const holder = join(folder, 'holder');
    try {
      writeFileSync(holder, String(process.pid), { flag: 'wx' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      if (isAlive(Number(readFileSync(holder, 'utf8')))) {
        const call: Call = { argv: process.argv, workingDirectory: process.cwd(), additionalData };
        const written = join(folder, `${process.pid}.writing`);
        writeFileSync(written, JSON.stringify(call));
        renameSync(written, join(folder, `${process.pid}.call`));
        return null;
      }
      // Its holder was killed.
      writeFileSync(holder, String(process.pid));
    }
    return new SingleInstance(folder, onSecond);
  }

  release(): void {
    clearInterval(this.#timer);
    rmSync(join(this.#folder, 'holder'), { force: true });
  }
}
