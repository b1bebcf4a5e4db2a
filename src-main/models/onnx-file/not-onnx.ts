/** What a file that is no ONNX is instead, where its first bytes tell it: people rename files, and downloads give other ones. */

interface Look {
  what: string;
  hint: string;
}

const ascii = (head: Buffer, from: number, to: number): string => head.toString('latin1', from, to);

/** @returns null where the first bytes (64 are enough) say nothing */
export function looksLike(head: Buffer): Look | null {
  const start = ascii(head, 0, 24);
  const exported =
    'Export the model to ONNX, for instance with torch.onnx.export or the export command of its tool.';
  if (head.length === 0) return { what: 'it is empty', hint: 'Download or export it again.' };
  if (start.startsWith('version https://git-lfs')) {
    return {
      what: 'it is a pointer of Git LFS, not the file itself',
      hint: 'Fetch the file with "git lfs pull".',
    };
  }
  if (/^\s*<(?:!doctype|html|\?xml)/i.test(start)) {
    return { what: 'it is a web page', hint: 'The download needs a sign-in or another address.' };
  }
  if (/^\s*\{/.test(start)) return { what: 'it is JSON', hint: 'Name the .onnx file itself.' };
  if (start.startsWith('PK'))
    return { what: 'it is a ZIP archive (PyTorch saves its models so)', hint: exported };
  if (start.startsWith('\u0089HDF'))
    return { what: 'it is HDF5 (Keras saves its models so)', hint: exported };
  if (start.startsWith('\u0080')) return { what: 'it is a Python pickle', hint: exported };
  if (ascii(head, 4, 8) === 'ORTM') {
    return {
      what: "it is in onnxruntime's own ORT format",
      hint: 'Use the .onnx file that it was made from.',
    };
  }
  if (ascii(head, 4, 8) === 'TFL3') return { what: 'it is TensorFlow Lite', hint: exported };
  return null;
}
