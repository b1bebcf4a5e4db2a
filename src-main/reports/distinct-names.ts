/**
 * Names of columns for programs that want each to be another one, whatever its case: a model's names need not differ at all.
 * @param taken in lower case
 */
export function distinctNames(names: readonly string[], taken: readonly string[] = []): string[] {
  const known = new Set(taken);
  return names.map((name) => {
    let free = name;
    for (let i = 2; known.has(free.toLowerCase()); i++) free = `${name}_${i}`;
    known.add(free.toLowerCase());
    return free;
  });
}
