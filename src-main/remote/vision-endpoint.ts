/** A vision endpoint as the rest of the program sees it, whichever API it speaks. */

export interface Picture {
  format: 'jpeg' | 'png';
  bytes: Uint8Array;
}

export interface Question {
  system: string;
  text: string;
  picture: Picture | null;
  /** What the endpoint answered before, and what was wrong with it: asked to mend it. */
  repair: { answer: string; problem: string } | null;
  /** JSON Schema (draft 2020-12, in the subset that structured outputs take) of the answer, and its name. */
  schema: { name: string; description: string; json: Record<string, unknown> };
}

export interface Tokens {
  input: number;
  output: number;
}

export interface Answer {
  /** What should be JSON of the asked form. */
  text: string;
  tokens: Tokens;
  /** `cut`: it ended at `maxTokens`; `refused`: the endpoint will not say anything about it. */
  trouble: 'cut' | 'refused' | null;
}

export interface VisionEndpoint {
  /** @throws {EndpointFailure}; the signal's reason where it was aborted */
  ask(question: Question, signal: AbortSignal): Promise<Answer>;
}
