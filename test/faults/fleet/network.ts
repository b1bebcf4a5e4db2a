/** A machine with a network of its own: a namespace of Linux (ip-netns(8)) on a cable that can be pulled. Root can make one. */
import { execFileSync } from 'node:child_process';

const ip = (...args: string[]): void => void execFileSync('ip', args, { stdio: 'pipe' });

export class OwnNetwork {
  /** Another one beside it, and what a killed one left behind, are in nobody's way. */
  readonly #net = `10.213.${process.pid % 250}`;
  /** This end of the cable. */
  readonly here = `${this.#net}.1`;
  readonly #name = `gigatile-${process.pid}`;
  readonly #ends = [`gt${process.pid}a`, `gt${process.pid}b`] as const;

  /** @throws what ip(8) says where this cannot be had */
  constructor() {
    const [near, far] = this.#ends;
    ip('netns', 'add', this.#name);
    try {
      ip('link', 'add', near, 'type', 'veth', 'peer', 'name', far, 'netns', this.#name);
      ip('address', 'add', `${this.here}/24`, 'dev', near);
      ip('link', 'set', near, 'up');
      ip('-n', this.#name, 'address', 'add', `${this.#net}.2/24`, 'dev', far);
      this.plug();
    } catch (error) {
      this.remove();
      throw error;
    }
  }

  /** Of command lines that run on that machine. */
  get prefix(): string[] {
    return ['ip', 'netns', 'exec', this.#name];
  }

  pull(): void {
    ip('-n', this.#name, 'link', 'set', this.#ends[1], 'down');
  }

  plug(): void {
    ip('-n', this.#name, 'link', 'set', this.#ends[1], 'up');
  }

  /** The cable goes with it. */
  remove(): void {
    ip('netns', 'delete', this.#name);
  }
}

/** @returns why there is none, where there is none */
export function ownNetwork(): OwnNetwork | string {
  try {
    return new OwnNetwork();
  } catch (error) {
    const [why = ''] = String(error).split('\n');
    return `no network namespaces here (root, iproute2): ${why}`;
  }
}
