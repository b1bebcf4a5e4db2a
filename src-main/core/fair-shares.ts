/** How the cores of a machine are shared by the runs that go on at the same time. */

/** What one run could use: so many workers, of so many threads each. */
export interface Claim {
  workers: number;
  threads: number;
}

/**
 * Workers for each run. One alone has what it asks for, also where that is more than there are cores: a person may know better. Several
 * share the cores evenly (max-min fairness): none has more than another that could use more, and each has one worker at least, so that
 * all of them get on.
 */
export function fairShares(claims: readonly Claim[], cores: number): number[] {
  if (claims.length === 1) return claims.map(({ workers }) => workers);
  const shares = claims.map(() => 1);
  const used = (i: number): number => shares[i]! * claims[i]!.threads;
  let free = cores - claims.reduce((sum, { threads }) => sum + threads, 0);
  for (;;) {
    let next = -1;
    claims.forEach(({ workers, threads }, i) => {
      const mayGrow = shares[i]! < workers && threads <= free;
      if (mayGrow && (next < 0 || used(i) < used(next))) next = i;
    });
    if (next < 0) return shares;
    shares[next]!++;
    free -= claims[next]!.threads;
  }
}
