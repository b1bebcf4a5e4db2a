/** Findings as Parquet, for tables that are too large for spreadsheets: the columns of the CSV, compressed with Snappy. */
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import type { Column } from './finding-columns.ts';
import { findingColumns } from './finding-columns.ts';
import { distinctNames } from './distinct-names.ts';
import { provenance, type ReportData } from './report-data.ts';
import { shownPages } from './shown-pages.ts';
import { Turn } from './turn.ts';

/** Rows that are read and kept in memory together; what readers of a part of the table skip by. */
const rowsAGroup = 50_000;

const types = {
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  integer: { type: 'INT32' },
  number: { type: 'DOUBLE' },
} as const satisfies Record<Column['kind'], object>;

/** @throws the signal's reason */
export async function* parquet(data: ReportData, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  const columns = findingColumns(data);
  const names = distinctNames(columns.map(({ name }) => name));
  const bytes = new ByteWriter();
  const writer = new ParquetWriter({
    writer: bytes,
    schema: [
      { name: 'findings', num_children: columns.length },
      ...columns.map(({ kind }, i) => ({
        name: names[i] ?? '',
        repetition_type: 'OPTIONAL' as const,
        ...types[kind],
      })),
    ],
    createdBy: `${data.software.name} ${data.software.version}`,
    kvMetadata: [{ key: 'gigatile', value: JSON.stringify(provenance(data)) }],
  });
  /** What is ready, copied: the next rows go into the same memory. */
  const taken = (): Uint8Array => {
    const ready = bytes.getBytes().slice();
    bytes.index = 0;
    return ready;
  };
  const empty = (): (string | number | null)[][] => columns.map(() => []);
  const write = (rows: (string | number | null)[][]): Promise<void> =>
    writeGroup(
      writer,
      rows.map((data, i) => ({ name: names[i] ?? '', data })),
      signal,
    );
  let rows = empty();
  for await (const page of shownPages(data, signal)) {
    for (const finding of page) {
      for (const [i, column] of columns.entries()) {
        const value = column.of(finding);
        rows[i]?.push(typeof value === 'number' && Number.isNaN(value) ? null : value);
      }
    }
    if ((rows[0]?.length ?? 0) < rowsAGroup) continue;
    await write(rows);
    rows = empty();
    yield taken();
  }
  if ((rows[0]?.length ?? 0) > 0) await write(rows);
  await writer.finish();
  yield taken();
}

/**
 * Writes rows as one group. All of its columns at once keep the process for seconds: each is written as a group of its own, others have
 * their turn in between, and the groups are made one, which gives the same bytes.
 * @throws the signal's reason
 */
async function writeGroup(
  writer: ParquetWriter,
  columns: readonly { name: string; data: (string | number | null)[] }[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const before = writer.row_groups.length;
  const rows = columns[0]?.data.length ?? 0;
  const turn = new Turn();
  for (const column of columns) {
    await writer.write({ columnData: [column], rowGroupSize: rows });
    await turn.giveWay();
    signal?.throwIfAborted();
  }
  const parts = writer.row_groups.splice(before);
  writer.row_groups.push({
    columns: parts.flatMap((part) => part.columns),
    total_byte_size: parts.reduce((sum, part) => sum + part.total_byte_size, 0n),
    num_rows: BigInt(rows),
    total_compressed_size: parts.reduce((sum, part) => sum + (part.total_compressed_size ?? 0n), 0n),
  });
  writer.num_rows -= BigInt(rows * (columns.length - 1));
}
