/** What a screen and the shell around it say to each other: what is shown, what can be done, what the shell wants done. */
import { z } from 'zod';

/** A command of the screens, for the desktop's menu. */
export const menuCommandSchema = z.object({
  id: z.string().regex(/^[a-z][a-z0-9-]{0,63}$/),
  label: z.string().min(1).max(120),
  /** Which part of the menu it belongs to. */
  group: z.enum(['Findings', 'View', 'Annotations', 'Run', 'Batch', 'Machines', 'Window']),
  /** Its key as a chord (`mod+shift+s`), which the screen itself listens to; null where it has none. */
  chord: z.string().min(1).max(40).nullable(),
  enabled: z.boolean(),
});
export type MenuCommand = z.infer<typeof menuCommandSchema>;

export const presentationSchema = z.object({
  /** The open case; null on the home screen. */
  caseId: z.string().max(100).nullable(),
  commands: z.array(menuCommandSchema).max(300),
});
export type Presentation = z.infer<typeof presentationSchema>;

export const screenRequestSchema = z.discriminatedUnion('kind', [
  /** A file came in: second instance, file association, drag on the icon, menu. */
  z.object({
    kind: z.literal('open'),
    fileId: z.string(),
    /** The screen showed it before something of the program broke: what a person is told about it. */
    after: z.enum(['engine-crash', 'screen-crash']).optional(),
  }),
  /** Something changed by no doing of a screen's (runs that slept go on): what is shown is to be asked for anew. */
  z.object({ kind: z.literal('refresh') }),
  /** A command was chosen in the menu. */
  z.object({ kind: z.literal('command'), id: z.string() }),
]);
export type ScreenRequest = z.infer<typeof screenRequestSchema>;
