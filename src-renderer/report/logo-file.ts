/** A logo for a report, out of a file that a person chose. */
import { longestLogo } from '../../src-main/contract/report.ts';
import { words } from '../words/words.ts';

/** @throws {Error} whose message tells the person what is wrong with it */
export async function logoOf(file: File): Promise<string> {
  if (file.type !== 'image/png' && file.type !== 'image/jpeg')
    throw new Error(words.report.aLogoIsAPngOrJpegFile);
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const reader = new FileReader();
  reader.addEventListener('load', () => resolve(reader.result));
  reader.addEventListener('error', () => reject(new Error(words.report.thisFileCannotBeRead)));
  reader.readAsDataURL(file);
  const url = await promise;
  if (typeof url !== 'string') throw new Error(words.report.thisFileCannotBeRead);
  if (url.length > longestLogo) throw new Error(words.report.thisFileIsTooLarge);
  return url;
}
