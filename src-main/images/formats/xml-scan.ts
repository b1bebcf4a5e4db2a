/**
 * Just enough XML for the metadata in images: start tags and their attributes, and the text of simple elements. No entities
 * beyond the five of XML and character references, no external anything: a slide is untrusted input.
 */

/** The start tags of all elements of a name, with or without a namespace prefix, in document order. */
export function xmlElements(xml: string, name: string): string[] {
  return [...xml.matchAll(new RegExp(`<(?:\\w+:)?${name}(?:\\s[^<>]*)?/?>`, 'g'))].map((match) => match[0]);
}

/** Attributes of a start tag. */
export function xmlAttributes(startTag: string): Map<string, string> {
  const attributes = new Map<string, string>();
  for (const match of startTag.matchAll(/([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g)) {
    attributes.set(match[1] ?? '', xmlText(match[2] ?? match[3] ?? ''));
  }
  return attributes;
}

/** All elements of a name that hold text only: their attributes and their text. */
export function xmlTextElements(
  xml: string,
  name: string,
): { attributes: Map<string, string>; text: string }[] {
  return [...xml.matchAll(new RegExp(`(<${name}(?:\\s[^<>]*)?>)([^<]*)</${name}>`, 'g'))].map((match) => ({
    attributes: xmlAttributes(match[1] ?? ''),
    text: xmlText(match[2] ?? ''),
  }));
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** Text without XML's own five entities and character references. */
export function xmlText(text: string): string {
  return text.replaceAll(/&(?:#(\d{1,7})|#x([\da-fA-F]{1,6})|(\w+));/g, (whole, decimal, hex, name) => {
    const code = decimal === undefined ? (hex === undefined ? null : parseInt(hex, 16)) : Number(decimal);
    if (code !== null) return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    return entities[name] ?? whole;
  });
}
