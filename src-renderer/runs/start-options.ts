/** What the form of a new run begins with: nothing said, but for what the settings say of all runs. */
import { useSettings } from '../state/kept-settings.ts';
import { defaultOptions, type OptionTexts } from './run-option-values.ts';

export function startOptions(): OptionTexts {
  const { workers } = useSettings.getState().settings;
  return workers === null ? defaultOptions : { ...defaultOptions, workers: String(workers) };
}
