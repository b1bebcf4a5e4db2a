/**
 * Texts that may leave the machine (logs, problem reports), without what could name a patient or a person: paths, names of files,
 * addresses, and words that are known to be names here. What is taken away is replaced, so that a sentence stays readable.
 */

const address = /\b[a-z][a-z\d+.-]{1,20}:\/\/[^\s"'<>)\]]+/gi;
/** Of Windows (also UNC), quoted or up to the next sign that cannot be part of one. */
const windowsPath =
  /(?:\b[a-z]:|\\)\\[^\s"'<>|*?:;,)\]]+(?: [^\s"'<>|*?:;,)\]\\]{1,100}\\[^\s"'<>|*?:;,)\]]*)*/gi;
/** With spaces in its folders: from the first slash to the last one of the same clause. */
const posixPath = /(?<![\w.:/])~?\/(?:[^"'<>|:\n]{0,300}\/)?[^\s"'<>|:;,)\]]+/g;
/** In quotes it may have spaces. */
const quotedPath = /(["'`“])(?:~|[a-z]:|\\)?[\\/][^"'`”\n]*?(["'`”])/gi;
/** A name with an ending that images, cases and models have, with the spaces that a person's name brings along. */
const imageFile =
  /(?<![\p{L}\p{N}])[\p{L}\p{N}][\p{L}\p{N} _.,()+-]{0,200}\.(?:svs|ndpi|scn|bif|mrxs|svslide|vms|vmu|tiff?|btf|tf8|dcm|jp2|j2k|png|jpe?g|webp|gigatile|onnx|czi|vsi)\b/giu;
/** Where in the program's own code it was, which names nobody. */
const ownCode =
  /(?<![^\s()])(?:file:\/\/)?[^\s()]{0,300}\/((?:src-main|src-renderer|out\/main|node_modules)\/[\w@./-]+\.[cm]?[jt]s)(:\d+(?::\d+)?)?/g;

const mark = (index: number): string => `\uE000${index}\uE000`;

/** @param names paths, file names, names of people: each is replaced wherever it stands, in any case */
export function scrub(text: string, names: readonly string[] = []): string {
  const kept: string[] = [];
  let result = text.replaceAll(ownCode, (_whole, code: string, at: string | undefined) => {
    kept.push(`${code}${at ?? ''}`);
    return mark(kept.length - 1);
  });
  const longestFirst = names
    .filter((name) => name.trim().length >= 3)
    .toSorted((a, b) => b.length - a.length);
  for (const name of longestFirst) {
    const pattern = name.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
    result = result.replaceAll(new RegExp(pattern, 'giu'), '[name]');
  }
  result = result
    .replaceAll(quotedPath, '$1[path]$2')
    .replaceAll(address, '[address]')
    .replaceAll(windowsPath, '[path]')
    .replaceAll(posixPath, '[path]')
    .replaceAll(imageFile, '[file]');
  return result.replaceAll(/\uE000(\d+)\uE000/g, (_whole, index: string) => kept[Number(index)] ?? '');
}
