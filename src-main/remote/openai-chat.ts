/**
 * Chat with pictures as OpenAI defined it and Ollama, vLLM and llama.cpp's server speak it: `POST {baseUrl}/chat/completions`, the
 * picture as a data URL. `response_format` is asked for as far as the server takes it: a schema, any JSON, nothing.
 */
import { z } from 'zod';
import type { RemoteModel } from '../contract/model-remote.ts';
import type { Answer, Question, VisionEndpoint } from './vision-endpoint.ts';
import { EndpointFailure, failed, refused } from './failure.ts';
import { postJson, type Reply } from './post-json.ts';
import { neededSecret, withoutSecret, type SecretSource } from './secrets.ts';

type OpenAiModel = Extract<RemoteModel, { api: 'openai-chat' }>;

/** From the strictest on; what a server refuses once it is not asked for again. */
const forms = ['schema', 'json', 'none'] as const;

const replySchema = z.object({
  choices: z
    .array(
      z.object({
        message: z.object({
          content: z.union([z.string(), z.array(z.object({ text: z.string().optional() }))]).nullish(),
          refusal: z.string().nullish(),
        }),
        finish_reason: z.string().nullish(),
      }),
    )
    .min(1),
  usage: z.object({ prompt_tokens: z.number(), completion_tokens: z.number() }).nullish(),
});

export function openAiChat(remote: OpenAiModel, secrets: SecretSource): VisionEndpoint {
  const url = new URL(`${remote.baseUrl.replace(/\/+$/, '')}/chat/completions`);
  const { apiKeyVariable, timeoutSeconds } = remote;
  let form = 0;
  return {
    async ask(question, signal) {
      const key = apiKeyVariable === undefined ? null : await neededSecret(secrets, apiKeyVariable);
      const headers: Record<string, string> = key === null ? {} : { authorization: `Bearer ${key}` };
      for (;;) {
        const asked = form;
        const reply = await postJson(
          url,
          headers,
          request(remote, question, asked),
          timeoutSeconds * 1000,
          signal,
        );
        if (reply.status === 200) return answerOf(reply.text);
        const failure = failureOf(reply, remote, key);
        if (failure.kind !== 'form' || asked >= forms.length - 1) throw failure;
        // Another question may have found it out in the meantime.
        form = Math.max(form, asked + 1);
      }
    },
  };
}

function request(remote: OpenAiModel, question: Question, form: number): Record<string, unknown> {
  const { picture, repair, schema } = question;
  const { temperature } = remote;
  const content: unknown[] = [{ type: 'text', text: question.text }];
  if (picture !== null) {
    const data = Buffer.from(picture.bytes).toString('base64');
    content.push({ type: 'image_url', image_url: { url: `data:image/${picture.format};base64,${data}` } });
  }
  const kind = forms[form];
  return {
    model: remote.model,
    messages: [
      { role: 'system', content: question.system },
      { role: 'user', content },
      ...(repair === null
        ? []
        : [
            { role: 'assistant', content: repair.answer },
            { role: 'user', content: repair.problem },
          ]),
    ],
    max_tokens: remote.maxTokens,
    ...(temperature !== null && { temperature }),
    stream: false,
    ...(kind === 'schema' && {
      response_format: {
        type: 'json_schema',
        json_schema: { name: schema.name, strict: true, schema: schema.json },
      },
    }),
    ...(kind === 'json' && { response_format: { type: 'json_object' } }),
  };
}

function answerOf(text: string): Answer {
  const parsed = replySchema.safeParse(asJson(text));
  if (!parsed.success) {
    throw new EndpointFailure(
      'permanent',
      failed(
        'The endpoint answers, but not as chat/completions does',
        'Is remote.baseUrl right? It usually ends with /v1.',
      ),
    );
  }
  const [choice] = parsed.data.choices;
  const { usage } = parsed.data;
  const content = choice?.message.content ?? '';
  const isRefused = (choice?.message.refusal ?? '') !== '' || choice?.finish_reason === 'content_filter';
  return {
    text: typeof content === 'string' ? content : content.map((part) => part.text ?? '').join(''),
    tokens: { input: tokens(usage?.prompt_tokens), output: tokens(usage?.completion_tokens) },
    trouble: isRefused ? 'refused' : choice?.finish_reason === 'length' ? 'cut' : null,
  };
}

function tokens(count: number | undefined): number {
  return count === undefined || !Number.isFinite(count) ? 0 : Math.max(0, Math.round(count));
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function failureOf(reply: Reply, remote: OpenAiModel, key: string | null): EndpointFailure {
  const { status, retryAfterMs } = reply;
  const said = withoutSecret(serverMessage(reply.text), key);
  const quoted = said === '' ? '' : `: ${said}`;
  if (status === 401 || status === 403) {
    // Their text is not quoted: it tends to hold a part of the key.
    const variable = remote.apiKeyVariable;
    const hint =
      variable === undefined
        ? 'It wants a key: name the environment variable that holds it as remote.apiKeyVariable.'
        : `Correct the key in the environment variable ${variable}, then resume the run.`;
    return new EndpointFailure('fatal', refused(`The endpoint does not let us in (status ${status})`, hint));
  }
  if (status === 402) {
    return new EndpointFailure(
      'fatal',
      refused(`The endpoint wants to be paid first${quoted}`, 'Then resume the run.'),
    );
  }
  if (status === 404) {
    return new EndpointFailure(
      'fatal',
      refused(
        `The endpoint has no model "${remote.model}", or is not at this address${quoted}`,
        'Correct remote.model or remote.baseUrl (it usually ends with /v1); Ollama needs "ollama pull" first.',
      ),
    );
  }
  if (status === 413) {
    return new EndpointFailure(
      'fatal',
      refused('The endpoint says that the pictures are too large', 'Make remote.imageEdge smaller.'),
    );
  }
  if (status === 408 || status === 425 || status === 429 || status >= 500) {
    return new EndpointFailure(
      'transient',
      failed(
        status === 429
          ? 'The endpoint asks for fewer requests (status 429)'
          : `The endpoint failed (status ${status})${quoted}`,
      ),
      { retryAfterMs },
    );
  }
  const isForm =
    (status === 400 || status === 422) &&
    /response_format|json_?schema|json_?object|grammar|structured/i.test(said);
  return new EndpointFailure(
    isForm ? 'form' : 'permanent',
    failed(`The endpoint does not accept the request (status ${status})${quoted}`),
  );
}

const errorSchema = z.union([
  z.object({ error: z.object({ message: z.string() }) }).transform(({ error }) => error.message),
  z.object({ error: z.string() }).transform(({ error }) => error),
  z.object({ message: z.string() }).transform(({ message }) => message),
]);

/** A sentence of it at most. */
function serverMessage(text: string): string {
  const parsed = errorSchema.safeParse(asJson(text));
  return (parsed.success ? parsed.data : '').slice(0, 300).trim();
}
