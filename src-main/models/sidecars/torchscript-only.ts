/** WSInfer's zoo ships TorchScript, which only PyTorch runs: a folder of it is told so, and what to do. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { GigatileError } from '../../contract/errors.ts';

/** @returns null where there is an .onnx file, or nothing of PyTorch's beside a config.json */
export async function torchScriptOnly(folder: string): Promise<GigatileError | null> {
  const names = await readdir(folder);
  const weights = names.find((name) => /\.(?:pt|pth|torchscript)$/i.test(name));
  const hasOnnx = names.some((name) => /\.onnx$/i.test(name));
  if (weights === undefined || hasOnnx || !names.includes('config.json')) return null;
  return new GigatileError(
    'model-invalid',
    'This model is there as TorchScript only, which is not run here',
    {
      where: join(folder, weights),
      hint: 'Export it with torch.onnx.export (opset 17) as an .onnx file in this folder; its config.json is read then.',
    },
  );
}
