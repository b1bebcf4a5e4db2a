/** Puts a report together: the sections that were chosen, in their order, between what is never left out. */
import { defaultReportSettings, type ReportSection, type ReportSettings } from '../../contract/report.ts';
import type { Picture, ReportData } from '../report-data.ts';
import type { ReportSummary } from '../summary.ts';
import { dateTime, listed } from '../words.ts';
import { counts } from './counts.ts';
import type { Block, ReportDocument, Section } from './document.ts';
import { findings } from './findings.ts';
import { method } from './method.ts';
import { outcome } from './outcome.ts';
import { hotspots, overview, type ReportPictures } from './pictures.ts';
import { plainSummary } from './plain-summary.ts';
import { review } from './review.ts';

export function composeReport(
  data: ReportData,
  summary: ReportSummary,
  pictures: ReportPictures,
  settings: ReportSettings = defaultReportSettings,
): ReportDocument {
  const { image, model, run, software } = data;
  const make: Record<ReportSection, () => Section | null> = {
    summary: () => plainSummary(data, summary, settings.sections.includes('method')),
    pictures: () => overview(data, summary, pictures),
    counts: () => counts(data, summary),
    hotspots: () => hotspots(data, summary, pictures),
    review: () => review(data),
    findings: () => findings(data, summary),
    method: () => method(data, summary),
  };
  const chosen = Object.entries(make)
    .filter(([id]) => (settings.sections as readonly string[]).includes(id))
    .flatMap(([, section]) => section() ?? []);
  const heading = settings.title.trim() === '' ? image.name : settings.title.trim();
  return {
    title: `${heading}: ${model.manifest.name}`,
    brand: `${software.name} report`,
    heading,
    lead: `${heading === image.name ? '' : `${image.name}, `}${model.manifest.name} ${model.manifest.version}, ${dateTime(run.finishedAt ?? run.createdAt)}`,
    header: settings.header.trim() === '' ? null : settings.header.trim(),
    logo: settings.logo === null ? null : pictureOf(settings.logo),
    page: settings.page,
    sections: [outcome(data, summary), ...comments(settings), ...chosen, privacy(data)],
    footer: [
      'For research use. What a model says is not a diagnosis.',
      `Written by ${software.name} ${software.version} on ${dateTime(data.generatedAt)}.`,
    ],
    generatedAt: data.generatedAt,
    software: `${software.name} ${software.version}`,
  };
}

function comments({ comments: text }: ReportSettings): Section[] {
  const paragraphs = text.split(/\r?\n\s*\r?\n/).filter((part) => part.trim() !== '');
  if (paragraphs.length === 0) return [];
  return [
    {
      id: 'comments',
      title: 'Comments',
      blocks: paragraphs.map((part): Block => ({ kind: 'paragraph', text: part.trim() })),
    },
  ];
}

function privacy({ image }: ReportData): Section {
  const shown = [
    ...(image.isNamed ? ["the file's name"] : []),
    ...(image.properties.length > 0 ? ["the file's properties"] : []),
  ];
  return {
    id: 'privacy',
    title: 'Privacy',
    blocks: [
      {
        kind: 'paragraph',
        isNote: true,
        text: [
          { text: 'Left out, because it can name a person:', as: 'strong' },
          ` ${listed(image.leftOut)}.`,
        ],
      },
      ...(shown.length === 0
        ? []
        : [
            {
              kind: 'paragraph' as const,
              isNote: true,
              text: [
                { text: 'Shown because somebody asked for it:', as: 'strong' as const },
                ` ${listed(shown)}. Check that no patient is named before you hand this on.`,
              ],
            },
          ]),
    ],
  };
}

/** A data URL that the settings' schema has let through. */
function pictureOf(dataUrl: string): Picture {
  const [head = '', base64 = ''] = dataUrl.split(',');
  return {
    type: head.includes('image/png') ? 'image/png' : 'image/jpeg',
    bytes: Buffer.from(base64, 'base64'),
  };
}
