/** The native binaries of each system, by the rules with which their packages look for them, and how binaries are told apart. */
import type { Platform } from './platforms.ts';

/** What must lie outside of the archive: modules, and the shared libraries that these are linked with. */
export function nativeModules({ os, arch }: Platform): { module: string; glob: string }[] {
  const onnx = `node_modules/onnxruntime-node/bin/napi-v*/${os}/${arch}`;
  const here = `${os}-${arch}`;
  const libraries = {
    linux: [
      { module: 'ONNX Runtime itself', glob: `${onnx}/libonnxruntime.so.1` },
      { module: 'libvips', glob: `node_modules/@img/sharp-libvips-${here}/lib/libvips-cpp.so.*` },
      // It starts threads from its own file.
      { module: 'libvips (WebAssembly)', glob: 'node_modules/@img/sharp-wasm32/lib/sharp-wasm32-*.node.js' },
      { module: 'what it needs', glob: 'node_modules/@emnapi/runtime/index.js' },
    ],
    darwin: [
      { module: 'ONNX Runtime itself', glob: `${onnx}/libonnxruntime.1.dylib` },
      { module: 'libvips', glob: `node_modules/@img/sharp-libvips-${here}/lib/libvips-cpp.*.dylib` },
    ],
    win32: [
      { module: 'ONNX Runtime itself', glob: `${onnx}/onnxruntime.dll` },
      { module: 'DirectML', glob: `${onnx}/DirectML.dll` },
      { module: 'libvips', glob: `node_modules/@img/sharp-${here}/lib/libvips-42.dll` },
    ],
  };
  return [
    { module: 'onnxruntime-node', glob: `${onnx}/onnxruntime_binding.node` },
    { module: 'sharp', glob: `node_modules/@img/sharp-${here}/lib/sharp-${here}*.node` },
    { module: 'better-sqlite3', glob: `node_modules/better-sqlite3/prebuilds/${here}.node` },
    {
      module: '@julusian/jpeg-turbo',
      glob: `node_modules/@julusian/jpeg-turbo/prebuilds/jpeg-turbo-${here}/*.node`,
    },
    { module: 'koffi', glob: `node_modules/@koromix/koffi-${here}/*_${arch}/koffi.node` },
    ...libraries[os],
  ];
}

/** Whether this is the start of a program for another system; a hole (a file of a system that is not this one) tells nothing. */
export function isForeign(head: Buffer, { os, arch }: Platform): boolean {
  if (head.every((byte) => byte === 0)) return false;
  if (os === 'linux') {
    // ELF: e_machine at 18.
    const machine = head.length > 19 ? head.readUInt16LE(18) : 0;
    return head.toString('latin1', 0, 4) !== '\x7fELF' || machine !== (arch === 'x64' ? 0x3e : 0xb7);
  }
  // Mach-O of 64 bits, cputype at 4.
  if (os === 'darwin') return head.readUInt32LE(0) !== 0xfeedfacf || head.readUInt32LE(4) !== 0x0100000c;
  const pe = head.length > 0x40 ? head.readUInt32LE(0x3c) : head.length;
  return (
    head.toString('latin1', 0, 2) !== 'MZ' || pe + 6 > head.length || head.readUInt16LE(pe + 4) !== 0x8664
  );
}
