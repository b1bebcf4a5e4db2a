/** Instances of ./finding-layer.ts as the graphics card has them: boxes, scores, classes with verdicts. */

interface Attribute {
  location: number;
  size: number;
  type: number;
  buffer: WebGLBuffer;
  bytes: number;
}

export class FindingInstances {
  readonly array: WebGLVertexArrayObject;
  count = 0;
  readonly #gl: WebGL2RenderingContext;
  readonly #boxes: Attribute;
  readonly #scores: Attribute;
  readonly #kinds: Attribute;

  /** @param corners of the quad that all instances are, bound to location 0 */
  constructor(gl: WebGL2RenderingContext, corners: WebGLBuffer) {
    this.#gl = gl;
    this.array = gl.createVertexArray();
    gl.bindVertexArray(this.array);
    gl.bindBuffer(gl.ARRAY_BUFFER, corners);
    gl.enableVertexAttribArray(0);
    gl.vertexAttribPointer(0, 2, gl.FLOAT, false, 0, 0);
    this.#boxes = this.#instanced(1, 4, gl.FLOAT, 16);
    this.#scores = this.#instanced(2, 1, gl.FLOAT, 4);
    this.#kinds = this.#instanced(3, 2, gl.UNSIGNED_BYTE, 2);
    gl.bindVertexArray(null);
  }

  /** @param kinds class and verdict of each */
  set(boxes: Float32Array, scores: Float32Array, kinds: Uint8Array): void {
    const gl = this.#gl;
    this.count = scores.length;
    for (const [{ buffer }, data] of [
      [this.#boxes, boxes],
      [this.#scores, scores],
      [this.#kinds, kinds],
    ] as const) {
      gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
      gl.bufferData(gl.ARRAY_BUFFER, data, gl.DYNAMIC_DRAW);
    }
  }

  /** Sends the kinds of some instances again. */
  setKinds(kinds: Uint8Array, from: number, to: number): void {
    this.#gl.bindBuffer(this.#gl.ARRAY_BUFFER, this.#kinds.buffer);
    this.#gl.bufferSubData(this.#gl.ARRAY_BUFFER, from * 2, kinds, from * 2, (to - from) * 2);
  }

  /** Makes one of them the first instance; the array is bound. */
  startAt(instance: number): void {
    for (const { location, size, type, buffer, bytes } of [this.#boxes, this.#scores, this.#kinds]) {
      this.#gl.bindBuffer(this.#gl.ARRAY_BUFFER, buffer);
      this.#gl.vertexAttribPointer(location, size, type, false, 0, instance * bytes);
    }
  }

  #instanced(location: number, size: number, type: number, bytes: number): Attribute {
    const gl = this.#gl;
    const buffer = gl.createBuffer();
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
    gl.enableVertexAttribArray(location);
    gl.vertexAttribPointer(location, size, type, false, 0, 0);
    gl.vertexAttribDivisor(location, 1);
    return { location, size, type, buffer, bytes };
  }
}
