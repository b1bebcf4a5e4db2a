import { expect, it } from 'vitest';
import { imageInfoSchema } from '../../../src-main/contract/image.ts';
import { privacyFilter, reportImage } from '../../../src-main/reports/identity.ts';

const level = { width: 100, height: 80, downsample: 1, tileWidth: 100, tileHeight: 80 };
const info = imageInfoSchema.parse({
  name: 'Meier, Anna.svs',
  format: 'svs',
  vendor: 'aperio',
  width: 100,
  height: 80,
  mpp: null,
  geo: {
    epsg: 32632,
    crsName: 'Field of Meier',
    transform: [0, 1, 0, 0, 0, -1],
    metersPerPixel: { x: 1, y: 1 },
  },
  objectivePower: 20,
  bands: 3,
  bandNames: null,
  dtype: 'uint8',
  noData: null,
  levels: [level],
  associated: ['label', 'macro', 'Photo of Anna Meier'],
  properties: { 'aperio.Patient': 'Meier, Anna', 'aperio.AppMag': '20', 'tiff.Compression': 'JPEG' },
  parts: [{ name: 'Anna 1.png', x: 0, y: 0, width: 100, height: 80 }],
  compression: 'jpeg',
  display: { levels: [level], passthrough: true },
});
const fingerprint = '0123456789abcdef'.repeat(4);

it('says of an image only what is on the list, and which kinds of things it left out', () => {
  const image = reportImage(info, fingerprint);
  expect(JSON.stringify(image)).not.toMatch(/meier|anna|svs"?,"name/i);
  expect(image.name).toBe('Image 0123456789ab');
  expect(image.leftOut).toEqual([
    "the file's other pictures (label, macro, 1 other)",
    'its name and those of its pictures',
    '3 properties that the scanner or another program wrote',
    'where the file lies',
  ]);
});

it('says what was asked for, and then does not claim to have left it out', () => {
  const image = reportImage(info, fingerprint, ['file-name', 'properties']);
  expect(image.name).toBe('Meier, Anna.svs');
  expect(image.parts?.[0]?.name).toBe('Anna 1.png');
  expect(image.geo?.crsName).toBe('Field of Meier');
  expect(image.properties).toContainEqual({ name: 'aperio.Patient', value: 'Meier, Anna' });
  expect(image.leftOut).toEqual(["the file's other pictures (label, macro, 1 other)", 'where the file lies']);
});

it("takes names out of other people's sentences, and nothing else", () => {
  const clean = privacyFilter(info, ['/home/Station Süd/Meier, Anna.svs', 'C:\\Cases\\Huber.gigatile']);
  expect(clean('Cannot read /home/Station Süd/Meier, Anna.svs: it is cut')).toBe('Cannot read …: it is cut');
  expect(clean('MEIER, ANNA was seen at Station Süd; see Huber.gigatile')).toBe('… was seen at …; see …');
  expect(clean('JPEG data of tile 20 in the slide is damaged')).toBe(
    'JPEG data of tile 20 in the slide is damaged',
  );
  const named = privacyFilter(info, ['/home/Station Süd/Meier, Anna.svs'], ['file-name', 'properties']);
  expect(named('Meier, Anna.svs in Station Süd')).toBe('Meier, Anna.svs in …');
});
