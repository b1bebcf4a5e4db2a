/** A server that says which PostgreSQL it is, and dies then if it should: its protocol as far as a client needs it until there. */
import { createServer, type Server, type Socket } from 'node:net';

const message = (type: string, body: Buffer): Buffer => {
  const head = Buffer.alloc(5);
  head.write(type, 'latin1');
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
};
const text = (value: string): Buffer => Buffer.from(`${value}\0`);
const int16 = (value: number): Buffer => Buffer.from([value >> 8, value & 255]);
const int32 = (value: number): Buffer => Buffer.from([0, 0, value >> 8, value & 255]);

const ready = message('Z', Buffer.from('I'));

/** RowDescription, DataRow, CommandComplete. */
function answer(row: Record<string, string>): Buffer {
  const names = Object.keys(row);
  // Table, column, type (text), its size, modifier, format: as text.
  const rest = Buffer.concat([int32(0), int16(0), int32(25), int16(65_535), int32(0), int16(0)]);
  return Buffer.concat([
    message('T', Buffer.concat([int16(names.length), ...names.flatMap((name) => [text(name), rest])])),
    message(
      'D',
      Buffer.concat([
        int16(names.length),
        ...Object.values(row).flatMap((value) => [int32(value.length), Buffer.from(value)]),
      ]),
    ),
    message('C', text('SELECT 1')),
    ready,
  ]);
}

/** What clients are told by a server whose first process is gone. */
const exit = message(
  'E',
  Buffer.concat([
    ...['SFATAL', 'VFATAL', 'C57P01', 'Mterminating connection due to unexpected postmaster exit'].map(text),
    text(''),
  ]),
);

function serve(socket: Socket, version: HandMade): void {
  let isGreeted = false;
  socket.on('error', () => socket.destroy());
  socket.on('data', (bytes) => {
    if (!isGreeted) socket.write(Buffer.concat([message('R', int32(0)), ready]));
    // A simple query; anything else needs no answer here.
    else if (bytes.toString('latin1', 0, 1) === 'Q') {
      const told = answer({ number: version.number, version: version.words });
      // In one packet: heard before the next statement can be sent.
      if (version.dies === true) socket.end(Buffer.concat([told, exit]));
      else socket.write(told);
    }
    isGreeted = true;
  });
}

interface HandMade {
  /** server_version_num */
  number: string;
  words: string;
  /** After its answer. */
  dies?: boolean;
}

/** @returns its port, and how to end it */
export async function postgresByHand(version: HandMade): Promise<{ port: number; close: () => void }> {
  const server: Server = createServer((socket) => serve(socket, version));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { port: address.port, close: () => server.close() };
}
