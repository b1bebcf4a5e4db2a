/**
 * Main's switchboard: it knows where each end of each channel is (here, in a child process, in a page) and passes on what
 * comes. Everything goes through here, so that messages of a port that moves stay in order.
 */
import { NotModelled } from './modelled.ts';
import { StandInPort, type PortLink } from './message-port.ts';

/** Where ends of channels can be. */
export interface Place {
  message(endpoint: number, data: unknown, ports: number[]): void;
  closed(endpoint: number): void;
}

export class PortHub {
  readonly #otherEnd = new Map<number, number>();
  readonly #place = new Map<number, Place>();
  #nextEndpoint = 1;
  readonly #link: PortLink = {
    post: (endpoint, data, ports) => this.postWithPorts(endpoint, data, ports),
    close: (endpoint) => this.close(endpoint),
  };

  createChannel(): [StandInPort, StandInPort] {
    const first = this.#createPort();
    const second = this.#createPort();
    this.#otherEnd.set(first.endpoint, second.endpoint);
    this.#otherEnd.set(second.endpoint, first.endpoint);
    return [first, second];
  }

  /** A message from an end that is elsewhere; ports in it are not modelled, as the application sends none. */
  post(from: number, data: unknown): void {
    const to = this.#otherEnd.get(from);
    if (to !== undefined) this.#place.get(to)?.message(to, data, []);
  }

  postWithPorts(from: number, data: unknown, ports: StandInPort[]): void {
    if (ports.length > 0) throw new NotModelled('ports that travel through other ports');
    this.post(from, data);
  }

  /** Sends ports away with a message of main's; what has come for them follows. */
  transfer(ports: StandInPort[], place: Place, send: (endpoints: number[]) => void): void {
    const arrived = ports.map((port) => port.detach());
    for (const port of ports) {
      if (this.#place.has(port.endpoint)) this.#place.set(port.endpoint, place);
    }
    send(ports.map((port) => port.endpoint));
    arrived.forEach((arrivals, index) => {
      const endpoint = ports[index]!.endpoint;
      for (const arrival of arrivals) {
        if (arrival.kind === 'close') place.closed(endpoint);
        else place.message(endpoint, arrival.message.data, []);
      }
    });
  }

  close(endpoint: number): void {
    const other = this.#otherEnd.get(endpoint);
    this.#otherEnd.delete(endpoint);
    this.#place.delete(endpoint);
    if (other === undefined) return;
    this.#otherEnd.delete(other);
    this.#place.get(other)?.closed(other);
    this.#place.delete(other);
  }

  /** A process or a page has gone with all its ports. */
  closeAllAt(place: Place): void {
    for (const [endpoint, at] of this.#place) if (at === place) this.close(endpoint);
  }

  #createPort(): StandInPort {
    const endpoint = this.#nextEndpoint++;
    const port = new StandInPort(this.#link, endpoint);
    this.#place.set(endpoint, {
      message: (_endpoint, data) =>
        setImmediate(() => port.arrive({ kind: 'message', message: { data, ports: [] } })),
      closed: () => setImmediate(() => port.arrive({ kind: 'close' })),
    });
    return port;
  }
}

/** One for the whole of the main process. */
export const portHub = new PortHub();
