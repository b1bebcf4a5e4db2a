/** A vision endpoint, whichever API it speaks. */
import type { RemoteModel } from '../contract/model-remote.ts';
import type { SecretSource } from './secrets.ts';

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

/** Scheme, host and port, as a person is shown where tiles go. */
export function endpointOf(remote: RemoteModel): string {
  if (remote.baseUrl !== undefined) return new URL(remote.baseUrl).origin;
  const region = remote.api === 'bedrock-converse' ? remote.region : '';
  return `https://bedrock-runtime.${region}.amazonaws.com`;
}

/** Does what is sent there stay on this machine? */
export function isThisMachine(remote: RemoteModel): boolean {
  const { hostname } = new URL(endpointOf(remote));
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

export async function openEndpoint(remote: RemoteModel, secrets: SecretSource): Promise<VisionEndpoint> {
  // Each is loaded where it is used: Amazon's client alone is larger than all of ours.
  if (remote.api === 'openai-chat') {
    const { openAiChat } = await import('./openai-chat.ts');
    return openAiChat(remote, secrets);
  }
  const { bedrockConverse } = await import('./bedrock-converse.ts');
  return bedrockConverse(remote);
}
