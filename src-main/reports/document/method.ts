/** How it was made: image, model with its limits, parameters, machine, software. What somebody needs to make it again. */
import type { Geo } from '../../contract/image.ts';
import { isProjectable, pixelToLonLat } from '../../core/geo.ts';
import { defaultTolerance } from '../../core/tolerance.ts';
import { seamRule } from '../../core/segment-seams.ts';
import type { ReportData } from '../report-data.ts';
import type { ReportSummary } from '../summary.ts';
import { count, dateTime, duration, measure, plural } from '../words.ts';
import type { Block, Section, Text } from './document.ts';

type Fact = [name: string, value: Text | { list: readonly Text[] } | null];

const code = (text: string): Text => [{ text, as: 'code' }];

function facts(label: string, list: readonly Fact[]): Block[] {
  return [
    { kind: 'heading', text: label },
    {
      kind: 'facts',
      label,
      items: list.flatMap(([name, value]) => (value === null || value === '' ? [] : [{ name, value }])),
    },
  ];
}

export function method(data: ReportData, summary: ReportSummary): Section {
  return {
    id: 'method',
    title: 'How this was made',
    blocks: [
      ...facts('Image', imageFacts(data)),
      ...facts('Model', modelFacts(data)),
      ...facts('Run', runFacts(data, summary)),
      ...(data.remoteSummary === undefined
        ? []
        : facts('Summary by a remote model', [['What it was given', { list: data.remoteSummary.figures }]])),
      ...(data.image.properties.length === 0
        ? []
        : facts(
            "The file's own properties",
            data.image.properties.map(({ name, value }) => [name, value]),
          )),
    ],
  };
}

function imageFacts(data: ReportData): Fact[] {
  const { image } = data;
  return [
    ['File name', image.isNamed ? image.name : 'left out'],
    ['Fingerprint (SHA-256)', code(data.fingerprint)],
    [
      'Size',
      `${count(image.width)} × ${count(image.height)} px, ${plural(image.bands, 'band')} of ${image.dtype}`,
    ],
    ['Resolution', resolution(data)],
    ['Coordinate system', image.geo === null ? null : crs(data)],
    ['Centre', image.geo === null ? null : centre(image.geo, image.width / 2, image.height / 2)],
    ['Format', `${image.format}${image.vendor === null ? '' : ` (${image.vendor})`}, ${image.compression}`],
  ];
}

function modelFacts({ model }: ReportData): Fact[] {
  const { manifest } = model;
  return [
    ['Name', `${manifest.name}, version ${manifest.version}`],
    ['Identifier', code(manifest.id)],
    ['SHA-256 of the file', code(model.sha256)],
    ['What it does', manifest.description],
    ['Licence', manifest.license],
    ['Known limits', manifest.limits.length === 0 ? 'None stated' : { list: manifest.limits }],
    ['References', manifest.references.length === 0 ? null : { list: manifest.references }],
  ];
}

function runFacts(data: ReportData, summary: ReportSummary): Fact[] {
  const { run, plan, model } = data;
  const { parameters } = run;
  return [
    ['Started', dateTime(run.createdAt)],
    ['Ended', run.finishedAt === null ? 'not yet' : dateTime(run.finishedAt)],
    ['Why it ended', whyEnded(data)],
    ['Time worked', duration(run.seconds)],
    ['Threshold', `${measure(data.threshold)} (findings are kept from ${measure(model.manifest.keepFrom)})`],
    [
      'Tiles',
      `${count(plan.columns)} × ${count(plan.rows)} of ${plan.tileWidth} × ${plan.tileHeight} model pixels, overlap ${plan.overlap}${plan.overlapY === undefined ? '' : ` × ${plan.overlapY}`}; one model pixel is ${measure(plan.scaleX)}${plan.scaleX === plan.scaleY ? '' : ` × ${measure(plan.scaleY)}`} image pixels`,
    ],
    ['Merging across tiles', mergeWords(data, summary)],
    ['Region', regionWords(parameters)],
    ['Content gate', gateWords(data)],
    ['Tolerated failures', toleranceWords(data)],
    ['JPEG decoder', parameters.jpeg === 'exact' ? 'exact' : 'fast (within 5 of 255 of the exact one)'],
    [
      'Image codecs',
      data.wasmCodecs === true
        ? 'libvips as WebAssembly, because its native build does not work there'
        : null,
    ],
    ['Fitting the model', data.notes.join(' ')],
    ['Computed on', run.provider],
    ['Machine', data.machine],
    ['Run', [{ text: run.id, as: 'code' }, `, made by ${data.software.name} ${data.runSoftware}`]],
  ];
}

function whyEnded({ run }: ReportData): string | null {
  const words = {
    'all-ended': 'No tile was left',
    'minimum-reached': 'As many tiles as were wanted were done',
    'tolerance-exceeded': 'More tiles failed than the run tolerates',
  };
  const why = run.completion === undefined ? null : words[run.completion];
  return [why, run.reason].filter((text) => text !== null).join('. ');
}

function resolution({ image, run }: ReportData): string {
  const own = run.parameters.mpp;
  const power = image.objectivePower === null ? '' : `, objective ${image.objectivePower}×`;
  if (own !== undefined) return `${measure(own)} µm per pixel, as the person stated${power}`;
  if (image.mpp !== null) {
    const { x, y } = image.mpp;
    return `${measure(x)}${x === y ? '' : ` × ${measure(y)}`} µm per pixel${power}`;
  }
  const metres = image.geo?.metersPerPixel;
  if (!metres) return 'not known: no areas or densities';
  return `${measure(metres.x)} × ${measure(metres.y)} m per pixel at the centre`;
}

function crs({ image }: ReportData): string {
  const { geo } = image;
  if (geo === null) return '';
  const name = geo.epsg === null ? 'no EPSG code' : `EPSG:${geo.epsg}`;
  return geo.crsName === null ? name : `${geo.crsName} (${name})`;
}

/** Four decimals are ten metres. */
function centre(geo: Geo, x: number, y: number): string | null {
  if (!isProjectable(geo)) return null;
  const [longitude, latitude] = pixelToLonLat(geo)(x, y);
  if (!Number.isFinite(longitude) || !Number.isFinite(latitude)) return null;
  const words = (degrees: number, sides: string): string =>
    `${Math.abs(degrees).toFixed(4)}° ${sides.charAt(degrees < 0 ? 1 : 0)}`;
  return `${words(latitude, 'NS')}, ${words(longitude - 360 * Math.round(longitude / 360), 'EW')} (WGS84)`;
}

function mergeWords({ run, model, plan }: ReportData, summary: ReportSummary): string {
  const merge = run.parameters.merge ?? { mode: 'exact' };
  if (merge.mode === 'sahi')
    return `As SAHI does: ${merge.type}, ${merge.metric} ${measure(merge.threshold)}`;
  if (model.manifest.task === 'segment' && summary.first.some(({ kind }) => kind === 'region')) {
    return seamRule(model.manifest).seams === 'blend' && plan.overlap > 2 * model.manifest.halo
      ? 'Regions go on over tile borders; where tiles overlap, their probabilities are blended'
      : 'Regions go on over tile borders; each pixel is taken from the tile whose cell holds it';
  }
  if (model.manifest.task !== 'detect') return 'None: each tile is a result of its own';
  return model.manifest.halo > 0 && plan.overlap >= 2 * model.manifest.halo
    ? 'Exact: each finding belongs to the one tile whose cell holds its centre'
    : 'Exact: the same object seen from two tiles (IoU of one half or more) counts once';
}

function gateWords({ run }: ReportData): string | null {
  const { gate } = run.parameters;
  if (gate === undefined) return null;
  return `${gate.model}: tiles of ${gate.accept.join(', ')} from a probability of ${measure(gate.from ?? 0.5)}`;
}

function toleranceWords({ run }: ReportData): string {
  const tolerate = run.parameters.tolerate ?? defaultTolerance;
  return tolerate.kind === 'count'
    ? plural(tolerate.value, 'tile')
    : `${measure(tolerate.value)} % of the tiles`;
}

function regionWords({ roi, exclude }: ReportData['run']['parameters']): string {
  const included = roi === undefined ? 'The whole image' : plural(roi.length, 'polygon');
  return exclude === undefined
    ? included
    : `${included}, without the tiles that lie wholly in ${plural(exclude.length, 'excluded polygon')}`;
}
