/** For `gigatile doctor`: the WebAssembly codecs, each tried on a grey image of 8 x 8 that other programs have made. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Codecs, Raster } from '../../images/image-source.ts';

/** By opj_compress, libcharls and liblerc of Debian. */
const samples = {
  jpeg2000:
    '/0//UQApAAAAAAAIAAAACAAAAAAAAAAAAAAACAAAAAgAAAAAAAAAAAABBwEB/1IADAAAAAEAAQQEAAH/XAAHQEBISFD/kAAKAAAAAAAcAAH/k8fUFBFQSVwIQj7lND+A/9k=',
  jpegLs: '/9j/9wALCAAIAAgBAREA/9oACAEBAAAAAAAAAbKV8/9//9k=',
  lerc: 'TGVyYzIgBgAAAMFFXakIAAAACAAAAAEAAABAAAAACAAAAF4AAAABAAAAAAAAAAAAAAAAAAAAAADgPwAAAAAAgFZAAAAAAACAVkAAAAAAAAAAAAAAAAAAAAAAAAAAAA==',
} as const;
const grey = 90;

export interface CodecState {
  name: string;
  ok: boolean;
  detail: string;
}

export async function wasmReport(codecs: Codecs): Promise<CodecState[]> {
  const attempt = async (
    name: string,
    packageName: string,
    entry: string,
    decode: (bytes: Uint8Array) => Promise<Raster>,
    sample: keyof typeof samples,
  ): Promise<CodecState> => {
    try {
      const { data, width, height } = await decode(Buffer.from(samples[sample], 'base64'));
      const ok = width === 8 && height === 8 && data.every((value) => value === grey);
      const detail = `${packageName} ${versionOf(packageName, entry)}`;
      return { name, ok, detail: ok ? detail : 'It decodes a test image wrongly.' };
    } catch (error) {
      return { name, ok: false, detail: error instanceof Error ? error.message : String(error) };
    }
  };
  const [openJpeg, charLs] = ['@cornerstonejs/codec-openjpeg', '@cornerstonejs/codec-charls'];
  return [
    await attempt('jpeg2000', openJpeg, 'decodewasmjs', (bytes) => codecs.decodeJpeg2000(bytes), 'jpeg2000'),
    await attempt('jpeg-ls', charLs, 'decodewasmjs', (bytes) => codecs.decodeJpegLs(bytes), 'jpegLs'),
    await attempt('lerc', 'lerc', 'lerc-wasm.wasm', (bytes) => codecs.decodeLerc(bytes), 'lerc'),
  ];
}

/** These packages don't export their package.json: it lies beside or above what they do export. */
export function versionOf(name: string, entry: string): string {
  try {
    const folder = dirname(createRequire(import.meta.url).resolve(`${name}/${entry}`));
    const file = join(folder, ...(name === 'lerc' ? [] : ['..']), 'package.json');
    return /"version":\s*"([^"]+)"/.exec(readFileSync(file, 'utf8'))?.[1] ?? '?';
  } catch {
    // Only a detail for people: a packaged application may have left the file out.
    return '?';
  }
}
