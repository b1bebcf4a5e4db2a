/** Which window a file belongs into: one per case, and none that a person has to look for. */
export interface OpenWindow {
  screen: string;
  /** Paths by which what it shows can be named: image and case, or the file that it was told to open; empty on the home screen. */
  paths: readonly string[];
  /** Counts up; the window that was used last has the highest. */
  usedAt: number;
}

export type Choice =
  /** It shows the file already. */
  { focus: string } | { openIn: string } | 'new-window';

export function chooseWindow(windows: readonly OpenWindow[], path: string): Choice {
  const lastUsed = windows.toSorted((a, b) => b.usedAt - a.usedAt);
  const showing = lastUsed.find(({ paths }) => paths.includes(path));
  if (showing !== undefined) return { focus: showing.screen };
  const empty = lastUsed.find(({ paths }) => paths.length === 0);
  return empty === undefined ? 'new-window' : { openIn: empty.screen };
}
