/** Calls by which a command changes files: how many it makes, and how many in each step. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startMarked, type MarkedCommand } from './marked-command.ts';
import { whyNoTrace } from './strace.ts';

/** How often each is made by the thread that makes most of them. */
export type Calls = ReadonlyMap<string, number>;

export interface CountedCalls {
  whole: Calls;
  /** After each mark (step-marks.ts), until the next one. */
  at: ReadonlyMap<string, Calls>;
}

/** `write` is only counted within steps: elsewhere most of them are messages to workers. */
const calls = ['pwrite64', 'fsync', 'ftruncate', 'unlink', 'rename'];
const mark = /^write\(\d+, "(\w+)\\n"/;

/** Empty where nothing can be traced. */
export async function countCalls(command: MarkedCommand): Promise<CountedCalls> {
  if (whyNoTrace() !== null) return { whole: new Map(), at: new Map() };
  const log = join(command.dataDir, 'trace');
  const trace = ['-e', `trace=write,${calls.join(',')}`];
  const strace = ['strace', '-f', '--seccomp-bpf', '-qq', '-o', log, ...trace];
  const { child } = startMarked(command, { prefix: strace });
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`the traced command ended with ${code}: ${stderr}`);
  return countLines(readFileSync(log, 'latin1').split('\n'));
}

function countLines(lines: readonly string[]): CountedCalls {
  const whole = new BusiestThread();
  const at = new Map<string, BusiestThread>();
  let step: BusiestThread | null = null;
  for (const line of lines) {
    const [, thread = '', said = ''] = /^(\d+) +(.*)/.exec(line) ?? [];
    const name = mark.exec(said)?.[1];
    if (name !== undefined) {
      step = at.get(name) ?? new BusiestThread();
      at.set(name, step);
      continue;
    }
    const call = /^(\w+)\(/.exec(said)?.[1];
    if (call === undefined) continue;
    step?.add(thread, call);
    if (call !== 'write') whole.add(thread, call);
  }
  return { whole: whole.most, at: new Map([...at].map(([name, counted]) => [name, counted.most])) };
}

class BusiestThread {
  readonly most = new Map<string, number>();
  readonly #threads = new Map<string, number>();

  add(thread: string, call: string): void {
    const key = `${thread} ${call}`;
    const n = (this.#threads.get(key) ?? 0) + 1;
    this.#threads.set(key, n);
    this.most.set(call, Math.max(this.most.get(call) ?? 0, n));
  }
}
