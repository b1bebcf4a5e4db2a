/** For `gigatile doctor`: whether OpenSlide is here, and what it would open. Without it everything else works. */
import { toPlainError } from '../../contract/errors.ts';
import { installHint } from './find-library.ts';
import { loadOpenSlide } from './library.ts';

const formats = 'MIRAX (.mrxs), Hamamatsu VMS and VMU (.vms, .vmu), Sakura (.svslide)';

export async function openSlideReport(): Promise<{ name: string; ok: boolean; detail: string }> {
  const name = 'openslide';
  try {
    const { version } = await loadOpenSlide();
    return { name, ok: true, detail: `OpenSlide ${version}: opens ${formats}, and others that it knows` };
  } catch (error) {
    const { message, where } = toPlainError(error);
    // Not a fault of this installation: only those who have such slides need it.
    const detail = `${message}; only ${formats} need it. ${installHint()}`;
    return { name, ok: true, detail: where === undefined ? detail : `${detail} Tried: ${where}` };
  }
}
