/** `gigatile sample`: an image with known content. */
import { parseArgs } from 'node:util';
import { GigatileError } from '../../contract/errors.ts';
import { generateSample } from '../../samples/generate-sample.ts';

export async function sample(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      size: { type: 'string' },
      out: { type: 'string' },
      truth: { type: 'string' },
      seed: { type: 'string', default: '1' },
    },
  });
  const [kind] = positionals;
  if ((kind !== 'pathology' && kind !== 'satellite') || positionals.length > 1 || values.out === undefined) {
    throw new GigatileError('usage', 'sample takes pathology or satellite, --size WxH and --out');
  }
  const size = /^([1-9][0-9]{0,6})x([1-9][0-9]{0,6})$/.exec(values.size ?? '');
  if (!size)
    throw new GigatileError(
      'usage',
      `--size ${values.size ?? ''} is not a width x height, for instance 12000x9000`,
    );
  if (!/^[0-9]{1,10}$/.test(values.seed))
    throw new GigatileError('usage', `--seed ${values.seed} is not a whole number`);
  const terminal = process.stderr.isTTY;
  const summary = await generateSample({
    kind,
    width: Number(size[1]),
    height: Number(size[2]),
    out: values.out,
    truth: values.truth,
    seed: Number(values.seed),
    onProgress: ({ pixels, totalPixels }) => {
      if (terminal)
        process.stderr.write(`\r\u001B[2Kpainting ${((100 * pixels) / totalPixels).toFixed(0)} %`);
    },
  });
  if (terminal) process.stderr.write('\r\u001B[2K');
  const counts = Object.entries(summary.counts).map(([name, n]) => `${n} ${name}`);
  process.stdout.write(
    `wrote ${summary.path}: ${summary.width} x ${summary.height}, ${(summary.bytes / 1e6).toFixed(1)} MB, ${counts.join(', ')}, ${summary.seconds.toFixed(1)} s\n`,
  );
  if (summary.truthPath !== null) process.stdout.write(`wrote ${summary.truthPath}\n`);
  return 0;
}
