/** The remote worker: one image, one endpoint, leases of tiles. It speaks as the inference worker does: core/worker-protocol.ts. */
import { GigatileError, toPlainError } from '../../contract/errors.ts';
import type { InferenceInit, ToInference } from '../../core/worker-protocol.ts';
import type { ImageSource } from '../../images/image-source.ts';
import { endpointOf, openEndpoint } from '../../remote/endpoint.ts';
import { neededSecret, oneSecret, type SecretSource } from '../../remote/secrets.ts';
import { preprocess } from '../inference/preprocess.ts';
import type { WorkerChannel, WorkerEnvironment } from '../inference/worker.ts';
import { RemoteLeaseRunner } from './lease-runner.ts';

interface Ready {
  init: InferenceInit;
  source: ImageSource;
  runner: RemoteLeaseRunner;
}

export function serveRemote(
  channel: WorkerChannel,
  environment: WorkerEnvironment & { secrets: SecretSource },
): void {
  let ready: Promise<Ready> | null = null;
  const fatal = (error: unknown): void => {
    channel.post({ kind: 'fatal', error: toPlainError(error) });
    environment.exit(1);
  };
  const start = async (init: InferenceInit): Promise<Ready> => {
    const { remote } = init.manifest;
    if (remote === undefined || init.remote === undefined) {
      throw new GigatileError('internal', 'The worker was given a model that is not a remote one');
    }
    const secrets = init.remote.key === undefined ? environment.secrets : oneSecret(init.remote.key);
    // A key that is missing is told before the image is looked through.
    if (remote.api === 'openai-chat' && remote.apiKeyVariable !== undefined) {
      await neededSecret(secrets, remote.apiKeyVariable);
    }
    const endpoint = await openEndpoint(remote, secrets);
    const source = await environment.open(init.imagePath, init.jpeg);
    if ((await source.fingerprint()) !== init.fingerprint) {
      source.close();
      throw new GigatileError('image-changed', 'The image is not the one that this run began with', {
        where: source.info.name,
        hint: 'Put the original file back, or start a new run on this one.',
      });
    }
    const post = channel.post.bind(channel);
    const runner = new RemoteLeaseRunner(init, remote, init.remote, source, endpoint, post, fatal);
    const wasm = await environment.usesWasmCodecs(source.info);
    channel.post({ kind: 'ready', provider: endpointOf(remote), ...(wasm && { wasmCodecs: true }) });
    return { init, source, runner };
  };
  const answer = async (message: ToInference): Promise<void> => {
    if (message.kind === 'init') {
      ready = start(message);
      await ready;
      return;
    }
    if (ready === null && message.kind !== 'stop')
      throw new GigatileError('internal', `The worker was sent ${message.kind} before init`);
    const started = await ready;
    if (message.kind === 'stop' || started === null) {
      started?.runner.stop();
      environment.exit(0);
    } else if (message.kind === 'lease') started.runner.add(message);
    else if (message.kind === 'cancel') started.runner.cancel(message.lease);
    else {
      const { source, init } = started;
      const [red = 0, green = red, blue = red] = init.bandIndexes;
      const found = await preprocess(source, message.plan, message.background, [red, green, blue]);
      channel.post({ kind: 'preprocessed', ...found });
    }
  };
  channel.onMessage((message) => {
    answer(message).catch(fatal);
  });
}
