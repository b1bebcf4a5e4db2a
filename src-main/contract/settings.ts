/** What a person sets for the program as a whole: one file in the system's place for settings, the same under every shell. */
import { z } from 'zod';

const chordSchema = z.string().min(1).max(40);

/** Without defaults: in a change, what is not said stays as it is. */
const fields = {
  theme: z.enum(['dark', 'light', 'system']),
  /** Written beside each decision. */
  reviewer: z.string().max(120),
  /** Width of the panel beside the image, CSS pixels. */
  panelWidth: z.number().int().min(200).max(2000),
  /** Keys of commands, where others than the default ones were chosen. */
  keys: z
    .record(z.string().max(64), z.array(chordSchema).max(8))
    .refine((keys) => Object.keys(keys).length <= 500, 'too many commands'),
  /** Workers of a run that names none; null: as many as the machine is quickest with. */
  workers: z.number().int().min(1).max(64).nullable(),
  /** Prepared images may take so much room; null: 20 GB, or a quarter of what there is. In force from the next start on. */
  cacheGigabytes: z.number().min(0).max(100_000).nullable(),
  /** Desktop: the computer does not go to sleep by itself while a run goes on. */
  keepAwake: z.boolean(),
  /** Desktop: the system says when a run ends while no window is in front. */
  notify: z.boolean(),
  /** Desktop: files that were opened are in the menu and in the system's lists. */
  rememberFiles: z.boolean(),
  /** Desktop: draw with the graphics processor. In force from the next start on. */
  useGpu: z.boolean(),
  /** Desktop, where a server for updates was packed: looks there once a day at most. */
  checkForUpdates: z.boolean(),
};

/** Each field has what holds where a file of an earlier version does not say it. */
export const settingsSchema = z.object({
  version: z.literal(1),
  theme: fields.theme.default('dark'),
  reviewer: fields.reviewer.default(''),
  panelWidth: fields.panelWidth.default(384),
  keys: fields.keys.default({}),
  workers: fields.workers.default(null),
  cacheGigabytes: fields.cacheGigabytes.default(null),
  keepAwake: fields.keepAwake.default(true),
  notify: fields.notify.default(true),
  rememberFiles: fields.rememberFiles.default(true),
  useGpu: fields.useGpu.default(true),
  checkForUpdates: fields.checkForUpdates.default(true),
} satisfies Record<'version' | keyof typeof fields, z.ZodType>);
export type Settings = z.infer<typeof settingsSchema>;

export const defaultSettings: Settings = settingsSchema.parse({ version: 1 });

/** What is changed; the rest stays. */
export const settingsChangeSchema = z.object(fields).partial();
export type SettingsChange = z.infer<typeof settingsChangeSchema>;

export const settingsViewSchema = z.object({
  settings: settingsSchema,
  /** Nothing was ever set: screens may take over what they kept themselves before. */
  isNew: z.boolean(),
  /** What was wrong with the file, and how it is called now; null where all is well. */
  setAside: z.string().nullable(),
});
export type SettingsView = z.infer<typeof settingsViewSchema>;

/** Keys and passwords: their names, and where they are kept. Values never come to a screen. */
export const secretsViewSchema = z.object({
  names: z.array(z.string()),
  /** null: in the system's keychain; else why they are forgotten when the program ends. */
  untilQuit: z.string().nullable(),
});
export type SecretsView = z.infer<typeof secretsViewSchema>;
