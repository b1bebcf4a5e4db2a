/**
 * The steps of a run as functions that any machine may call, in any process: the engine's own steps, with the map over tiles between
 * them left to whoever conducts. What goes from one to the next lies in the object store; each may be done again and gives the same.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { GigatileError } from '../../contract/errors.ts';
import { remoteUsageSchema } from '../../contract/model-remote.ts';
import { tileStateCode } from '../../contract/run.ts';
import { isUrl } from '../../core/image-address.ts';
import type { WorkerHost } from '../../core/worker-host.ts';
import type { AnalyzeEnd } from '../../engine/analyze.ts';
import type { CaseSession } from '../../engine/case-session.ts';
import { createEngine, type EngineParts } from '../../engine/engine.ts';
import { Execution } from '../../engine/execution.ts';
import { writeExport } from '../../engine/export-run.ts';
import type { Fleet, FleetOrder, TileMapper } from '../../engine/fleet.ts';
import { ImageService } from '../../engine/image-service.ts';
import type { RunConductor } from '../../engine/run-conductor.ts';
import { fleetRunSpecSchema } from '../fleet-run.ts';
import { slideAddress } from '../s3/slide-address.ts';
import { specOf } from '../spec-of.ts';
import { chunksOf, usualChunk } from '../submit.ts';
import { ServedRun } from '../worker/served-run.ts';
import type { CloudResult, CloudRun } from './cloud-run.ts';
import type { ObjectStore } from './object-store.ts';
import { decodeOutcomes, encodeOutcomes } from './outcome-object.ts';

const label = 'cloud';
/** A durable execution holds 3,000 operations; a chunk takes one, and the other steps some. Their results are small: 256 KB hold them all. */
export const mostChunks = 2500;

const planSchema = z.object({
  spec: fleetRunSpecSchema,
  modelPath: z.string(),
  chunks: z.array(z.array(z.number().int())),
});
type Plan = z.infer<typeof planSchema>;

const exports = [
  ['html', 'report.html', 'text/html'],
  ['geojson', 'findings.geojson', 'application/geo+json'],
  ['csv', 'findings.csv', 'text/csv'],
] as const;

export interface CloudParts {
  store: ObjectStore;
  host: WorkerHost;
  modelsDir: string;
  version: string;
}

const planKey = ({ prefix }: CloudRun): string => `${prefix}/plan.json`;
const chunkKey = ({ prefix }: CloudRun, chunk: number): string =>
  `${prefix}/chunks/${String(chunk).padStart(6, '0')}.jsonl`;

const usageKey = (run: CloudRun, chunk: number): string => `${chunkKey(run, chunk)}.cost.json`;

export class CloudPipeline {
  readonly #parts: CloudParts;

  constructor(parts: CloudParts) {
    this.#parts = parts;
  }

  /**
   * Opens and checks image and model, leaves out background, cuts the rest into chunks.
   * @returns how many, and how many of them a remote model's endpoint allows at the same time
   */
  async preprocess(run: CloudRun): Promise<{ chunks: number; mostAtOnce: number | null }> {
    const plans: Plan[] = [];
    await this.#conduct(
      run,
      (order) => {
        plans.push(planOf(run, order, this.#parts.version));
        // The engine's run ends here: it is the conductor's elsewhere from now on.
        return Promise.reject(planned());
      },
      () => Promise.resolve(),
    );
    const [plan] = plans;
    if (plan === undefined) throw new GigatileError('internal', 'Preprocess ended without a plan');
    await this.#parts.store.put(planKey(run), Buffer.from(JSON.stringify(plan)), 'application/json');
    const { remote } = plan.spec.model.manifest;
    return { chunks: plan.chunks.length, mostAtOnce: remote?.concurrency ?? null };
  }

  /** A tile that cannot be computed is a result; it fails only where machines and networks do. */
  async analyze(run: CloudRun, chunk: number): Promise<{ done: number; failed: number }> {
    const { store, host, modelsDir, version } = this.#parts;
    const plan = await this.#plan(run);
    const tiles = plan.chunks[chunk];
    if (tiles === undefined) throw new GigatileError('internal', `The plan has no chunk ${chunk}`);
    const folder = await mkdtemp(join(tmpdir(), 'gigatile-cloud-'));
    const images = new ImageService(host);
    try {
      // The address of the event: the plan keeps none of its secrets.
      const spec = { ...plan.spec, image: { ...plan.spec.image, address: run.image } };
      const served = await ServedRun.prepare('cloud', spec, {
        host,
        images,
        execution: new Execution({ host, dataDir: folder, modelsDir, version }),
        models: { path: (sha256) => sameModel(plan.modelPath, sha256) },
        slides: [],
      });
      try {
        const outcomes = await served.analyze(tiles);
        if (outcomes === null) throw new GigatileError('cancelled', 'The chunk was stopped');
        await store.put(chunkKey(run, chunk), encodeOutcomes(outcomes), 'application/jsonl');
        if (spec.remote !== undefined) {
          const cost = Buffer.from(JSON.stringify(served.usage));
          await store.put(usageKey(run, chunk), cost, 'application/json');
        }
        const failed = outcomes.filter(({ kind }) => kind === 'fail').length;
        return { done: outcomes.length - failed, failed };
      } finally {
        served.close();
      }
    } finally {
      images.close();
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** Synthesize and store: findings, the run's end, exports and the case file. */
  async finish(run: CloudRun): Promise<CloudResult> {
    const { store } = this.#parts;
    const plan = await this.#plan(run);
    const keys: Record<string, string> = {};
    const take = async (order: FleetOrder): Promise<AnalyzeEnd> => {
      for (const chunk of plan.chunks.keys()) {
        for (const outcome of decodeOutcomes(await store.get(chunkKey(run, chunk)), order.run.epoch)) {
          order.add(outcome);
        }
        order.flush();
        if (plan.spec.remote !== undefined) {
          const cost = Buffer.from(await store.get(usageKey(run, chunk))).toString('utf8');
          order.addUsage(remoteUsageSchema.parse(JSON.parse(cost)));
        }
        if (order.endsEarly()) return 'early';
      }
      return 'drained';
    };
    const view = await this.#conduct(run, take, async (engine, session, conductor, folder) => {
      for (const [format, name, type] of exports) {
        const path = join(folder, name);
        await writeExport(session, engine.images, conductor.no, format, path);
        keys[format] = `${run.prefix}/${name}`;
        await store.put(keys[format], await readFile(path), type);
      }
      const copy = join(folder, 'copy.gigatile');
      await session.file.saveCopy(copy);
      keys['case'] = `${run.prefix}/case.gigatile`;
      await store.put(keys['case'], await readFile(copy), 'application/vnd.sqlite3');
    });
    const { state, reason, tiles, findings, usage } = view;
    return { state, reason, tiles, findings, keys, ...(usage && { usage }) };
  }

  async #plan(run: CloudRun): Promise<Plan> {
    const bytes = await this.#parts.store.get(planKey(run));
    return planSchema.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
  }

  /** A run of the engine over a case of its own, with `map` in place of workers. @throws what the run was paused by */
  async #conduct(
    { image, model, parameters, consentBy }: CloudRun,
    map: (order: FleetOrder) => Promise<AnalyzeEnd>,
    then: (
      engine: EngineParts,
      session: CaseSession,
      conductor: RunConductor,
      folder: string,
    ) => Promise<void>,
  ): Promise<ReturnType<RunConductor['event']>['run']> {
    const { host, modelsDir, version } = this.#parts;
    const folder = await mkdtemp(join(tmpdir(), 'gigatile-cloud-'));
    const fleet: Fleet = {
      label,
      map: (order) => mapperOf(() => map(order)),
      // Nobody looks at it from here.
      view: absent,
      act: () => Promise.resolve(0),
      analysis: absent,
      model: absent,
      close: () => Promise.resolve(),
    };
    const shell = { kind: 'web' } as const;
    const engine = await createEngine({ host, shell, dataDir: folder, modelsDir, version, fleet });
    try {
      const { path } = await slideAddress(image);
      const session = await engine.cases.open(path, join(folder, 'run.gigatile'));
      if (parameters?.budget !== undefined) {
        throw new GigatileError('usage', 'A budget is one machine’s to keep: it does not hold in the cloud', {
          hint: 'Leave budget out, and limit what the endpoint’s key may spend.',
        });
      }
      if (consentBy !== undefined) await session.consent(model, consentBy);
      const conductor = await session.startRun(model, { ...parameters, queue: label });
      await conductor.ended;
      const { run, lastError } = conductor.event();
      if (run.step === 'finished') await then(engine, session, conductor, folder);
      else if (lastError === null) throw new GigatileError('internal', run.reason ?? run.state);
      else if (lastError.code !== 'cancelled') throw GigatileError.fromPlain(lastError);
      return run;
    } finally {
      await engine.close();
      await rm(folder, { recursive: true, force: true });
    }
  }
}

function planOf(run: CloudRun, order: FleetOrder, version: string): Plan {
  const { pending } = tileStateCode;
  const states = order.states();
  const wanted = states.reduce((sum, state) => sum + (state === pending ? 1 : 0), 0);
  const size = Math.max(run.chunkTiles ?? usualChunk, Math.ceil(wanted / mostChunks));
  // Chunks by the number that the endpoint allows, a tile of each at a time.
  const spec = specOf(order, version, { fixedChunks: true, remoteAtOnce: 1 });
  return {
    spec: { ...spec, image: { ...spec.image, address: shownAddress(run.image) } },
    modelPath: order.run.modelPath,
    chunks: chunksOf(order.run.grid, order.content, (tile) => states[tile] === pending, size),
  };
}

const planned = (): GigatileError => new GigatileError('cancelled', 'The run is planned');

const shownAddress = (image: string): string =>
  isUrl(image) ? (image.split('?')[0] ?? '') : basename(image);

const absent = (): Promise<never> =>
  Promise.reject(new GigatileError('internal', 'This fleet serves one run'));

function mapperOf(run: () => Promise<AnalyzeEnd>): TileMapper {
  return {
    run,
    stop: () => undefined,
    wake: () => undefined,
    setWorkers: () => undefined,
    workerPids: () => [],
  };
}

async function sameModel(path: string, sha256: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const part of createReadStream(path)) hash.update(part as Buffer);
  if (hash.digest('hex') === sha256) return path;
  throw new GigatileError('model-changed', 'The model is another one than when the run was planned', {
    where: path,
  });
}
