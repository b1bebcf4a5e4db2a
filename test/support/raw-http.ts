/** HTTP as an attacker writes it: bytes on a socket, because real clients tidy up what they send. */
import { connect } from 'node:net';

export interface RawAnswer {
  status: number;
  headers: Map<string, string>;
  body: string;
}

/**
 * Sends the text as it is and reads one answer: to its Content-Length, to the server's end, or until nothing has come for
 * `quietMs` (an upgraded or hanging connection).
 */
export function rawExchange(port: number, text: string | Buffer, quietMs = 400): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port });
    const chunks: Buffer[] = [];
    const done = (): void => {
      socket.destroy();
      resolve(parse(Buffer.concat(chunks).toString('latin1')));
    };
    socket.setTimeout(quietMs, done);
    socket.on('connect', () => socket.write(text));
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      if (isWhole(Buffer.concat(chunks).toString('latin1'))) done();
    });
    socket.on('end', done);
    socket.on('error', (error) => (chunks.length > 0 ? done() : reject(error)));
  });
}

function isWhole(text: string): boolean {
  const head = text.indexOf('\r\n\r\n');
  const length = /^content-length: (\d+)\r?$/im.exec(text.slice(0, head + 2))?.[1];
  return head >= 0 && length !== undefined && text.length >= head + 4 + Number(length);
}

function parse(text: string): RawAnswer {
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const [first = '', ...lines] = head.split('\r\n');
  const headers = new Map<string, string>();
  for (const line of lines) {
    const at = line.indexOf(':');
    headers.set(line.slice(0, at).toLowerCase(), line.slice(at + 1).trim());
  }
  return { status: Number(first.split(' ')[1] ?? 0), headers, body: rest.join('\r\n\r\n') };
}

/** A request with exactly these header lines; Host is not added. */
export function request(
  line: string,
  headers: Record<string, string | undefined>,
  body: string | Buffer = '',
): Buffer {
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${value}`],
  );
  return Buffer.concat([
    Buffer.from(`${line} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`),
    typeof body === 'string' ? Buffer.from(body) : body,
  ]);
}
