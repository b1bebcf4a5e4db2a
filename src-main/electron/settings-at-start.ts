/** The settings before there is an engine. Only looked at: whatever is wrong with the file, the engine says and mends it. */
import { readFileSync } from 'node:fs';
import { defaultSettings, settingsSchema, type Settings } from '../contract/settings.ts';

/** @param path absolute, `settings.json` */
export function settingsAtStart(path: string): Settings {
  try {
    const parsed = settingsSchema.safeParse(JSON.parse(readFileSync(path, 'utf8')));
    return parsed.success ? parsed.data : defaultSettings;
  } catch (error) {
    const isAboutFile =
      error instanceof SyntaxError || typeof (error as NodeJS.ErrnoException).code === 'string';
    if (isAboutFile) return defaultSettings;
    throw error;
  }
}
