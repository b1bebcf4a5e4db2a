/** What programs that nobody here wrote say of a PDF: poppler and qpdf. */
import { spawnSync } from 'node:child_process';

function output(program: string, args: string[]): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}${stdout}`);
  return stdout;
}

export const pdfText = (path: string): string => output('pdftotext', ['-layout', path, '-']);

export const pdfInfo = (path: string): string => output('pdfinfo', [path]);

/** The metadata that archives read (XMP). */
export const pdfMetadata = (path: string): string => output('pdfinfo', ['-meta', path]);

/** Name, type, whether embedded and whether a subset, of each font. */
export function pdfFonts(path: string): { name: string; isEmbedded: boolean; isSubset: boolean }[] {
  return output('pdffonts', [path])
    .split('\n')
    .slice(2)
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [isEmbedded, isSubset] = line.trim().split(/\s+/).slice(-5, -3);
      return {
        name: line.split(' ')[0] ?? '',
        isEmbedded: isEmbedded === 'yes',
        isSubset: isSubset === 'yes',
      };
    });
}

/** The structure that screen readers follow, as a tree of tags. */
export const pdfStructure = (path: string): string => output('pdfinfo', ['-struct', path]);

/** @throws where the file breaks a rule of the format */
export const checkPdf = (path: string): string => output('qpdf', ['--check', path]);

/** The same file with nothing compressed: everything that is in it can be searched. */
export function pdfUnpacked(path: string): Buffer {
  const { status, stdout, stderr } = spawnSync('qpdf', ['--qdf', '--object-streams=disable', path, '-'], {
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(stderr.toString());
  return stdout;
}
