/** Whose decisions are shown: everybody's, or in a second reading only the reader's own. */
import { reviewerName, usePreferences } from './preferences.ts';
import { useView } from './view-store.ts';

/** As the engine's requests want it: nothing, or `by`. */
export function reading(): { by?: string } {
  return useView.getState().secondReader ? { by: reviewerName() } : {};
}

/** The same for components; null: everybody's. */
export function useReader(): string | null {
  const secondReader = useView((state) => state.secondReader);
  usePreferences((state) => state.reviewer);
  return secondReader ? reviewerName() : null;
}
