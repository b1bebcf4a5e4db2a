/** The network between one machine and a server: it can be cut, in the two ways in which networks are. */
import { connect, createServer, type Server, type Socket } from 'node:net';

/**
 * hole: nothing comes through and nobody says so, as when a cable is pulled; connections from before never work again, as behind a router
 * that forgot them. reset: everything is refused and broken off, as when a firewall says no.
 */
export type Cut = 'hole' | 'reset';

export class CutProxy {
  readonly #server: Server;
  readonly #pairs = new Set<{ near: Socket; far: Socket | null }>();
  #cut: Cut | null = null;

  private constructor(target: number) {
    this.#server = createServer((near) => {
      const pair: { near: Socket; far: Socket | null } = { near, far: null };
      near.on('error', () => near.destroy());
      near.on('close', () => {
        pair.far?.destroy();
        this.#pairs.delete(pair);
      });
      this.#pairs.add(pair);
      if (this.#cut === 'reset') near.resetAndDestroy();
      if (this.#cut !== null) return;
      const far = connect(target, '127.0.0.1');
      pair.far = far;
      far.on('error', () => far.destroy());
      far.on('close', () => near.destroy());
      near.pipe(far);
      far.pipe(near);
    });
  }

  static async to(port: number): Promise<CutProxy> {
    const proxy = new CutProxy(port);
    await new Promise<void>((done) => proxy.#server.listen(0, '127.0.0.1', done));
    return proxy;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the proxy does not listen');
    return address.port;
  }

  cut(how: Cut): void {
    this.#cut = how;
    for (const { near, far } of this.#pairs) {
      if (how === 'reset') {
        near.resetAndDestroy();
        continue;
      }
      near.unpipe();
      far?.unpipe();
      // What comes is taken and goes nowhere.
      near.resume();
      far?.resume();
    }
  }

  mend(): void {
    this.#cut = null;
  }

  async close(): Promise<void> {
    for (const { near } of this.#pairs) near.destroy();
    await new Promise((done) => this.#server.close(done));
  }
}
