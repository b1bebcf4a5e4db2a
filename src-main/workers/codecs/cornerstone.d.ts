/** What of the WebAssembly builds of OpenJPEG and CharLS is used; they come without types. */
interface CornerstoneDecoder {
  /** Memory for so many bytes of stream. */
  getEncodedBuffer(length: number): Uint8Array;
  decode(): void;
  getFrameInfo(): { componentCount: number };
  /** A copy, in JavaScript's own memory. */
  getDecodedBuffer(): Uint8ClampedArray;
  delete(): void;
}

interface CornerstoneModule {
  HEAPU8: Uint8Array;
  /** What an exception of C++ says, which arrives as a number. */
  getExceptionMessage?: (pointer: number) => unknown;
}

interface CornerstoneOptions {
  print(line: string): void;
  printErr(line: string): void;
}

declare module '@cornerstonejs/codec-openjpeg/decodewasmjs' {
  interface Module extends CornerstoneModule {
    J2KDecoder: new () => CornerstoneDecoder & {
      decodeSubResolution(decompositionLevel: number, decodeLayer: number): void;
    };
  }
  const create: (options: CornerstoneOptions) => Promise<Module>;
  export default create;
}

declare module '@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs' {
  interface Module {
    JPEGDecoder: new () => Omit<CornerstoneDecoder, 'getFrameInfo' | 'getDecodedBuffer'> & {
      getFrameInfo(): { width: number; height: number; componentCount: number };
      getDecodedBuffer(): Uint8Array;
    };
  }
  const create: (options?: object) => Promise<Module>;
  export default create;
}

declare module '@cornerstonejs/codec-charls/decodewasmjs' {
  interface Module extends CornerstoneModule {
    JpegLSDecoder: new () => CornerstoneDecoder & { getInterleaveMode(): number };
  }
  const create: (options: CornerstoneOptions) => Promise<Module>;
  export default create;
}
