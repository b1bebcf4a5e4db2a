/** What happened stays: the file itself refuses to change or remove events and decisions. */
export const version = 6;

const tables = ['event', 'decision'] as const;

export const sql = tables
  .flatMap((table) =>
    ['UPDATE', 'DELETE'].map(
      (change) => `
CREATE TRIGGER ${table}_no_${change.toLowerCase()} BEFORE ${change} ON ${table}
BEGIN SELECT RAISE(ABORT, '${table}s are only ever added'); END;`,
    ),
  )
  .join('\n');
