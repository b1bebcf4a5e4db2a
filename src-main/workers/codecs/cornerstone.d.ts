/** What of the WebAssembly builds of OpenJPEG and CharLS is used; they come without types. */
interface CornerstoneFrameInfo {
  width: number;
  height: number;
  bitsPerSample: number;
  componentCount: number;
  isSigned: boolean;
}

interface CornerstoneDecoder {
  /** Memory for so many bytes of stream. */
  getEncodedBuffer(length: number): Uint8Array;
  decode(): void;
  getFrameInfo(): CornerstoneFrameInfo;
  getDecodedBuffer(): Uint8Array;
  delete(): void;
}

declare module '@cornerstonejs/codec-openjpeg/decodewasmjs' {
  interface Module {
    J2KDecoder: new () => CornerstoneDecoder & {
      readHeader(): void;
      decodeSubResolution(decompositionLevel: number, decodeLayer: number): void;
    };
    /** The message of a C++ exception, which arrives as a number. */
    getExceptionMessage?(pointer: number): string;
  }
  const create: (options?: object) => Promise<Module>;
  export default create;
}

declare module '@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs' {
  interface Module {
    JPEGDecoder: new () => CornerstoneDecoder;
  }
  const create: (options?: object) => Promise<Module>;
  export default create;
}

declare module '@cornerstonejs/codec-charls/decodewasmjs' {
  interface Module {
    JpegLSDecoder: new () => CornerstoneDecoder & { getInterleaveMode(): number };
    getExceptionMessage?(pointer: number): string;
  }
  const create: (options?: object) => Promise<Module>;
  export default create;
}
