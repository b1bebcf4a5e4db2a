/**
 * Amazon Bedrock's Converse: bytes of the picture in the message, the form of the answer as the input of a tool that the model has to
 * use. Signing, regions and credentials are the AWS SDK's; it is loaded with this file and with nothing else.
 */
import {
  BedrockRuntimeClient,
  ConverseCommand,
  type ConverseCommandInput,
  type ConverseCommandOutput,
  type Message,
  type ToolConfiguration,
} from '@aws-sdk/client-bedrock-runtime';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { z } from 'zod';
import type { RemoteModel } from '../contract/model-remote.ts';
import type { Answer, Question, VisionEndpoint } from './vision-endpoint.ts';
import { EndpointFailure, failed, refused, retryAfterMs } from './failure.ts';

type BedrockModel = Extract<RemoteModel, { api: 'bedrock-converse' }>;

/** From the strictest on: not every model can be made to use a tool, or has tools at all. */
const forms = ['this tool', 'a tool', 'text'] as const;

const throttled = new Set([
  'ThrottlingException',
  'TooManyRequestsException',
  'ServiceQuotaExceededException',
]);
const passing = new Set([
  'InternalServerException',
  'ServiceUnavailableException',
  'ModelTimeoutException',
  'ModelNotReadyException',
  'ModelErrorException',
  'TimeoutError',
]);
const unauthorised = new Set([
  'AccessDeniedException',
  'UnrecognizedClientException',
  'InvalidSignatureException',
  'ExpiredTokenException',
  'CredentialsProviderError',
  'TokenProviderError',
]);

export function bedrockConverse(remote: BedrockModel): VisionEndpoint {
  const client = new BedrockRuntimeClient({
    region: remote.region,
    ...(remote.baseUrl !== undefined && { endpoint: remote.baseUrl }),
    // Tries are counted by the run, where they are seen.
    maxAttempts: 1,
    // HTTP/2, the client's own choice, is for its streams; proxies and VPC endpoints understand HTTP/1.1.
    requestHandler: new NodeHttpHandler({ connectionTimeout: 10_000 }),
  });
  let form = 0;
  return {
    async ask(question, signal) {
      for (;;) {
        const asked = form;
        try {
          return answerOf(await send(client, remote, requestOf(remote, question, asked), signal), question);
        } catch (error) {
          if (signal.aborted) throw signal.reason;
          const failure = error instanceof EndpointFailure ? error : failureOf(error, remote);
          if (failure.kind !== 'form' || asked >= forms.length - 1) throw failure;
          form = Math.max(form, asked + 1);
        }
      }
    },
  };
}

/** The SDK's own limits end with the first byte of an answer: ours is about the whole. */
async function send(
  client: BedrockRuntimeClient,
  { timeoutSeconds }: BedrockModel,
  input: ConverseCommandInput,
  signal: AbortSignal,
): Promise<ConverseCommandOutput> {
  const timeout = AbortSignal.timeout(timeoutSeconds * 1000);
  const either = AbortSignal.any([signal, timeout]);
  let abort: (() => void) | undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    abort = () =>
      reject(new EndpointFailure('transient', failed(`No whole answer within ${timeoutSeconds} s`)));
    either.addEventListener('abort', abort, { once: true });
  });
  const sending = client.send(new ConverseCommand(input), { abortSignal: either });
  // After the limit nobody waits for it any more.
  sending.catch(() => undefined);
  try {
    return await Promise.race([sending, aborted]);
  } finally {
    if (abort) either.removeEventListener('abort', abort);
  }
}

function requestOf(remote: BedrockModel, question: Question, form: number): ConverseCommandInput {
  const { picture, repair, schema } = question;
  const { temperature, maxTokens } = remote;
  const messages: Message[] = [
    {
      role: 'user',
      content: [
        ...(picture === null
          ? []
          : [{ image: { format: picture.format, source: { bytes: picture.bytes } } }]),
        { text: question.text },
      ],
    },
  ];
  if (repair !== null) {
    messages.push(
      { role: 'assistant', content: [{ text: repair.answer.trim() === '' ? '(nothing)' : repair.answer }] },
      { role: 'user', content: [{ text: repair.problem }] },
    );
  }
  const kind = forms[form];
  const toolConfig: ToolConfiguration = {
    tools: [
      {
        toolSpec: {
          name: schema.name,
          description: schema.description,
          inputSchema: { json: JSON.parse(JSON.stringify(schema.json)) },
        },
      },
    ],
    ...(kind === 'this tool' && { toolChoice: { tool: { name: schema.name } } }),
  };
  return {
    modelId: remote.model,
    system: [{ text: question.system }],
    messages,
    inferenceConfig: { maxTokens, ...(temperature !== null && { temperature }) },
    ...(kind !== 'text' && { toolConfig }),
  };
}

function answerOf(output: ConverseCommandOutput, { schema }: Question): Answer {
  const blocks = output.output?.message?.content;
  if (!Array.isArray(blocks)) {
    throw new EndpointFailure('permanent', failed('The endpoint answers, but not as Converse does'));
  }
  const used = blocks.find((block) => block.toolUse?.name === schema.name)?.toolUse;
  const text =
    used === undefined ? blocks.map((block) => block.text ?? '').join('') : JSON.stringify(used.input);
  const { stopReason } = output;
  return {
    text,
    tokens: { input: output.usage?.inputTokens ?? 0, output: output.usage?.outputTokens ?? 0 },
    trouble:
      stopReason === 'content_filtered' || stopReason === 'guardrail_intervened'
        ? 'refused'
        : stopReason === 'max_tokens'
          ? 'cut'
          : null,
  };
}

const sdkErrorSchema = z.object({
  name: z.string(),
  message: z.string().catch(''),
  code: z.string().optional().catch(undefined),
  $metadata: z.object({ httpStatusCode: z.number().optional() }).optional().catch(undefined),
  $response: z
    .object({ headers: z.record(z.string(), z.string()) })
    .optional()
    .catch(undefined),
});

function failureOf(error: unknown, remote: BedrockModel): EndpointFailure {
  const parsed = sdkErrorSchema.safeParse(plainOf(error));
  if (!parsed.success) throw error;
  const { name, message, code, $metadata, $response } = parsed.data;
  const status = $metadata?.httpStatusCode ?? 0;
  const said = message.slice(0, 300);
  const wait = retryAfterMs($response?.headers['retry-after'], Date.now());
  if (unauthorised.has(name) || status === 401 || status === 403) {
    // Their text can hold the id of the account or of the key.
    return new EndpointFailure(
      'fatal',
      refused(
        `Amazon Bedrock does not let us in (${name})`,
        `Correct the AWS credentials (environment, profile or SSO), and see that this account may use ${remote.model} in ${remote.region}; then resume the run.`,
      ),
    );
  }
  if (name === 'ResourceNotFoundException' || status === 404) {
    return new EndpointFailure(
      'fatal',
      refused(
        `Amazon Bedrock has no model "${remote.model}" in ${remote.region}: ${said}`,
        'Correct remote.model or remote.region; many models are used through an inference profile.',
      ),
    );
  }
  if (throttled.has(name) || status === 429) {
    return new EndpointFailure('transient', failed('Amazon Bedrock asks for fewer requests'), {
      retryAfterMs: wait,
    });
  }
  if (passing.has(name) || status >= 500) {
    return new EndpointFailure('transient', failed(`Amazon Bedrock failed (${name}, status ${status})`), {
      retryAfterMs: wait,
    });
  }
  if (status >= 300 && status < 400) {
    return new EndpointFailure(
      'fatal',
      refused(
        `The endpoint sends requests on elsewhere, and they are not sent there`,
        'Correct remote.baseUrl.',
      ),
    );
  }
  if (name === 'ValidationException' || status === 400) {
    const kind = /tool/i.test(said) ? 'form' : 'permanent';
    return new EndpointFailure(kind, failed(`Amazon Bedrock does not accept the request: ${said}`));
  }
  const isUnreachable = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/.test(code ?? '');
  return new EndpointFailure(
    'transient',
    isUnreachable
      ? failed(
          `Amazon Bedrock cannot be reached (${code ?? ''})`,
          'Is there a network, and is the region right?',
        )
      : failed(`The connection to Amazon Bedrock broke before the answer was whole (${code ?? name})`),
    { isUnreachable },
  );
}

/** The SDK hangs its facts on errors as properties that are not all enumerable. */
function plainOf(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const get = (name: string): unknown => Reflect.get(error, name);
  return {
    name: error.name,
    message: error.message,
    code: get('code'),
    $metadata: get('$metadata'),
    $response: get('$response'),
  };
}
