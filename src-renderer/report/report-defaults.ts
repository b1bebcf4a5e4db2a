/** What a person's reports begin with: the header, logo, paper and sections of the last one that was saved. Kept in the browser. */
import { create } from 'zustand';
import { persist } from 'zustand/middleware';
import {
  defaultReportSettings,
  reportSettingsSchema,
  type ReportSettings,
} from '../../src-main/contract/report.ts';

type Defaults = Pick<ReportSettings, 'page' | 'sections' | 'header' | 'logo' | 'findings'>;

interface ReportDefaults {
  defaults: Defaults | null;
  keep: (settings: ReportSettings) => void;
}

export const useReportDefaults = create<ReportDefaults>()(
  persist(
    (set) => ({
      defaults: null,
      keep: ({ page, sections, header, logo, findings }) =>
        set({ defaults: { page, sections, header, logo, findings } }),
    }),
    { name: 'gigatile.report', version: 1 },
  ),
);

/** Where paper is Letter. */
const letterRegions = ['US', 'CA', 'MX', 'PH', 'CL', 'CO', 'VE'];

function usualPage(): ReportSettings['page'] {
  const { region } = new Intl.Locale(navigator.language);
  return region !== undefined && letterRegions.includes(region) ? 'letter' : 'a4';
}

/** @param kept how the run's report was composed last; the person's own defaults where nobody composed it yet */
export function startSettings(kept: ReportSettings): ReportSettings {
  if (JSON.stringify(kept) !== JSON.stringify(defaultReportSettings)) return kept;
  const { defaults } = useReportDefaults.getState();
  const start = reportSettingsSchema.safeParse({ ...kept, page: usualPage(), ...defaults });
  return start.success ? start.data : kept;
}
