/** MessagePortMain, the same class in main and in utility processes; where the other end lies is the link's business. */
import { EventEmitter } from 'node:events';
import { NotModelled } from './modelled.ts';

/** What lies between a port object and its other end. */
export interface PortLink {
  post(endpoint: number, data: unknown, ports: StandInPort[]): void;
  close(endpoint: number): void;
}

export interface PortMessage {
  data: unknown;
  ports: StandInPort[];
}

type Arrival = { kind: 'message'; message: PortMessage } | { kind: 'close' };

export class StandInPort extends EventEmitter {
  readonly endpoint: number;
  readonly #link: PortLink;
  /** Messages wait until start(), as in Electron. */
  #waiting: Arrival[] | null = [];
  #state: 'open' | 'closed' | 'transferred' = 'open';

  constructor(link: PortLink, endpoint: number) {
    super();
    this.#link = link;
    this.endpoint = endpoint;
  }

  postMessage(data: unknown, transfer: StandInPort[] = []): void {
    if (this.#state === 'transferred') throw new TypeError('The port was transferred and is of no use here.');
    for (const port of transfer) {
      if (!(port instanceof StandInPort)) throw new TypeError('Only MessagePorts can be transferred.');
      if (port === this) throw new TypeError('A port cannot be sent through itself.');
    }
    if (this.#state === 'open') this.#link.post(this.endpoint, structuredClone(data), transfer);
  }

  start(): void {
    const waiting = this.#waiting;
    if (waiting === null) return;
    this.#waiting = null;
    for (const arrival of waiting) queueMicrotask(() => this.#deliver(arrival));
  }

  close(): void {
    if (this.#state !== 'open') return;
    this.#state = 'closed';
    this.#link.close(this.endpoint);
  }

  /** For the link: something came from the other end. */
  arrive(arrival: Arrival): void {
    if (this.#waiting === null) this.#deliver(arrival);
    else this.#waiting.push(arrival);
  }

  /** For the link: the port goes elsewhere, with what has come for it so far. */
  detach(): Arrival[] {
    if (this.#state !== 'open' || this.#waiting === null) {
      throw new NotModelled('the transfer of a port that was closed, sent or started');
    }
    this.#state = 'transferred';
    return this.#waiting;
  }

  #deliver(arrival: Arrival): void {
    if (this.#state !== 'open') return;
    if (arrival.kind === 'message') {
      this.emit('message', arrival.message);
      return;
    }
    this.#state = 'closed';
    this.emit('close');
  }
}
