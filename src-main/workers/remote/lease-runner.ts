/** Works through leases by asking an endpoint about each tile: several questions at once, answers as they come. */
import { setTimeout as sleep } from 'node:timers/promises';
import { GigatileError, toPlainError, type PlainError } from '../../contract/errors.ts';
import type { RemoteModel } from '../../contract/model-remote.ts';
import { coreModelRect, modelSize } from '../../core/grid.ts';
import type {
  FromInference,
  InferenceInit,
  RemoteOrder,
  TileResult,
  ToInference,
} from '../../core/worker-protocol.ts';
import type { ImageSource } from '../../images/image-source.ts';
import { askRegion } from '../../remote/ask-region.ts';
import type { Tokens, VisionEndpoint } from '../../remote/vision-endpoint.ts';
import { EndpointFailure } from '../../remote/failure.ts';
import { regionResult } from '../../remote/region-result.ts';
import { Turns } from '../../remote/turns.ts';
import { BudgetGate, budgetReached, priceOf } from '../../remote/usage.ts';
import { areaMeasure } from '../inference/area.ts';
import { isTransient } from '../inference/is-transient.ts';
import { tileReader, type TileReader } from '../inference/tile-reader.ts';
import { encodeTile } from './encode-tile.ts';

type Lease = Extract<ToInference, { kind: 'lease' }>;

interface OpenLease {
  lease: Lease;
  left: number;
  abort: AbortController;
}

/** So many questions in a row that nobody was there to hear: the endpoint is not there, and tiles are not to blame. */
const mostUnreached = 3;
/** The engine takes a worker that says nothing for dead; this one waits for others, and says that it does. */
const aliveMs = 500;
const budgetLookMs = 20;

export class RemoteLeaseRunner {
  readonly #init: InferenceInit;
  readonly #remote: RemoteModel;
  readonly #source: ImageSource;
  readonly #endpoint: VisionEndpoint;
  readonly #post: (message: FromInference) => void;
  readonly #fatal: (error: GigatileError) => void;
  readonly #turns: Turns;
  readonly #budget: BudgetGate;
  readonly #limit: RemoteOrder['budget'];
  readonly #leases = new Map<number, OpenLease>();
  readonly #stop = new AbortController();
  #reader: { key: string; reader: TileReader } | null = null;
  /** One tile is read at a time: the reader's memory is one tile's. */
  #reading: Promise<unknown> = Promise.resolve();
  #unreached = 0;
  #hasAnswer = false;
  #isOver = false;

  constructor(
    init: InferenceInit,
    remote: RemoteModel,
    order: RemoteOrder,
    source: ImageSource,
    endpoint: VisionEndpoint,
    post: (message: FromInference) => void,
    fatal: (error: GigatileError) => void,
  ) {
    this.#init = init;
    this.#remote = remote;
    this.#source = source;
    this.#endpoint = {
      // The first question of a turn has waited already; one that is asked again waits as if it were another.
      ask: async (question, signal) => {
        if (question.repair !== null) await this.#turns.pace(signal);
        return endpoint.ask(question, signal);
      },
    };
    this.#post = post;
    this.#fatal = fatal;
    this.#turns = new Turns({ atOnce: order.atOnce, perMinute: remote.requestsPerMinute ?? null });
    this.#budget = new BudgetGate(order.budget, order.used);
    this.#limit = order.budget;
    setInterval(() => {
      if (this.#leases.size > 0) this.#post({ kind: 'alive' });
    }, aliveMs).unref();
  }

  add(lease: Lease): void {
    const open: OpenLease = { lease, left: lease.tiles.length, abort: new AbortController() };
    this.#leases.set(lease.lease, open);
    if (open.left === 0) this.#end(open);
    for (const tile of lease.tiles) {
      void this.#tile(open, tile).finally(() => {
        open.left--;
        if (open.left === 0) this.#end(open);
      });
    }
  }

  #end({ lease }: OpenLease): void {
    this.#leases.delete(lease.lease);
    if (!this.#isOver) this.#post({ kind: 'lease-done', lease: lease.lease, epoch: lease.epoch });
  }

  cancel(lease: number): void {
    this.#leases.get(lease)?.abort.abort(new GigatileError('cancelled', 'The lease was cancelled'));
  }

  stop(): void {
    this.#isOver = true;
    this.#stop.abort(new GigatileError('cancelled', 'Stopped by the person'));
  }

  /** Never rejects: what happened to the tile is posted. */
  async #tile(open: OpenLease, tile: number): Promise<void> {
    const { lease } = open;
    const signal = AbortSignal.any([this.#stop.signal, open.abort.signal]);
    try {
      await this.#turns.next(signal);
      try {
        if (!(await this.#mayAsk(signal))) return;
        const result = await this.#ask(lease, tile, signal);
        this.#post({ kind: 'tiles', lease: lease.lease, epoch: lease.epoch, results: [result] });
      } finally {
        this.#turns.done();
      }
    } catch (error) {
      // A cancelled lease ends without an answer for its tiles, and a stopped worker says nothing more.
      if (!signal.aborted) this.#failed(lease, tile, error);
    }
  }

  /** Waits until the budget is known to have room; false where it has none: then the run ends here. */
  async #mayAsk(signal: AbortSignal): Promise<boolean> {
    for (;;) {
      const may = this.#budget.ask();
      if (may === 'go') {
        this.#budget.begin();
        return true;
      }
      if (may === 'over') {
        if (this.#limit !== null) this.#die(budgetReached(this.#limit, this.#budget.usage));
        return false;
      }
      await sleep(budgetLookMs, undefined, { signal });
    }
  }

  /** Whatever comes of it, what it cost is told first. */
  async #ask(lease: Lease, tile: number, signal: AbortSignal): Promise<TileResult> {
    const tokens = { input: 0, output: 0 };
    let requests = 0;
    try {
      return await this.#answer(lease, tile, signal, (more) => {
        requests++;
        tokens.input += more.input;
        tokens.output += more.output;
        this.#hasAnswer = true;
        this.#unreached = 0;
      });
    } finally {
      const usd = priceOf(this.#remote, tokens);
      const cost = { requests, inputTokens: tokens.input, outputTokens: tokens.output, usd };
      this.#budget.end(cost);
      if (requests > 0) this.#post({ kind: 'usage', cost });
    }
  }

  async #answer(
    lease: Lease,
    tile: number,
    signal: AbortSignal,
    onAnswer: (tokens: Tokens) => void,
  ): Promise<TileResult> {
    const { manifest, bandIndexes } = this.#init;
    const reader = this.#readerFor(lease.plan);
    const picture = await this.#alone(async () =>
      encodeTile(await reader.read(tile), bandIndexes, this.#remote),
    );
    const region = await askRegion(this.#endpoint, manifest, this.#remote, picture, onAnswer, signal);
    const place = {
      plan: lease.plan,
      rect: reader.rect(tile),
      core: coreModelRect(lease.plan, tile),
      size: modelSize(lease.plan),
      keepAll: lease.keepAll ?? false,
    };
    return regionResult(manifest, region, tile, place, areaMeasure(manifest, this.#source.info, lease.plan));
  }

  #alone<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#reading.then(work, work);
    this.#reading = turn.catch(() => undefined);
    return turn;
  }

  #readerFor(plan: Lease['plan']): TileReader {
    const key = JSON.stringify(plan);
    if (this.#reader?.key !== key)
      this.#reader = { key, reader: tileReader(this.#source, plan, this.#init.manifest) };
    return this.#reader.reader;
  }

  #failed(lease: Lease, tile: number, error: unknown): void {
    if (this.#isOver) return;
    const isImage =
      error instanceof GigatileError && (error.code === 'image-missing' || error.code === 'image-changed');
    if (isImage) {
      this.#die(error);
      return;
    }
    if (!(error instanceof EndpointFailure)) {
      if (error instanceof GigatileError && error.code === 'endpoint-refused') this.#die(error);
      else this.#tileFailed(lease, tile, isTransient(error), toPlainError(error), null);
      return;
    }
    if (error.retryAfterMs !== null) this.#turns.pause(error.retryAfterMs);
    this.#unreached = error.isUnreachable ? this.#unreached + 1 : 0;
    // What no tile could be answered for is no tile's fault: told once, and nothing is lost.
    const isFatal = error.kind === 'fatal' || (!this.#hasAnswer && this.#unreached >= mostUnreached);
    if (isFatal) this.#die(error.error);
    else this.#tileFailed(lease, tile, error.kind === 'transient', error.error.toPlain(), error.retryAfterMs);
  }

  #tileFailed(
    { lease, epoch }: Lease,
    tile: number,
    transient: boolean,
    error: PlainError,
    retryAfterMs: number | null,
  ): void {
    const after = retryAfterMs === null ? {} : { retryAfterMs };
    this.#post({ kind: 'tile-failed', lease, epoch, tile, transient, error, ...after });
  }

  #die(error: GigatileError): void {
    if (this.#isOver) return;
    this.stop();
    this.#fatal(error);
  }
}
