/** A model that runs elsewhere: a vision endpoint that is asked about one tile at a time. Written in gigatile.json as `remote`. */
import { z } from 'zod';

const common = {
  /** The endpoint's name of the model, for instance `qwen2.5vl:7b`, or the id (or ARN) of a Bedrock model or inference profile. */
  model: z.string().min(1).max(2048),
  /** What to look for, in the words of whoever made this description; the form of the answer is added by the program. */
  prompt: z.string().min(1).max(20_000),
  /** Most tokens of one answer. */
  maxTokens: z.number().int().min(16).max(200_000),
  /** null: the endpoint's own default (some models accept no other). */
  temperature: z.number().min(0).max(2).nullable(),
  /** A tile is made smaller until its longer edge has so many pixels; never larger. */
  imageEdge: z.number().int().min(32).max(8192),
  /** How a tile is sent. */
  imageFormat: z.enum(['jpeg', 'png']).default('jpeg'),
  jpegQuality: z.number().int().min(1).max(100).default(90),
  /** Requests that are under way at the same time; the run's `workers` override it. */
  concurrency: z.number().int().min(1).max(64).default(4),
  requestsPerMinute: z.number().positive().optional(),
  /** One request, from the first byte sent to the last received. */
  timeoutSeconds: z.number().positive().max(3600).default(90),
  /** Tries a tile in all, where it is the endpoint or the network that fails. */
  attempts: z.number().int().min(1).max(20).default(6),
  /** USD; a budget in money needs both. */
  pricePerMillionInputTokens: z.number().nonnegative().optional(),
  pricePerMillionOutputTokens: z.number().nonnegative().optional(),
};

/** Without user, password, query or fragment: those could be secrets, and this is written into cases. */
const addressSchema = z.url({ protocol: /^https?$/ }).refine((text) => {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return url.username === '' && url.password === '' && url.search === '' && url.hash === '';
}, 'must be an http or https address without user, password, query or fragment');

export const remoteModelSchema = z.discriminatedUnion('api', [
  /** `POST {baseUrl}/chat/completions` as OpenAI, Ollama, vLLM and llama.cpp's server understand it. */
  z.object({
    api: z.literal('openai-chat'),
    /** For instance http://127.0.0.1:11434/v1. */
    baseUrl: addressSchema,
    /** Name of the environment variable that holds the key; absent: none is sent. */
    apiKeyVariable: z
      .string()
      .regex(/^[A-Za-z_][A-Za-z0-9_]*$/)
      .optional(),
    ...common,
  }),
  /** Amazon Bedrock's Converse; credentials come from the AWS SDK's usual chain. */
  z.object({
    api: z.literal('bedrock-converse'),
    region: z.string().regex(/^[a-z0-9-]{1,40}$/),
    /** Another address than the region's own: a VPC endpoint. */
    baseUrl: addressSchema.optional(),
    ...common,
  }),
]);
export type RemoteModel = z.infer<typeof remoteModelSchema>;

/** What a run may cost: in USD, or in tokens (sent and received together). */
export const budgetSchema = z.union([
  z.object({ usd: z.number().positive() }),
  z.object({ tokens: z.number().int().positive() }),
]);
export type Budget = z.infer<typeof budgetSchema>;

/** What a run has cost so far; also the answers that were of no use. */
export const remoteUsageSchema = z.object({
  requests: z.number().int().nonnegative(),
  inputTokens: z.number().int().nonnegative(),
  outputTokens: z.number().int().nonnegative(),
  /** null where the model's description states no prices. */
  usd: z.number().nonnegative().nullable(),
});
export type RemoteUsage = z.infer<typeof remoteUsageSchema>;

/** What was said of one tile, beside its boxes. */
export const tileNoteSchema = z.object({
  label: z.string(),
  analysis: z.string(),
  /** What of the answer was not taken as it was, a sentence each. */
  remarks: z.array(z.string()),
});
export type TileNote = z.infer<typeof tileNoteSchema>;

/** All that was said of the tiles, as one description of the image. */
export const sceneDescriptionSchema = z.object({
  text: z.string(),
  /** `rules`: put together by the program; `remote`: written by the same endpoint, from the texts alone. */
  by: z.enum(['rules', 'remote']),
  endpoint: z.string(),
  model: z.string(),
  /** SHA-256 of the prompt, hex. */
  promptSha256: z.string(),
  regions: z.number().int(),
  labels: z.array(z.object({ label: z.string(), count: z.number().int() })),
  /** Findings at or above the run's threshold, by class. */
  objects: z.array(z.object({ name: z.string(), count: z.number().int() })),
  /** Why it is by rules although the endpoint was to be asked; else null. */
  problem: z.string().nullable(),
});
export type SceneDescription = z.infer<typeof sceneDescriptionSchema>;

/** Agreement of a person, for one case, that tiles go to an endpoint. */
export const remoteConsentSchema = z.object({
  who: z.string().min(1).max(200),
  /** Scheme, host and port. */
  endpoint: z.string(),
  model: z.string(),
  /** What the person was told would be sent, a sentence each. */
  leaves: z.array(z.string()),
});
export type RemoteConsent = z.infer<typeof remoteConsentSchema>;
