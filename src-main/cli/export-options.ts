/** What `gigatile export` takes beside case, format and place: how the report is composed, and the moment that it bears. */
import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { GigatileError } from '../contract/errors.ts';
import {
  identifyingPartSchema,
  identifyingParts,
  longestLogo,
  pageSizes,
  pageSizeSchema,
  reportSections,
  reportSectionSchema,
  reportSettingsSchema,
  type ReportSettings,
} from '../contract/report.ts';
import type { ExportOptions } from '../engine/export-run.ts';

export const exportOptions = {
  page: { type: 'string' },
  sections: { type: 'string' },
  title: { type: 'string' },
  header: { type: 'string' },
  comments: { type: 'string' },
  logo: { type: 'string' },
  findings: { type: 'string' },
  include: { type: 'string' },
  timestamp: { type: 'string' },
} as const;

type Values = { [K in keyof typeof exportOptions]?: string | undefined };

/** @throws {GigatileError} usage, naming the option */
export function readExportOptions(values: Values): ExportOptions {
  const settings: Partial<ReportSettings> = {};
  const { page, sections, title, header, comments, logo, findings, include } = values;
  if (page !== undefined) settings.page = oneOf('page', page.toLowerCase(), pageSizeSchema, pageSizes);
  if (sections !== undefined) {
    settings.sections = list(sections).map((each) =>
      oneOf('sections', each, reportSectionSchema, reportSections),
    );
  }
  if (include !== undefined) {
    settings.include = list(include).map((each) =>
      oneOf('include', each, identifyingPartSchema, identifyingParts),
    );
  }
  if (title !== undefined) settings.title = title;
  if (header !== undefined) settings.header = header;
  if (comments !== undefined) settings.comments = comments;
  if (logo !== undefined) settings.logo = logoUrl(logo);
  if (findings !== undefined) settings.findings = Number(findings);
  const checked = reportSettingsSchema.partial().safeParse(settings);
  if (!checked.success) {
    const [issue] = checked.error.issues;
    throw new GigatileError(
      'usage',
      `--${issue?.path.join('.') ?? 'settings'}: ${issue?.message ?? 'not understood'}`,
    );
  }
  return { settings, timestamp: timestampOf(values.timestamp) };
}

const list = (text: string): string[] => text.split(',').flatMap((part) => part.trim() || []);

function oneOf<T>(
  option: string,
  text: string,
  schema: { safeParse(value: unknown): { success: true; data: T } | { success: false } },
  known: readonly string[],
): T {
  const parsed = schema.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new GigatileError('usage', `--${option}: there is no "${text}"`, {
    hint: `There are ${known.join(', ')}.`,
  });
}

function logoUrl(path: string): string {
  const type = { '.png': 'png', '.jpg': 'jpeg', '.jpeg': 'jpeg' }[extname(path).toLowerCase()];
  if (type === undefined) {
    throw new GigatileError('usage', 'A logo is a PNG or JPEG file', { where: path });
  }
  let url: string;
  try {
    url = `data:image/${type};base64,${readFileSync(path).toString('base64')}`;
  } catch (error) {
    throw new GigatileError('file-unreadable', 'The logo cannot be read', { where: path, cause: error });
  }
  if (url.length > longestLogo) {
    throw new GigatileError('usage', 'The logo is too large', {
      where: path,
      hint: 'Take one of less than 300 KB.',
    });
  }
  return url;
}

/** As the option says, else as SOURCE_DATE_EPOCH does (reproducible-builds.org), else now. */
function timestampOf(text: string | undefined): string | undefined {
  const epoch = process.env['SOURCE_DATE_EPOCH'];
  if (text === undefined && (epoch === undefined || epoch === '')) return undefined;
  const date = text === undefined ? new Date(Number(epoch) * 1000) : new Date(text);
  if (Number.isNaN(date.getTime())) {
    throw new GigatileError('usage', `--timestamp: "${text ?? epoch}" is no moment`, {
      hint: 'For instance 2026-05-31T12:00:00Z.',
    });
  }
  return date.toISOString();
}
