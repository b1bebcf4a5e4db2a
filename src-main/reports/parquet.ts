/** Findings as Parquet, for tables that are too large for spreadsheets: the columns of the CSV, compressed with Snappy. */
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import type { Column } from './finding-columns.ts';
import { findingColumns } from './finding-columns.ts';
import { distinctNames } from './distinct-names.ts';
import { provenance, type ReportData } from './report-data.ts';
import { shownPages } from './shown-pages.ts';

/** Rows that are read and kept in memory together; what readers of a part of the table skip by. */
const rowsAGroup = 50_000;

const types = {
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  integer: { type: 'INT32' },
  number: { type: 'DOUBLE' },
} as const satisfies Record<Column['kind'], object>;

export async function* parquet(data: ReportData): AsyncGenerator<Uint8Array> {
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
  const write = async (rows: (string | number | null)[][]): Promise<void> => {
    const columnData = rows.map((values, i) => ({ name: names[i] ?? '', data: values }));
    await writer.write({ columnData, rowGroupSize: rowsAGroup });
  };
  let rows = empty();
  for await (const page of shownPages(data)) {
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
