/** The picture of ./density-picture.ts as one quad. */
import {
  DensityPictures,
  discStrength,
  spreadOf,
  stepsPerFinding,
  type DensityPicture,
  type DensityScene,
} from './density-picture.ts';
import { compile, texelTexture, uniformsOf } from './gl.ts';
import type { ViewTransform } from './view-transform.ts';

const vertexShader = `#version 300 es
precision highp float;
uniform vec2 u_area; // of all cells, level-0 pixels
uniform vec2 u_origin;
uniform vec2 u_size;
uniform float u_scale;
out vec2 v_image;
void main() {
  v_image = u_area * vec2(gl_VertexID & 1, gl_VertexID >> 1);
  vec2 screen = u_origin + v_image * u_scale;
  gl_Position = vec4(screen / u_size * vec2(2.0, -2.0) + vec2(-1.0, 1.0), 0.0, 1.0);
}`;

/** The twin of densityAlpha, over the cells with what their neighbours spread to them. */
const fragmentShader = `#version 300 es
precision highp float;
in vec2 v_image;
uniform sampler2D u_cells;
uniform ivec2 u_count;
uniform float u_cell;
uniform float u_layers;
uniform float u_aside;
uniform float u_strength;
out vec4 color;
void main() {
  ivec2 at = clamp(ivec2(v_image / u_cell), ivec2(0), u_count - 1);
  vec3 part = vec3(u_aside, 1.0 - 2.0 * u_aside, u_aside);
  vec3 rgb = vec3(0.0);
  float sum = 0.0;
  for (int y = -1; y <= 1; y++) {
    for (int x = -1; x <= 1; x++) {
      ivec2 near = at + ivec2(x, y);
      if (any(lessThan(near, ivec2(0))) || any(greaterThanEqual(near, u_count))) continue;
      vec4 cell = texelFetch(u_cells, near, 0);
      float own = cell.a * 255.0 / ${stepsPerFinding}.0 * part[x + 1] * part[y + 1];
      rgb += cell.rgb * own;
      sum += own;
    }
  }
  float alpha = 1.0 - pow(1.0 - u_strength * ${discStrength}, sum * u_layers);
  color = sum > 0.0 ? vec4(rgb / sum * alpha, alpha) : vec4(0.0);
}`;

export class DensityLayer {
  readonly #gl: WebGL2RenderingContext;
  readonly #program: WebGLProgram;
  readonly #uniform: (name: string) => WebGLUniformLocation | null;
  readonly #empty: WebGLVertexArrayObject;
  readonly #pictures = new DensityPictures();
  #sent: { picture: DensityPicture; texture: WebGLTexture } | null = null;

  constructor(gl: WebGL2RenderingContext) {
    this.#gl = gl;
    this.#program = compile(gl, vertexShader, fragmentShader);
    this.#uniform = uniformsOf(gl, this.#program);
    this.#empty = gl.createVertexArray();
  }

  /** @returns whether the findings were painted so */
  draw(view: ViewTransform, scene: DensityScene, strength: number): boolean {
    const picture = this.#pictures.pictureOf(view, scene);
    if (picture === null) return false;
    const gl = this.#gl;
    const uniform = this.#uniform;
    gl.useProgram(this.#program);
    gl.bindVertexArray(this.#empty);
    gl.activeTexture(gl.TEXTURE0);
    if (this.#sent?.picture !== picture) {
      if (this.#sent !== null) gl.deleteTexture(this.#sent.texture);
      this.#sent = { picture, texture: texelTexture(gl, picture.columns, picture.rows, picture.texels) };
    }
    gl.bindTexture(gl.TEXTURE_2D, this.#sent.texture);
    gl.uniform1i(uniform('u_cells'), 0);
    gl.uniform2i(uniform('u_count'), picture.columns, picture.rows);
    gl.uniform1f(uniform('u_cell'), picture.cell);
    gl.uniform2f(uniform('u_area'), picture.columns * picture.cell, picture.rows * picture.cell);
    const { layers, aside } = spreadOf(picture, view.scale);
    gl.uniform1f(uniform('u_layers'), layers);
    gl.uniform1f(uniform('u_aside'), aside);
    gl.uniform1f(uniform('u_strength'), strength);
    gl.uniform2f(uniform('u_origin'), view.originX, view.originY);
    gl.uniform2f(uniform('u_size'), view.width, view.height);
    gl.uniform1f(uniform('u_scale'), view.scale);
    gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
    gl.bindVertexArray(null);
    return true;
  }
}
