/** What a person chooses of a report: its sections, header, logo and comments, the paper, and what of the file's own words it may show. */
import { z } from 'zod';
import { remoteUsageSchema } from './model-remote.ts';

/** In the order of the report. How the run ended and what it has not seen is in every report, at the top. */
export const reportSections = [
  'summary',
  'pictures',
  'counts',
  'hotspots',
  'review',
  'findings',
  'method',
] as const;
export const reportSectionSchema = z.enum(reportSections);
export type ReportSection = z.infer<typeof reportSectionSchema>;

export const reportSectionWords = {
  summary: 'Summary in plain words',
  pictures: 'Image and heatmap',
  counts: 'Counts, densities and areas',
  hotspots: 'Hotspots',
  review: 'Reviewers and their decisions',
  findings: 'Table of findings',
  method: 'How this was made',
} as const satisfies Record<ReportSection, string>;

/**
 * What can carry a person's name, and is left out of every export unless somebody asks for it. Pictures of the label and the whole
 * slide are never exported.
 */
export const identifyingParts = ['file-name', 'properties'] as const;
export const identifyingPartSchema = z.enum(identifyingParts);
export type IdentifyingPart = z.infer<typeof identifyingPartSchema>;

export const identifyingPartWords = {
  'file-name': 'Names of the image and its pictures',
  properties: "The scanner's own properties",
} as const satisfies Record<IdentifyingPart, string>;

export const pageSizes = ['a4', 'letter'] as const;
export const pageSizeSchema = z.enum(pageSizes);
export type PageSize = z.infer<typeof pageSizeSchema>;

/** Bytes of a logo's data URL: a few hundred kilobytes of picture. */
export const longestLogo = 400_000;

export const reportSettingsSchema = z.object({
  page: pageSizeSchema.default('a4'),
  sections: z.array(reportSectionSchema).default([...reportSections]),
  /** Over the report instead of the image's name or fingerprint. */
  title: z.string().max(200).default(''),
  /** On top of each page: an institution, a department. */
  header: z.string().max(300).default(''),
  comments: z.string().max(20_000).default(''),
  /** PNG or JPEG. */
  logo: z
    .string()
    .max(longestLogo)
    .regex(/^data:image\/(png|jpeg);base64,[A-Za-z0-9+/]+=*$/)
    .nullable()
    .default(null),
  /** So many findings are in the table. */
  findings: z.number().int().min(0).max(1000).default(50),
  include: z.array(identifyingPartSchema).default([]),
});
export type ReportSettings = z.infer<typeof reportSettingsSchema>;

export const defaultReportSettings: ReportSettings = reportSettingsSchema.parse({});

/** What a remote model would be sent of a report, before anybody agreed to it. */
export const summaryRequestSchema = z.object({
  /** Scheme, host and port. */
  endpoint: z.string(),
  model: z.string(),
  /** What goes and what does not, a sentence each. */
  leaves: z.array(z.string()),
  /** Somebody agreed to it for this case. */
  agreed: z.boolean(),
  /** Word for word, the prompt first. */
  sent: z.string(),
});
export type SummaryRequest = z.infer<typeof summaryRequestSchema>;

/** What a remote model wrote of a report's figures: kept in the case, and shown as long as the figures are those. */
export const remoteSummarySchema = z.object({
  text: z.string(),
  /** Scheme, host and port. */
  endpoint: z.string(),
  model: z.string(),
  prompt: z.string(),
  /** All that was sent beside the prompt, a line each. */
  figures: z.array(z.string()),
  /** ISO 8601. */
  at: z.string(),
  usage: remoteUsageSchema,
});
export type RemoteSummary = z.infer<typeof remoteSummarySchema>;
