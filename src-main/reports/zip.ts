/** Files to one archive, as they come: nothing but a piece of one is in memory. */
import { strToU8, Zip, ZipDeflate } from 'fflate';

export interface ZipEntry {
  /** With "/" between folders. */
  name: string;
  /** Text (UTF-8) or bytes. */
  content: AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>;
}

/** @param at ISO 8601: what every file is dated, so that the same content gives the same archive */
export async function* zipped(
  entries: AsyncIterable<ZipEntry> | Iterable<ZipEntry>,
  at: string,
): AsyncGenerator<Uint8Array> {
  let ready: Uint8Array[] = [];
  let failure: Error | null = null;
  const zip = new Zip((error, bytes) => {
    failure ??= error;
    ready.push(bytes);
  });
  const taken = (): Uint8Array[] => {
    if (failure !== null) throw failure;
    const chunks = ready;
    ready = [];
    return chunks;
  };
  for await (const { name, content } of entries) {
    const file = new ZipDeflate(name, { level: 6 });
    // Archives keep local time: always that of Greenwich.
    const date = new Date(at);
    file.mtime = new Date(date.getTime() + date.getTimezoneOffset() * 60_000);
    zip.add(file);
    for await (const piece of content) {
      file.push(typeof piece === 'string' ? strToU8(piece) : piece);
      yield* taken();
    }
    file.push(new Uint8Array(0), true);
    yield* taken();
  }
  zip.end();
  yield* taken();
}
