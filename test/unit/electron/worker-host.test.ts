import { EventEmitter } from 'node:events';
import type { MessagePortMain } from 'electron';
import { describe, expect, it } from 'vitest';
import type { FromEngine } from '../../../src-main/electron/engine-messages.ts';
import { UtilityWorkerHost } from '../../../src-main/electron/worker-host.ts';

/** One end of a channel as Electron has it: it holds messages back until it is started. */
class Port extends EventEmitter {
  readonly sent: unknown[] = [];
  #waiting: unknown[] | null = [];
  postMessage(message: unknown): void {
    this.sent.push(message);
  }
  start(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = null;
    for (const data of waiting) this.emit('message', { data });
  }
  arrive(data: unknown): void {
    if (this.#waiting === null) this.emit('message', { data });
    else this.#waiting.push(data);
  }
  asMain(): MessagePortMain {
    return this as unknown as MessagePortMain;
  }
}

function setUp() {
  const toMain: FromEngine[] = [];
  const host = new UtilityWorkerHost(
    (message) => toMain.push(message),
    () => Promise.reject(new Error('nobody asks')),
  );
  const worker = host.fork<string, string>('inference');
  const exits: unknown[] = [];
  worker.onExit((exit) => exits.push(exit));
  return { toMain, host, worker, port: new Port(), exits };
}

describe('workers of the engine in Electron', () => {
  it('are forked by main; what is posted before the port comes goes out first', () => {
    const { toMain, host, worker, port } = setUp();
    expect(toMain).toEqual([{ kind: 'fork', worker: 1, workerKind: 'inference' }]);
    worker.post('a');
    host.onNews({ kind: 'worker-started', worker: 1 }, [port.asMain()]);
    host.onNews({ kind: 'worker-spawned', worker: 1, pid: 77 }, []);
    worker.post('b');
    expect(port.sent).toEqual(['a', 'b']);
    expect(worker.pid).toBe(77);
  });

  it('lose no message that came before anybody listened', () => {
    const { host, worker, port } = setUp();
    host.onNews({ kind: 'worker-started', worker: 1 }, [port.asMain()]);
    port.arrive('early');
    const got: string[] = [];
    worker.onMessage((message) => got.push(message));
    port.arrive('late');
    expect(got).toEqual(['early', 'late']);
  });

  it('end after their last words, once, and say nothing afterwards', () => {
    const { host, worker, port, exits } = setUp();
    const got: string[] = [];
    worker.onMessage((message) => got.push(message));
    host.onNews({ kind: 'worker-started', worker: 1 }, [port.asMain()]);
    host.onNews({ kind: 'worker-exit', worker: 1, code: 1, signal: null }, []);
    expect(exits).toEqual([]);
    port.arrive('why I stop');
    port.emit('close');
    port.emit('close');
    port.arrive('a ghost');
    expect(exits).toEqual([{ code: 1, signal: null }]);
    expect(got).toEqual(['why I stop']);
    expect(worker.pid).toBeUndefined();
  });

  it('end also where the port is never closed, or never came', async () => {
    const { host, port, exits } = setUp();
    host.onNews({ kind: 'worker-started', worker: 1 }, [port.asMain()]);
    host.onNews({ kind: 'worker-exit', worker: 1, code: null, signal: 'killed' }, []);
    // Kept alive here: the engine has more to do than to wait for this.
    const alive = setInterval(() => undefined, 1000);
    await expect.poll(() => exits, { timeout: 10_000 }).toEqual([{ code: null, signal: 'killed' }]);
    clearInterval(alive);

    const without = setUp();
    without.host.onNews({ kind: 'worker-exit', worker: 1, code: 0, signal: null }, []);
    expect(without.exits).toEqual([{ code: 0, signal: null }]);
  });

  it('are killed through main, and are told apart', () => {
    const { toMain, host, worker, exits } = setUp();
    const second = host.fork<string, string>('image');
    let secondExits = 0;
    second.onExit(() => secondExits++);
    second.kill();
    expect(toMain.slice(1)).toEqual([
      { kind: 'fork', worker: 2, workerKind: 'image' },
      { kind: 'kill', worker: 2 },
    ]);
    host.onNews({ kind: 'worker-exit', worker: 2, code: null, signal: 'killed' }, []);
    expect(secondExits).toBe(1);
    expect(exits).toEqual([]);
    worker.kill();
    expect(toMain.at(-1)).toEqual({ kind: 'kill', worker: 1 });
  });
});
