/** Between the fuzzer and the processes that read its files. */

export interface ProbeRequest {
  id: number;
  /** What is opened: the file itself, or the folder that it lies in. */
  path: string;
  /** What an error has to name. */
  names: string[];
  /** For the choice of regions. */
  seed: number;
}

/** Before each request to the image: the limit of time is one request's, as in the application. */
export interface ProbeProgress {
  id: number;
  begun: string;
}

export interface ProbeAnswer {
  id: number;
  /** `opened`, or the code of the error that refused the file. */
  outcome: string;
  /** Codes of reads that were refused after it had opened. */
  refusedReads: string[];
  /** What may not happen: other errors than a GigatileError of the input family that names the file; wrong answers. */
  defects: string[];
  milliseconds: number;
  /** Highest resident memory of the process while it read this file; null where the system does not say. */
  peakBytes: number | null;
  /** Parts of the readers that no file before has reached in this process; only where coverage is taken. */
  blocks?: string[];
}
