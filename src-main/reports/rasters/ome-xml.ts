/** The description of a picture of one channel in OME-TIFF: OME's schema of 2016-06. */

export interface OmePicture {
  name: string;
  channel: string;
  type: 'float' | 'uint8';
  width: number;
  height: number;
  /** µm a pixel. */
  mpp?: { x: number; y: number } | undefined;
  /** Names and values, for people. */
  notes: Readonly<Record<string, string>>;
}

const escaped = (text: string): string =>
  text
    // XML 1.0 has no place for other control characters.
    // eslint-disable-next-line no-control-regex
    .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');

/** ASCII only, as the tag wants it: everything else by its number. */
const ascii = (text: string): string =>
  text.replaceAll(/[^\t\n\r -~]/gu, (sign) => `&#${sign.codePointAt(0)};`);

export function omeXml({ name, channel, type, width, height, mpp, notes }: OmePicture): string {
  const physical =
    mpp === undefined
      ? ''
      : ` PhysicalSizeX="${mpp.x}" PhysicalSizeXUnit="µm" PhysicalSizeY="${mpp.y}" PhysicalSizeYUnit="µm"`;
  const pairs = Object.entries(notes)
    .map(([key, value]) => `<M K="${escaped(key)}">${escaped(value)}</M>`)
    .join('');
  return ascii(
    '<?xml version="1.0" encoding="UTF-8"?>' +
      '<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" ' +
      'xsi:schemaLocation="http://www.openmicroscopy.org/Schemas/OME/2016-06 http://www.openmicroscopy.org/Schemas/OME/2016-06/ome.xsd">' +
      `<Image ID="Image:0" Name="${escaped(name)}">` +
      `<Pixels ID="Pixels:0" DimensionOrder="XYCZT" Type="${type}" BigEndian="false" Interleaved="false" SizeX="${width}" SizeY="${height}" SizeC="1" SizeZ="1" SizeT="1"${physical}>` +
      `<Channel ID="Channel:0:0" Name="${escaped(channel)}" SamplesPerPixel="1"/>` +
      '<TiffData IFD="0" PlaneCount="1"/></Pixels><AnnotationRef ID="Annotation:0"/></Image>' +
      '<StructuredAnnotations><MapAnnotation ID="Annotation:0" Namespace="gigatile"><Value>' +
      `${pairs}</Value></MapAnnotation></StructuredAnnotations></OME>`,
  );
}
