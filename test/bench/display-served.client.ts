/**
 * A browser's part of the served screens: asks for tiles over kept-alive connections, one request at a time on each. Sockets instead
 * of Node's client, which costs more than a browser's network stack and would be what is measured. Prints one JSON line: seconds of
 * each pass, and the latencies of the last one in milliseconds.
 */
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';

const [address = '', cookie = '', listFile = '', connections = '6', passes = '9'] = process.argv.slice(2);
const paths = JSON.parse(readFileSync(listFile, 'utf8')) as string[];
const { host, hostname, port } = new URL(address);

/** Asks for all of `queue` over one connection; adds a latency for each whole answer. */
function follow(socket: Socket, queue: Iterator<string>, latencies: number[]): Promise<void> {
  return new Promise((resolve, reject) => {
    let asked = 0;
    let missing = -1;
    const ask = (): void => {
      const next = queue.next();
      if (next.done === true) {
        socket.off('data', take);
        resolve();
        return;
      }
      asked = performance.now();
      socket.write(`GET ${next.value} HTTP/1.1\r\nHost: ${host}\r\nCookie: ${cookie}\r\n\r\n`);
    };
    const take = (chunk: Buffer): void => {
      if (missing < 0) {
        const head = chunk.subarray(0, 1500).toString('latin1');
        const length = /\r\ncontent-length: (\d+)\r\n/i.exec(head)?.[1];
        const end = head.indexOf('\r\n\r\n');
        if (!head.startsWith('HTTP/1.1 200 ') || length === undefined || end < 0) {
          reject(new Error(`not a tile: ${head.slice(0, 200)}`));
          return;
        }
        missing = Number(length) - (chunk.length - end - 4);
      } else missing -= chunk.length;
      if (missing > 0) return;
      missing = -1;
      latencies.push(performance.now() - asked);
      ask();
    };
    socket.on('data', take);
    ask();
  });
}

const sockets = Array.from({ length: Number(connections) }, () =>
  connect(Number(port), hostname).setNoDelay(),
);
const seconds: number[] = [];
let latencies: number[] = [];
for (let pass = 0; pass < Number(passes); pass++) {
  latencies = [];
  const queue = paths.values();
  const start = performance.now();
  await Promise.all(sockets.map((socket) => follow(socket, queue, latencies)));
  seconds.push((performance.now() - start) / 1000);
}
for (const socket of sockets) socket.destroy();
if (latencies.length !== paths.length) throw new Error(`${latencies.length} of ${paths.length} tiles came`);
console.log(JSON.stringify({ seconds, latencies }));
