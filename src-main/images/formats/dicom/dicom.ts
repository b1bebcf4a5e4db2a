/**
 * DICOM whole-slide images (VL Whole Slide Microscopy): a file opens the series that it is part of, a folder its only slide.
 * Every level is a file or a concatenation of files; label, overview and thumbnail are files of their own.
 */
import { basename } from 'node:path';
import { channelColours } from '../channel-colours.ts';
import type { FileFormat, FolderFormat, OpenedFormat, OpenOptions } from '../format.ts';
import type { Description } from '../../pyramid-source.ts';
import { DicomBackend } from './dicom-backend.ts';
import { closeFiles, holdsDicom, isDicom, onlySeriesIn, seriesOf } from './find-series.ts';
import type { SeriesFiles } from './find-series.ts';
import { mppOf, propertiesOf } from './properties.ts';
import { readSlide } from './series.ts';
import type { Slide } from './series.ts';
import { seriesFingerprint } from './series-fingerprint.ts';

export const dicomFormat: FileFormat = {
  id: 'dicom',
  knows: ({ head }) => isDicom(head),
  async open({ file }, options) {
    const series = seriesOf(file);
    try {
      return opened(file.name, series, options);
    } catch (error) {
      // The first is the caller's.
      closeFiles(series.files.slice(1));
      throw error;
    }
  },
};

export const dicomFolder: FolderFormat = {
  id: 'dicom',
  knows: holdsDicom,
  async open(folder, _names, options) {
    const series = onlySeriesIn(folder);
    try {
      return opened(basename(folder), series, options);
    } catch (error) {
      closeFiles(series.files);
      throw error;
    }
  },
};

function opened(name: string, { files, ignored }: SeriesFiles, options: OpenOptions): OpenedFormat {
  const slide = readSlide(files, options);
  const { codecs, limits } = options;
  const names = bandNamesOf(slide);
  const channelColors =
    names === null
      ? null
      : channelColours(names.map((own) => ({ name: own, color: null, wavelength: null })));
  return {
    backend: new DicomBackend({ ...slide, channelColors }, name, codecs, limits, () => closeFiles(files)),
    description: describe(name, slide, ignored),
    fingerprint: () => seriesFingerprint(files.map(({ file }) => file)),
  };
}

/** One a band: what the optical path is described as, else its identifier; null where the bands are colours. */
function bandNamesOf({ levels, paths }: Slide): string[] | null {
  if (paths.length < 2) return null;
  const known = (levels[0]?.planes ?? []).flatMap(({ image }) => image.head.opticalPaths);
  return paths.map((id) => known.find((path) => path.id === id)?.description ?? id);
}

function describe(name: string, slide: Slide, ignoredFiles: number): Description {
  const [base] = slide.levels;
  if (base === undefined) throw new TypeError('a slide without levels');
  const { head } = base;
  const { leftOut, otherPaths } = slide;
  return {
    name,
    format: 'dicom',
    vendor: 'dicom',
    mpp: mppOf(head),
    geo: null,
    objectivePower: head.opticalPaths[0]?.objectivePower ?? null,
    bandNames: bandNamesOf(slide),
    noData: null,
    associated: [...slide.associated.keys()],
    compression: head.format.encoding,
    properties: propertiesOf(head, { ignoredFiles, leftOut, otherPaths }),
  };
}
