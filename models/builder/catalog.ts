/** The built-in models: what is written into each one's folder. */
import type { ModelManifest } from '../../src-main/contract/model.ts';
import { buildRgb, buildRgbn, landsat8, raw8, rgb, rgbHalo } from './landcover.ts';
import { stains } from '../../src-main/core/stains.ts';
import { adaptive, adaptiveHalo, buildAdaptive } from './nuclei-adaptive.ts';
import { unmixingWeights } from './nuclei-graph.ts';
import { buildHdab, buildHe, hdab, he, nucleiHalo } from './nuclei.ts';

export interface CatalogEntry {
  manifest: ModelManifest;
  /** The bytes of each of the manifest's files, in order. */
  build: (() => Uint8Array)[];
  /** Prose of the card: how it works, and what was measured (by models/evaluate.ts). */
  method: string[];
  measured: string[];
}

const version = '1.0.0';
const license = 'Apache-2.0';

const references = {
  ruifrok:
    'Ruifrok AC, Johnston DA. Quantification of histochemical staining by color deconvolution. Anal Quant Cytol Histol 2001;23:291-299.',
  lindeberg:
    'Lindeberg T. Feature detection with automatic scale selection. Int J Comput Vis 1998;30:79-116.',
  macenko:
    'Macenko M et al. A method for normalizing histology slides for quantitative analysis. ISBI 2009;1107-1110.',
  qupath:
    'Bankhead P et al. QuPath: open source software for digital pathology image analysis. Sci Rep 2017;7:16878 (default DAB threshold for 1+).',
  rouse:
    'Rouse JW et al. Monitoring vegetation systems in the Great Plains with ERTS. NASA SP-351, 1974 (NDVI).',
  mcfeeters:
    'McFeeters SK. The use of the Normalized Difference Water Index (NDWI) in the delineation of open water features. Int J Remote Sens 1996;17:1425-1432.',
  usgs: 'USGS. Landsat 8 (L8) Data Users Handbook, LSDS-1574: DN to top-of-atmosphere reflectance.',
  woebbecke:
    'Woebbecke DM et al. Color indices for weed identification under various soil, residue, and lighting conditions. Trans ASAE 1995;38:259-269.',
} as const;

const slideInput = {
  name: 'image',
  layout: 'NHWC',
  dtype: 'uint8',
  bands: ['red', 'green', 'blue'],
  tileSize: 512,
  fixedSize: false,
} satisfies ModelManifest['input'];

const nucleiLimits = [
  'Made for 0.5 µm per pixel: with a wrong resolution nuclei are missed or hit several times.',
  'Large, pale (vesicular) nuclei can be hit several times.',
  'Elongated and touching nuclei are missed in part; the box has a fixed size and is no outline.',
];

const classColors = {
  noData: [128, 128, 128],
  vegetation: [0, 158, 115],
  water: [0, 114, 178],
  bright: [240, 228, 66],
  other: [213, 94, 0],
} as const satisfies Record<string, readonly [number, number, number]>;

/** Pixels of Landsat (30 m) in about a hectare, a usual smallest unit of land cover maps. */
const smallestScene = 12;

const color = (name: keyof typeof classColors): [number, number, number] => [...classColors[name]];

/** What all models that find nuclei in H&E take and give. */
function nucleiOfHe(halo: number, keepFrom: number) {
  return {
    input: slideInput,
    stains: {
      weights: unmixingWeights,
      names: ['haematoxylin', 'eosin'],
      vectors: [[...stains.hematoxylin], [...stains.eosin]],
    },
    halo,
    outputs: {
      detections: { name: 'detections' },
      tileValues: {
        name: 'tile_values',
        names: ['tissue fraction', 'nuclei per mm² of tissue', 'mean haematoxylin OD', 'mean eosin OD'],
      },
    },
    classes: [{ name: 'nucleus', color: [0, 158, 115] }],
    backgroundClass: null,
    threshold: 0.5,
    keepFrom,
    tileColor: { by: 'density', full: 6000 },
    background: 'tissue',
  } satisfies Partial<CatalogEntry['manifest']>;
}

export const catalog: readonly CatalogEntry[] = [
  {
    manifest: {
      schema: 1,
      id: 'he-nuclei',
      name: 'Nuclei in H&E',
      version,
      task: 'detect',
      license,
      description:
        'Finds cell nuclei in tissue stained with haematoxylin and eosin: stain unmixing and blob detection from published constants, no training.',
      limits: [
        ...nucleiLimits,
        'Frozen sections with much eosin yield almost nothing.',
        'Needs the usual colours of H&E on white glass: in violet or otherwise unbalanced pictures it misses almost everything (see what was measured); he-nuclei-adaptive is for those. Where both stains are there in other colours, --stain macenko helps.',
        'It says where nuclei are, not what they are: no diagnosis follows from it.',
      ],
      references: [references.ruifrok, references.lindeberg, references.macenko],
      files: [{ file: 'he-nuclei.onnx', imageTypes: ['uint8'] }],
      mpp: he.mpp,
      ...nucleiOfHe(nucleiHalo, he.keepFrom),
    },
    build: [buildHe],
    method: [
      `Optical density is -log10(max(I, 1) / 255). It is unmixed into haematoxylin and eosin with the vectors of Ruifrok and Johnston (normalised; the residual goes to their cross product) and negative amounts are cut off.`,
      `A Laplacian of Gaussian (sigma ${he.sigma} px, scale-normalised, mirrored borders) answers to blobs of haematoxylin. A detection is a local maximum in ${he.peakWindow} x ${he.peakWindow} px; its confidence is 1 - 2^(-response / ${he.response}), hence 0.5 at a response of ${he.response}; candidates are kept from ${he.keepFrom}.`,
      `With \`--stain macenko\` the vectors are those of the slide: of up to 12 tiles full of tissue, the directions in the plane of optical densities beyond which 5 % of the stained pixels lie (Macenko, with 5 % in the place of 1 %). They are recorded with the run.`,
      `Gates: smoothed haematoxylin above ${he.hematoxylin} and above ${he.overEosin} times the mean of eosin (removes collagen edges and red cells); tissue, that is a mean optical density above ${he.tissueDensity} and a mean saturation above ${he.tissueSaturation}.`,
    ],
    measured: [
      'Reference value: CMU-1-Small-Region.svs (OpenSlide test data, CC0) at (700, 900), 512 x 512 px, gives 305 candidates, 263 of them at the threshold, on pixels decoded by OpenSlide. No annotation exists for it: it tells whether a build or a decoder deviates, not how right the model is.',
      'Tiles with the stated context give the same detections as the whole slide region: 0 missing, 0 extra.',
      'Tiles that are skipped as background held no detection on that slide.',
      'A hard set: 12 pictures with 827 annotated nuclei (CC0 part of the 2018 Data Science Bowl, `node models/evaluate.ts`, centres within 3 µm; 6 are violet throughout, 2 purple on pale glass, 4 full of eosin). Pixels as they are: precision 0.43, recall 0.03, F1 0.06. Scaled to a median nucleus of 8 µm: precision 0.69, recall 0.04, F1 0.07. Scaled and with the ground made white: precision 0.60, recall 0.004, F1 0.01. The eosin gate causes most of it: without that gate the scaled pictures give precision 0.77, recall 0.39, F1 0.52. The model is not made for such pictures: he-nuclei-adaptive is (F1 0.745).',
      'The same with the stains of each picture (`--stain macenko`): precision 0.52, recall 0.04, F1 0.07 on all 12; on the 4 pink ones precision 0.67, recall 0.67, F1 0.67, where the published stains find nothing; on the violet ones nothing is gained, as they show one stain only.',
      'Where the usual colours are there, the published stains are as good or better, so they are the default: on a sample slide with known nuclei (`gigatile sample pathology --size 6000x4000 --seed 7`, 9,235 nuclei, matched within 3 µm, `gigatile evaluate`) precision 0.97, recall 0.91, F1 0.944; with `--stain macenko` precision 0.98, recall 0.91, F1 0.942. Samples are drawn, not scanned: they show that nothing is broken, no more. On CMU-1-Small-Region.svs (no annotation) macenko gives 3,107 findings instead of 3,614.',
      'A tile of 512 x 512 px takes about 16 ms on one thread of a server core.',
    ],
  },
  {
    manifest: {
      schema: 1,
      id: 'he-nuclei-adaptive',
      name: 'Nuclei, H&E in unusual colours',
      version,
      task: 'detect',
      license,
      description:
        'Finds cell nuclei where stain or light are unusual (violet, full of eosin, no white ground), and hits large nuclei once: spots darker in red light than their surroundings, at two sizes. No training.',
      limits: [
        'Made for 0.5 µm per pixel: with a wrong resolution nuclei are missed or hit several times.',
        'Of touching nuclei in crowds and palisades a third or more is missed, and some hits lie between two; the box has one of two sizes and is no outline.',
        'Everything blue, violet, green or black of the size of a nucleus is taken for one: ink, folds, pigment, horn.',
        'Very pale, very large nuclei (12 µm and more) can be missed or hit twice; pale cytoplasm between crowded nuclei is hit now and then.',
        'Where the colours are the usual ones he-nuclei misses fewer nuclei that touch.',
        'It says where nuclei are, not what they are: no diagnosis follows from it.',
      ],
      references: [references.ruifrok, references.lindeberg],
      files: [{ file: 'he-nuclei-adaptive.onnx', imageTypes: ['uint8'] }],
      mpp: adaptive.mpp,
      ...nucleiOfHe(adaptiveHalo, adaptive.keepFrom),
    },
    build: [buildAdaptive],
    method: [
      `Optical density of red light, -log10(max(I, 1) / 255): haematoxylin takes red, eosin and blood let it pass (Ruifrok and Johnston). No stain is unmixed to find nuclei, so neither the published colours nor a white ground are needed.`,
      `Two Laplacians of Gaussian (sigma ${adaptive.sigmas.join(' and ')} px, scale-normalised, mirrored borders) compare each place with what lies around it. The stronger answer counts, the larger sigma's ${adaptive.preferLarge} times: so a large nucleus is one hit in its middle, not one for each clump of chromatin. A detection is a local maximum in ${adaptive.peakWindow} x ${adaptive.peakWindow} px; its box has the radius that answers strongest to the sigma that won (${adaptive.boxRadii.join(' or ')} px).`,
      `The confidence is 1 - 2^(-response / ${adaptive.response}), hence 0.5 at a response of ${adaptive.response}: half of what he-nuclei asks, seen in red light. Candidates are kept from ${adaptive.keepFrom}.`,
      `Gates, over ${adaptive.peakWindow} x ${adaptive.peakWindow} px: mean density of red above ${adaptive.red}, and above ${adaptive.overBlue} times that of blue (haematoxylin has 2.2, eosin 0.6: removes collagen and red cells); tissue as in he-nuclei.`,
      `Which constants were chosen how: the smaller sigma, the window and the tissue gate are he-nuclei's; the larger sigma is half an octave above. The larger one's preference and the response lie where F1 over 6 of the 12 pictures below is flat at its best (1.1 to 1.25, 0.035 to 0.045); the gates follow the stains' published densities, a look at CMU-1-Small-Region.svs and the colours of all 12. The figures of the 6 others did not decide, but they were seen beside, also while the method was chosen.`,
      `Tried without gain on the same pictures: a response divided by the contrast of the surroundings (windows of 33 to 97 px), soft local thresholds before the filter, unmixed haematoxylin in the place of red, the determinant of the Hessian, elongated filters in four directions, a third sigma of 3 or 8.5 px.`,
      `\`--stain macenko\` is taken, but changes only the mean amounts of both stains of a tile, not what is found. Haematoxylin unmixed with each picture's own stains found next to nothing in pictures of one stain.`,
    ],
    measured: [
      'A hard set: 12 pictures with 827 annotated nuclei (CC0 part of the 2018 Data Science Bowl, `node models/evaluate.ts --model he-nuclei-adaptive`, centres within 3 µm), scaled to a median nucleus of 8 µm: precision 0.80, recall 0.70, F1 0.745 (he-nuclei: 0.07). The 6 violet ones: precision 0.78, recall 0.69, F1 0.73 (he-nuclei: 0.05); the 4 full of eosin: precision 0.80, recall 0.77, F1 0.79 (0; with --stain macenko 0.67); the 2 on pale glass: precision 0.89, recall 0.73, F1 0.80 (0.19). Of single pictures F1 is 0.66 to 0.90.',
      'The 6 of them that the preference and the response were chosen on (4193474b, 87ea7289, 00ae65c1, 2dd3356f, f952cc65, 708eb41a): F1 0.73. The 6 others: F1 0.77. They are no wholly independent set: their figures were seen, and the violet ones are all of one tint and may be of one slide.',
      'The same pictures in their own pixels, 0.8 to 2.8 times as large: precision 0.65, recall 0.67, F1 0.66. Scaled, and the ground made white: precision 0.80, recall 0.64, F1 0.71.',
      'On a sample slide with known nuclei (`gigatile sample pathology --size 6000x4000 --seed 7`, 9,235 nuclei, `gigatile evaluate`): precision 0.995, recall 0.865, F1 0.926; he-nuclei has 0.974, 0.915 and 0.944. What it misses is one of two neighbours that touch: half of the missed ones have another centre within 5.5 µm. Samples are drawn, not scanned.',
      'On CMU-1-Small-Region.svs (no annotation) it gives 3,318 findings where he-nuclei gives 3,614; 3,093 are the same. By eye over three parts of it: of those that only he-nuclei has, most are second hits of one nucleus, a few are small nuclei that were lost; those that only this one has are pale nuclei, and some pale cytoplasm. Both count folds and horn at the edge of the tissue.',
      'Reference value: CMU-1-Small-Region.svs at (700, 900), 512 x 512 px, gives 266 candidates, 259 of them at the threshold, on pixels decoded by OpenSlide.',
      'Tiles of 300 px with the stated context give the same detections as the whole of CMU-1-Small-Region.svs: 0 missing, 0 extra; without context 360 and 618.',
      'A tile of 512 x 512 px takes 1.9 times as long as with he-nuclei (24 and 13 ms on one thread, the quickest of 25 in one run).',
    ],
  },
  {
    manifest: {
      schema: 1,
      id: 'hdab-nuclei',
      name: 'Positive and negative nuclei in H-DAB',
      version,
      task: 'detect',
      license,
      description:
        'Finds nuclei in immunohistochemistry with haematoxylin and DAB, and tells brown (positive) from blue (negative) ones, as for an index of Ki-67, ER or PR. Published constants, no training.',
      limits: [
        ...nucleiLimits,
        'For nuclear markers only: with DAB in the cytoplasm or at the membrane, brown texture is counted as positive nuclei.',
        'The border between positive and negative is a fixed optical density: it is not calibrated to a scanner, an antibody or a laboratory.',
        'Not validated on annotated immunohistochemistry: treat any index from it as a rough estimate.',
      ],
      references: [references.ruifrok, references.lindeberg, references.qupath],
      files: [{ file: 'hdab-nuclei.onnx', imageTypes: ['uint8'] }],
      mpp: hdab.mpp,
      input: slideInput,
      stains: {
        weights: unmixingWeights,
        names: ['haematoxylin', 'DAB'],
        vectors: [[...stains.hematoxylin], [...stains.dab]],
      },
      halo: nucleiHalo,
      outputs: {
        detections: { name: 'detections' },
        tileValues: {
          name: 'tile_values',
          names: [
            'tissue fraction',
            'positive nuclei per mm² of tissue',
            'negative nuclei per mm² of tissue',
            'mean haematoxylin OD',
            'mean DAB OD',
          ],
        },
      },
      classes: [
        { name: 'positive nucleus', color: [240, 228, 66] },
        { name: 'negative nucleus', color: [0, 158, 115] },
      ],
      backgroundClass: null,
      threshold: 0.5,
      keepFrom: hdab.keepFrom,
      tileColor: { by: 'density', full: 6000 },
      background: 'tissue',
    },
    build: [buildHdab],
    method: [
      `As he-nuclei, with the vectors of haematoxylin and DAB. The response is the stronger one of haematoxylin alone and ${hdab.bothWeight} times haematoxylin + DAB, because a strongly positive nucleus can hide its haematoxylin; the confidence is 0.5 at a response of ${hdab.response}.`,
      `Gates: smoothed haematoxylin + DAB above ${hdab.stain}; tissue as in he-nuclei. A nucleus is positive where smoothed DAB is above ${hdab.positive}.`,
      `Positive index = positive / (positive + negative) detections at the threshold.`,
    ],
    measured: [
      'Discs of DAB and of haematoxylin colour on pale tissue are told apart without a fault (a test; it shows that the graph does what is said above, no more).',
      'On a slide region with cytoplasmic DAB (scikit-image ihc.png) hundreds of false positive nuclei are counted: see the limits.',
    ],
  },
  {
    manifest: {
      schema: 1,
      id: 'landcover-rgbn',
      name: 'Land cover from four bands',
      version,
      task: 'segment',
      license,
      description:
        'Vegetation, water and bright surfaces (cloud, snow) from red, green, blue and near infrared by spectral indices. Published indices, no training.',
      limits: [
        `The 8-bit file takes raw numbers as of Landsat 7 (thresholds: NDVI ${raw8.ndvi}, NDWI ${raw8.ndwi}); other 8-bit stretches shift them.`,
        `The 16-bit file takes Landsat 8 and 9 Level-1 numbers (reflectance = DN * ${landsat8.gain} - 0.1; thresholds: NDVI ${landsat8.ndvi}, NDWI ${landsat8.ndwi}); Sentinel-2 and Landsat Collection 2 Level-2 numbers are scaled differently and are misread.`,
        'Cloud, snow, sand and roofs are one class: bright.',
        'Shadow of clouds and terrain can pass as water.',
        'A pixel is no data only where all four bands are 0.',
        `Regions of fewer than ${smallestScene} pixels (about a hectare of Landsat) are left out of the findings; area fractions count their pixels.`,
      ],
      references: [references.rouse, references.mcfeeters, references.usgs],
      files: [
        { file: 'landcover-rgbn-uint8.onnx', imageTypes: ['uint8'] },
        { file: 'landcover-rgbn-uint16.onnx', imageTypes: ['uint16'], dtype: 'uint16' },
      ],
      mpp: null,
      input: {
        name: 'image',
        layout: 'NHWC',
        dtype: 'uint8',
        bands: ['red', 'green', 'blue', 'nir'],
        tileSize: 256,
        fixedSize: false,
      },
      halo: 0,
      outputs: { labels: { name: 'labels' }, classFractions: { name: 'fractions' } },
      classes: [
        { name: 'no data', color: color('noData') },
        { name: 'vegetation', color: color('vegetation') },
        { name: 'water', color: color('water') },
        { name: 'bright (cloud, snow)', color: color('bright') },
        { name: 'other (bare, built)', color: color('other') },
      ],
      backgroundClass: 0,
      threshold: 0.5,
      keepFrom: 0,
      tileColor: { by: 'class' },
      smallestRegion: smallestScene,
      background: 'nodata',
    },
    build: [() => buildRgbn('uint8', raw8), () => buildRgbn('uint16', landsat8)],
    method: [
      'NDVI = (nir - red) / (nir + red); NDWI = (green - nir) / (green + nir); brightness = mean of red, green and blue. Each class has a margin (its index minus its threshold, steep), "other" has the margin 0, and the largest margin wins, pixel by pixel.',
      `8-bit: value = DN / 255, bright above ${raw8.bright}. 16-bit: value = max(0, DN * ${landsat8.gain} - 0.1), bright above ${landsat8.bright}. Water loses margin where the pixel is bright, because thin cloud has a high NDWI too.`,
    ],
    measured: [
      'Every pixel of a Landsat 7 scene (349 x 352, 8 bit) and of a Landsat 8 scene (77 x 78, 16 bit) gets the class of an independent build of the same rules. No ground truth was used.',
    ],
  },
  {
    manifest: {
      schema: 1,
      id: 'landcover-rgb',
      name: 'Land cover from RGB',
      version,
      task: 'segment',
      license,
      description:
        'Vegetation and cloud or snow from an 8-bit colour picture by excess green and brightness. Published index, no training.',
      limits: [
        'No water: shadowed forest and asphalt look like it without near infrared.',
        'Everything green is vegetation, and dry vegetation is not.',
        'Cloud, snow, white roofs and glare are one class.',
        'Colours that were stretched or balanced for display shift the threshold.',
        'A pixel is no data only where red, green and blue are all 0: very dark shadow can be that too.',
        `Regions of fewer than ${rgb.window ** 2} pixels (what is averaged for one) are left out of the findings; area fractions count their pixels.`,
      ],
      references: [references.woebbecke],
      files: [{ file: 'landcover-rgb.onnx', imageTypes: ['uint8'] }],
      mpp: null,
      input: {
        name: 'image',
        layout: 'NHWC',
        dtype: 'uint8',
        bands: ['red', 'green', 'blue'],
        tileSize: 256,
        fixedSize: false,
      },
      halo: rgbHalo,
      outputs: { labels: { name: 'labels' }, classFractions: { name: 'fractions' } },
      classes: [
        { name: 'no data', color: color('noData') },
        { name: 'vegetation', color: color('vegetation') },
        { name: 'cloud or snow', color: color('bright') },
        { name: 'other', color: color('other') },
      ],
      backgroundClass: 0,
      threshold: 0.5,
      keepFrom: 0,
      tileColor: { by: 'class' },
      smallestRegion: rgb.window ** 2,
      background: 'nodata',
    },
    build: [buildRgb],
    method: [
      `Pixels are averaged over ${rgb.window} x ${rgb.window}. Excess green = 2g - r - b on chromatic coordinates (r + g + b = 1): vegetation above ${rgb.excessGreen}. Cloud or snow: the smallest of red, green and blue above ${rgb.bright}. Where both hold, the larger margin wins.`,
    ],
    measured: [
      'On a Landsat 7 RGB scene (791 x 718) the class agrees with an independent build of the same rules in more than 99.9 % of the pixels that both can name. No ground truth was used.',
    ],
  },
];
