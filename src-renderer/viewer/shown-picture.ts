/**
 * The image in the viewer: by a look, in an edition. Another one is loaded beside the one that is shown, and takes its place when all
 * that is in view is there, so that nothing flickers.
 */
import type OpenSeadragon from 'openseadragon';
import type { ImageInfo } from '../../src-main/contract/image.ts';
import { encodeLook, type DisplayLook } from '../../src-main/contract/look.ts';
import type { Connection } from '../client/connection.ts';
import { GigatileSource } from './gigatile-source.ts';

const longestRenewalMs = 10_000;

export class ShownPicture {
  readonly #viewer: OpenSeadragon.Viewer;
  readonly #connection: Connection;
  readonly #image: ImageInfo & { id: string };
  /** What is shown or on its way; null: the image's default. */
  #look: DisplayLook | null;
  #edition = 0;
  /** A newer edition is being loaded underneath the one that is shown. */
  #renewing = false;
  #renewAgain = false;
  #closed = false;

  constructor(
    viewer: OpenSeadragon.Viewer,
    connection: Connection,
    image: ImageInfo & { id: string },
    look: DisplayLook | null,
  ) {
    this.#viewer = viewer;
    this.#connection = connection;
    this.#image = image;
    this.#look = look;
  }

  /** The first one. */
  open(onOpen: () => void): void {
    const look = this.#look;
    this.#viewer.addTiledImage({
      tileSource: new GigatileSource(this.#connection, this.#image, look),
      success: () => {
        onOpen();
        if (lookKey(look) !== lookKey(this.#look)) this.#swap();
      },
    });
  }

  setLook(look: DisplayLook | null): void {
    if (lookKey(look) === lookKey(this.#look)) return;
    this.#look = look;
    this.#swap();
  }

  /** There is more of the image than when its tiles were asked for. */
  renew(): void {
    this.#edition++;
    this.#swap();
  }

  close(): void {
    this.#closed = true;
  }

  /** Loads the image by the present look and edition beside the one that is shown, which goes when the new one is there. */
  #swap(): void {
    const { world } = this.#viewer;
    const old = world.getItemAt(0);
    if (old === undefined) return;
    if (this.#renewing) {
      this.#renewAgain = true;
      return;
    }
    this.#renewing = true;
    this.#viewer.addTiledImage({
      tileSource: new GigatileSource(this.#connection, this.#image, this.#look, this.#edition),
      opacity: 0,
      preload: true,
      success: (event) => {
        const fresh = (event as unknown as { item: OpenSeadragon.TiledImage }).item;
        let swapped = false;
        const swap = (): void => {
          if (swapped || this.#closed) return;
          swapped = true;
          fresh.setOpacity(1);
          world.removeItem(old);
          this.#renewing = false;
          if (!this.#renewAgain) return;
          this.#renewAgain = false;
          this.#swap();
        };
        fresh.whenFullyLoaded(swap);
        // A tile that does not come must not keep the others from being seen.
        setTimeout(swap, longestRenewalMs);
      },
      error: () => {
        this.#renewing = false;
      },
    });
  }
}

function lookKey(look: DisplayLook | null): string {
  return look === null ? '' : encodeLook(look);
}
