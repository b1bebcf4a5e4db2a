/** Both APIs against real HTTP servers on this machine that behave well, and badly. */
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { remoteModelSchema } from '../../../src-main/contract/model-remote.ts';
import { askRegion } from '../../../src-main/remote/ask-region.ts';
import { openEndpoint } from '../../../src-main/remote/endpoint.ts';
import type { Tokens } from '../../../src-main/remote/vision-endpoint.ts';
import { EndpointFailure } from '../../../src-main/remote/failure.ts';
import type { Region } from '../../../src-main/remote/region-answer.ts';
import { environmentSecrets } from '../../../src-main/remote/secrets.ts';
import { asManifest, remoteManifest } from '../../support/remote-model.ts';
import {
  region,
  sendChat,
  sendJson,
  startVisionServer,
  type VisionServer,
} from '../../support/vision-server.ts';

const key = 'sk-planted-0123456789abcdef';
const picture = { format: 'jpeg' as const, bytes: Uint8Array.from([0xff, 0xd8, 0xff, 0xd9]) };

let server: VisionServer;
let other: VisionServer;

beforeAll(async () => {
  server = await startVisionServer(({ response }) => sendChat(response, region));
  other = await startVisionServer(({ response }) => sendChat(response, region));
});

afterAll(async () => {
  await server.close();
  await other.close();
});

afterEach(() => {
  server.asked.length = 0;
  other.asked.length = 0;
  vi.unstubAllEnvs();
});

interface Outcome {
  region: Region | null;
  failure: EndpointFailure | null;
  tokens: Tokens[];
}

async function ask(
  remote: Record<string, unknown> = {},
  signal = new AbortController().signal,
): Promise<Outcome> {
  const manifest = asManifest(
    remoteManifest({
      baseUrl: `${server.origin}/v1`,
      apiKeyVariable: 'TEST_KEY',
      timeoutSeconds: 20,
      ...remote,
    }),
  );
  const model = remoteModelSchema.parse(manifest.remote);
  const endpoint = await openEndpoint(model, environmentSecrets({ TEST_KEY: key }));
  const tokens: Tokens[] = [];
  try {
    const found = await askRegion(endpoint, manifest, model, picture, (more) => tokens.push(more), signal);
    return { region: found, failure: null, tokens };
  } catch (error) {
    if (!(error instanceof EndpointFailure)) throw error;
    expect(JSON.stringify([error.error.toPlain(), error.message])).not.toContain(key);
    return { region: null, failure: error, tokens };
  }
}

const failing = async (answer: VisionServer['answer'], remote: Record<string, unknown> = {}) => {
  server.answer = answer;
  const { failure } = await ask(remote);
  if (failure === null) throw new Error('it was answered');
  return failure;
};

describe('chat with pictures', () => {
  it('sends the picture as a data URL with the key, and asks for the schema', async () => {
    server.answer = ({ response }) => sendChat(response, region);
    const { region: found, tokens } = await ask();
    expect(found?.note).toEqual({ label: 'meadow', analysis: 'Grass with a few trees.', remarks: [] });
    expect(found?.objects).toEqual([
      { x1: 0.25, y1: 0.25, x2: 0.5, y2: 0.5, confidence: 0.9, classIndex: 0 },
    ]);
    expect(tokens).toEqual([{ input: 1000, output: 100 }]);
    const [asked] = server.asked;
    expect(asked?.path).toBe('/v1/chat/completions');
    expect(asked?.headers.authorization).toBe(`Bearer ${key}`);
    expect(asked?.body).toMatchObject({
      model: 'test-vision',
      max_tokens: 500,
      temperature: 0,
      response_format: { type: 'json_schema' },
      messages: [
        { role: 'system' },
        {
          role: 'user',
          content: [
            { type: 'text' },
            { type: 'image_url', image_url: { url: 'data:image/jpeg;base64,/9j/2Q==' } },
          ],
        },
      ],
    });
    expect(asked?.raw).not.toContain(key);
  });

  it('asks a server that takes no schema for plain JSON, and no further time for the schema', async () => {
    server.answer = ({ response, body }) => {
      const format = body['response_format'] as { type: string } | undefined;
      if (format === undefined) sendChat(response, `Sure!\n\`\`\`json\n${JSON.stringify(region)}\n\`\`\``);
      else sendJson(response, 400, { error: { message: `response_format ${format.type} is not supported` } });
    };
    const { region: found } = await ask();
    expect(found?.objects).toHaveLength(1);
    expect(
      server.asked.map(({ body }) => (body['response_format'] as { type: string } | undefined)?.type),
    ).toEqual(['json_schema', 'json_object', undefined]);
  });

  it.each([
    ['nonsense', 'I see trees.'],
    ['another form', JSON.stringify({ trees: 3 })],
    [
      'pixels instead of fractions',
      JSON.stringify({ ...region, objects: [{ label: 'tree', box: [10, 20, 30, 40], confidence: 1 }] }),
    ],
    [
      'a label that is none',
      JSON.stringify({ ...region, objects: [{ label: 'dragon', box: [0, 0, 1, 1], confidence: 1 }] }),
    ],
    ['half an answer', JSON.stringify(region).slice(0, 40)],
  ])('asks once more after %s, with what was wrong, and both answers are paid for', async (_what, text) => {
    server.answer = ({ response, no }) => sendChat(response, no === 1 ? text : region);
    const { region: found, tokens } = await ask();
    expect(found?.objects).toHaveLength(1);
    expect(tokens).toHaveLength(2);
    const messages = server.asked[1]?.body['messages'] as { role: string; content: string }[];
    expect(messages.slice(2).map(({ role }) => role)).toEqual(['assistant', 'user']);
    expect(messages[2]?.content).toBe(text);
    expect(messages[3]?.content).toContain('cannot be used');
  });

  it('gives a tile up whose answer is of no use twice', async () => {
    const failure = await failing(({ response }) => sendChat(response, 'no'));
    expect(failure.kind).toBe('permanent');
    expect(server.asked).toHaveLength(2);
  });

  it('says that an answer ended at maxTokens, and does not ask again', async () => {
    const failure = await failing(({ response }) =>
      sendChat(response, '{"label": "m', { finish_reason: 'length' }),
    );
    expect(failure.kind).toBe('permanent');
    expect(failure.error.hint).toContain('maxTokens');
    expect(server.asked).toHaveLength(1);
  });

  it('waits as long as a 429 says', async () => {
    const throttle =
      (after: string): VisionServer['answer'] =>
      ({ response }) =>
        sendJson(response, 429, { error: { message: `for ${key}` } }, { 'retry-after': after });
    expect(await failing(throttle('7'))).toMatchObject({ kind: 'transient', retryAfterMs: 7000 });
    const dated = await failing(throttle(new Date(Date.now() + 60_000).toUTCString()));
    expect(dated.retryAfterMs).toBeGreaterThan(50_000);
    expect(dated.retryAfterMs).toBeLessThanOrEqual(60_000);
    expect((await failing(throttle('soon'))).retryAfterMs).toBeNull();
  });

  it.each([500, 502, 503, 529, 408])('takes status %i for something that passes', async (status) => {
    const failure = await failing(({ response }) =>
      sendJson(response, status, { error: `overloaded ${key}` }),
    );
    expect(failure).toMatchObject({ kind: 'transient' });
    expect(failure.error.message).toContain(String(status));
  });

  it.each([401, 403])('stops at %i, names the variable and quotes nothing', async (status) => {
    const failure = await failing(({ response }) =>
      sendJson(response, status, { error: { message: `Incorrect API key: ${key.slice(0, 12)}***` } }),
    );
    expect(failure.kind).toBe('fatal');
    expect(failure.error.code).toBe('endpoint-refused');
    expect(failure.error.hint).toContain('TEST_KEY');
    expect(failure.error.message).not.toContain(key.slice(0, 12));
  });

  it('stops where there is no such model, and says what the server says', async () => {
    const failure = await failing(({ response }) =>
      sendJson(response, 404, { error: { message: 'model "test-vision" not found, try pulling it first' } }),
    );
    expect(failure.kind).toBe('fatal');
    expect(failure.error.message).toContain('try pulling it first');
  });

  it('takes an answer that stalls, before or in the middle, for something that passes', async () => {
    const silent = await failing(() => undefined, { timeoutSeconds: 0.3 });
    expect(silent).toMatchObject({ kind: 'transient', isUnreachable: false });
    const stalled = await failing(({ response }) => void response.writeHead(200).write('{"choices"'), {
      timeoutSeconds: 0.3,
    });
    expect(stalled.kind).toBe('transient');
    expect(stalled.error.message).toContain('0.3 s');
  });

  it('takes an answer that is cut off for something that passes', async () => {
    const failure = await failing(({ response }) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('{"choices": [');
      setTimeout(() => response.destroy(), 20);
    });
    expect(failure.kind).toBe('transient');
  });

  it('does not read an answer without end', async () => {
    let written = 0;
    const failure = await failing(({ response }) => {
      response.writeHead(200);
      const chunk = Buffer.alloc(2 ** 20, 'x');
      const write = (): void => {
        while (!response.destroyed && written < 200 && response.write(chunk)) written++;
        if (!response.destroyed && written < 200) response.once('drain', write);
      };
      write();
    });
    expect(failure.kind).toBe('permanent');
    expect(written).toBeLessThan(100);
  });

  it('sends neither picture nor key on to another host', async () => {
    for (const status of [301, 302, 307, 308]) {
      const failure = await failing(({ response }) => {
        response.writeHead(status, { location: `${other.origin}/v1/chat/completions` }).end();
      });
      expect(failure.kind).toBe('fatal');
      expect(failure.error.message).toContain(other.origin);
    }
    expect(other.asked).toEqual([]);
  });

  it('follows a redirect on the same host, but not for ever', async () => {
    server.answer = ({ response, path }) => {
      if (path === '/v2/chat') sendChat(response, region);
      else response.writeHead(308, { location: '/v2/chat' }).end();
    };
    expect((await ask()).region).not.toBeNull();
    const failure = await failing(
      ({ response }) => void response.writeHead(307, { location: '/v1/x' }).end(),
    );
    expect(failure.kind).toBe('fatal');
  });

  it('tells an endpoint that is not there from one that fails', async () => {
    const gone = await startVisionServer(() => undefined);
    await gone.close();
    const { failure } = await ask({ baseUrl: gone.origin });
    expect(failure).toMatchObject({ kind: 'transient', isUnreachable: true });
  });

  it('is aborted at once, with the reason of whoever aborts', async () => {
    server.answer = () => undefined;
    const abort = new AbortController();
    const asking = ask({}, abort.signal);
    setTimeout(() => abort.abort(new Error('enough')), 50);
    await expect(asking).rejects.toThrow('enough');
  });
});

describe("Amazon Bedrock's Converse", () => {
  const bedrock = (more: Record<string, unknown> = {}) => ({
    api: 'bedrock-converse',
    region: 'eu-central-1',
    model: 'eu.test.vision-v1:0',
    baseUrl: server.origin,
    ...more,
  });
  const sendTool = (response: Parameters<typeof sendJson>[0], input: unknown): void =>
    sendJson(response, 200, {
      output: {
        message: {
          role: 'assistant',
          content: [{ text: 'I report.' }, { toolUse: { toolUseId: 't1', name: 'report_region', input } }],
        },
      },
      stopReason: 'tool_use',
      usage: { inputTokens: 321, outputTokens: 45, totalTokens: 366 },
      metrics: { latencyMs: 5 },
    });
  const sendError = (
    response: Parameters<typeof sendJson>[0],
    status: number,
    type: string,
    message: string,
  ): void => sendJson(response, status, { message }, { 'x-amzn-errortype': type, 'retry-after': '3' });

  const credentials = (): void => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIATESTTESTTESTTEST');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', key);
    vi.stubEnv('AWS_SESSION_TOKEN', '');
  };

  it('signs the request, sends bytes and asks for the tool', async () => {
    credentials();
    server.answer = ({ response }) => sendTool(response, region);
    const { region: found, tokens } = await ask(bedrock());
    expect(found?.objects).toHaveLength(1);
    expect(tokens).toEqual([{ input: 321, output: 45 }]);
    const [asked] = server.asked;
    expect(decodeURIComponent(asked?.path ?? '')).toBe('/model/eu.test.vision-v1:0/converse');
    expect(asked?.headers.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIATESTTESTTESTTEST\/\d{8}\/eu-central-1\/bedrock\/aws4_request, SignedHeaders=.+, Signature=[0-9a-f]{64}$/,
    );
    expect(asked?.body).toMatchObject({
      messages: [
        { role: 'user', content: [{ image: { format: 'jpeg', source: { bytes: '/9j/2Q==' } } }, {}] },
      ],
      inferenceConfig: { maxTokens: 500, temperature: 0 },
      toolConfig: { toolChoice: { tool: { name: 'report_region' } } },
    });
    expect(JSON.stringify([asked?.raw, asked?.headers])).not.toContain(key);
  });

  it('does without a tool where the model has none, and asks again after nonsense', async () => {
    credentials();
    server.answer = ({ response, body, no }) => {
      if ('toolConfig' in body)
        sendError(response, 400, 'ValidationException', "This model doesn't support tool use.");
      else
        sendJson(response, 200, {
          output: {
            message: { role: 'assistant', content: [{ text: no === 3 ? 'Trees!' : JSON.stringify(region) }] },
          },
          stopReason: 'end_turn',
          usage: { inputTokens: 1, outputTokens: 1, totalTokens: 2 },
        });
    };
    const { region: found } = await ask(bedrock());
    expect(found?.note.label).toBe('meadow');
    expect(server.asked).toHaveLength(4);
  });

  it.each([
    [429, 'ThrottlingException', 'transient', 3000],
    [503, 'ServiceUnavailableException', 'transient', 3000],
    [500, 'InternalServerException', 'transient', 3000],
    [403, 'AccessDeniedException', 'fatal', null],
    [404, 'ResourceNotFoundException', 'fatal', null],
    [400, 'ValidationException', 'permanent', null],
  ] as const)('takes %i %s for %s', async (status, type, kind, retryAfterMs) => {
    credentials();
    const failure = await failing(({ response }) => sendError(response, status, type, 'no'), bedrock());
    expect(failure).toMatchObject({ kind, retryAfterMs });
    expect(server.asked).toHaveLength(1);
  });

  it('takes an answer that stalls in the middle for something that passes', async () => {
    credentials();
    const failure = await failing(
      ({ response }) =>
        void response.writeHead(200, { 'content-type': 'application/json' }).write('{"output"'),
      bedrock({ timeoutSeconds: 0.5 }),
    );
    expect(failure.kind).toBe('transient');
  });

  it('says that credentials are missing', async () => {
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_PROFILE', 'AWS_SESSION_TOKEN'])
      vi.stubEnv(name, '');
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/nonexistent/credentials');
    vi.stubEnv('AWS_CONFIG_FILE', '/nonexistent/config');
    const failure = await failing(({ response }) => sendTool(response, region), bedrock());
    expect(failure.kind).toBe('fatal');
    expect(failure.error.hint).toContain('credentials');
    expect(server.asked).toEqual([]);
  });
});
