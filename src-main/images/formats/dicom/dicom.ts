/**
 * DICOM whole-slide images (VL Whole Slide Microscopy): a file opens the series that it is part of, a folder its only slide.
 * Every level is a file or a concatenation of files; label, overview and thumbnail are files of their own.
 */
import { basename } from 'node:path';
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
  return {
    backend: new DicomBackend(slide, name, codecs, limits, () => closeFiles(files)),
    description: describe(name, slide, ignored),
    fingerprint: () => seriesFingerprint(files.map(({ file }) => file)),
  };
}

function describe(name: string, slide: Slide, ignoredFiles: number): Description {
  const [base] = slide.levels;
  if (base === undefined) throw new TypeError('a slide without levels');
  const { head } = base;
  const { leftOut, otherPaths, paths } = slide;
  const described = (id: string): string => {
    const path = head.opticalPaths.find((known) => known.id === id);
    return path?.description ?? id;
  };
  return {
    name,
    format: 'dicom',
    vendor: 'dicom',
    mpp: mppOf(head),
    geo: null,
    objectivePower: head.opticalPaths[0]?.objectivePower ?? null,
    bandNames: paths.length > 1 ? paths.map(described) : null,
    noData: null,
    associated: [...slide.associated.keys()],
    compression: head.format.encoding,
    properties: propertiesOf(head, { ignoredFiles, leftOut, otherPaths }),
  };
}
