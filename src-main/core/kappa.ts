/**
 * Cohen's kappa (1960) of two raters over the same things: how far they agree beyond what chance would give, from -1 to 1.
 * @param pairs what each of the two says, any number of times each
 * @returns null where it is not defined: nothing was rated, or both always say the same one thing
 */
export function cohensKappa<Word>(pairs: Iterable<readonly [Word, Word, times?: number]>): {
  total: number;
  agreed: number;
  kappa: number | null;
} {
  const first = new Map<Word, number>();
  const second = new Map<Word, number>();
  let total = 0;
  let agreed = 0;
  for (const [one, other, times = 1] of pairs) {
    first.set(one, (first.get(one) ?? 0) + times);
    second.set(other, (second.get(other) ?? 0) + times);
    total += times;
    if (one === other) agreed += times;
  }
  let byChance = 0;
  for (const [word, times] of first) byChance += (times / total) * ((second.get(word) ?? 0) / total);
  const isDefined = total > 0 && byChance < 1;
  return { total, agreed, kappa: isDefined ? (agreed / total - byChance) / (1 - byChance) : null };
}
