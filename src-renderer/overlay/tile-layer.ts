/**
 * Tiles as one quad: the states lie in a texture of columns x rows texels (several where a grid is larger than a texture may
 * be), and the shader finds the tile of each pixel. The cost of a frame does not depend on the number of tiles.
 */
import { tileStateCode } from '../../src-main/contract/run.ts';
import type { TilePage, TileStateBuffer } from '../state/tile-state-buffer.ts';
import { patternOf } from '../../src-main/core/colour.ts';
import { compile, texelTexture, uniformsOf } from './gl.ts';
import { coreAlong, type GridAxis } from './grid-axis.ts';
import {
  betweenFailedHatches,
  betweenSkippedHatches,
  borderWidth,
  hatchFill,
  hatchPeriod,
  insideOutline,
  leastFailedHatch,
  onBorder,
  outlineWidth,
  patternFrom,
  selectedWidth,
  skippedStrength,
  stateRows,
  type TileColours,
} from './tile-pixel.ts';
import type { ViewTransform } from './view-transform.ts';

const vertexShader = `#version 300 es
precision highp float;
uniform vec4 u_area; // the page's cores: x0, y0, x1, y1, level-0 pixels
uniform vec2 u_origin;
uniform vec2 u_size;
uniform float u_scale;
out vec2 v_image;
void main() {
  vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1);
  v_image = mix(u_area.xy, u_area.zw, corner);
  vec2 screen = u_origin + v_image * u_scale;
  gl_Position = vec4(screen / u_size * vec2(2.0, -2.0) + vec2(-1.0, 1.0), 0.0, 1.0);
}`;

const float = (value: number) => (Number.isInteger(value) ? `${value}.0` : String(value));

/** A GLSL condition on `state`, from the one rule of core/colour.ts. */
function isPattern(pattern: ReturnType<typeof patternOf>): string {
  const states = Object.values(tileStateCode).filter((state) => patternOf(state) === pattern);
  return `(${states.map((state) => `state == ${state}`).join(' || ')})`;
}

/** The twin of tileAlong, coreAlong (./grid-axis.ts) and tilePixel (./tile-pixel.ts). */
const fragmentShader = `#version 300 es
precision highp float;
precision highp int;
in vec2 v_image;
uniform sampler2D u_tiles;
uniform sampler2D u_colours;
uniform ivec2 u_page;
uniform ivec2 u_pageSize;
uniform int u_rows;
uniform float u_scale;
uniform float u_opacity;
uniform float u_inside;
uniform ivec2 u_count;
uniform ivec2 u_selected;
uniform vec4 u_axisX; // first, step, last, end
uniform vec4 u_axisY;
out vec4 color;

int tileAlong(vec4 axis, int count, float at) {
  if (count == 1 || at < axis.x) return 0;
  if (at >= axis.z) return count - 1;
  return min(count - 2, 1 + int(floor((at - axis.x) / axis.y)));
}
vec2 coreAlong(vec4 axis, int count, int tile) {
  float from = tile == 0 ? 0.0 : tile == count - 1 ? axis.z : axis.x + float(tile - 1) * axis.y;
  float to = tile == count - 1 ? axis.w : tile == count - 2 ? axis.z : axis.x + float(tile) * axis.y;
  return vec2(from, to);
}
void main() {
  ivec2 tile = ivec2(tileAlong(u_axisX, u_count.x, v_image.x), tileAlong(u_axisY, u_count.y, v_image.y));
  ivec2 texel = clamp(tile - u_page, ivec2(0), u_pageSize - 1);
  ivec4 record = ivec4(texelFetch(u_tiles, texel, 0) * 255.0 + 0.5);
  int state = record.r;
  int row = state;
  if (state == ${tileStateCode.done} && record.b != 255 && ${stateRows} + record.b < u_rows) row = ${stateRows} + record.b;
  vec4 base = texelFetch(u_colours, ivec2(record.g, row), 0);
  vec2 coreX = coreAlong(u_axisX, u_count.x, tile.x);
  vec2 coreY = coreAlong(u_axisY, u_count.y, tile.y);
  float tileSize = min(coreX.y - coreX.x, coreY.y - coreY.x) * u_scale;
  vec2 nearX = abs(v_image.xx - coreX);
  vec2 nearY = abs(v_image.yy - coreY);
  float edge = min(min(nearX.x, nearX.y), min(nearY.x, nearY.y)) * u_scale;
  float diagonal = (v_image.x + v_image.y) * u_scale;
  if (tile == u_selected && edge < ${float(selectedWidth)}) {
    color = vec4(1.0);
    return;
  }
  float strength = u_opacity;
  float kept = tileSize >= ${float(patternFrom)} && edge < ${float(borderWidth)} ? 1.0 : u_inside;
  if (tileSize >= ${float(patternFrom)}) {
    if (state == ${tileStateCode.skipped}) strength *= ${float(skippedStrength)};
    if (${isPattern('hatch')}) {
      float phase = diagonal - ${float(hatchPeriod)} * floor(diagonal / ${float(hatchPeriod)});
      if (phase >= ${float(hatchPeriod * hatchFill)})
        strength *= state == ${tileStateCode.failed} ? ${float(betweenFailedHatches)} : ${float(betweenSkippedHatches)};
      else if (state == ${tileStateCode.failed}) kept = max(kept, ${float(leastFailedHatch)});
    } else if (${isPattern('outline')} && edge >= ${float(outlineWidth)}) {
      strength *= ${float(insideOutline)};
    }
    if (edge < 0.5 && !(${isPattern('outline')})) strength *= ${float(onBorder)};
  }
  float alpha = base.a * strength * kept;
  color = vec4(base.rgb * alpha, alpha);
}`;

interface GpuPage {
  page: TilePage;
  texture: WebGLTexture;
}

export class TileLayer {
  readonly #gl: WebGL2RenderingContext;
  readonly #program: WebGLProgram;
  readonly #uniform: (name: string) => WebGLUniformLocation | null;
  readonly #empty: WebGLVertexArrayObject;
  #pages: GpuPage[] = [];
  #buffer: TileStateBuffer | null = null;
  #colours: { texture: WebGLTexture; rows: number } | null = null;

  constructor(gl: WebGL2RenderingContext) {
    this.#gl = gl;
    this.#program = compile(gl, vertexShader, fragmentShader);
    this.#uniform = uniformsOf(gl, this.#program);
    this.#empty = gl.createVertexArray();
  }

  setColours(colours: TileColours): void {
    if (this.#colours !== null) this.#gl.deleteTexture(this.#colours.texture);
    this.#colours = {
      texture: texelTexture(this.#gl, 256, colours.rows, colours.texels),
      rows: colours.rows,
    };
  }

  /** Takes over another buffer, or the rows of the same one that changed. */
  setTiles(buffer: TileStateBuffer | null): void {
    const gl = this.#gl;
    if (buffer !== this.#buffer) {
      for (const { texture } of this.#pages) gl.deleteTexture(texture);
      this.#buffer = buffer;
      this.#pages = (buffer?.pages ?? []).map((page) => {
        page.dirtyFrom = 0;
        page.dirtyTo = 0;
        return { page, texture: texelTexture(gl, page.columns, page.rows, page.data) };
      });
      return;
    }
    for (const { page, texture } of this.#pages) {
      if (page.dirtyFrom === page.dirtyTo) continue;
      gl.bindTexture(gl.TEXTURE_2D, texture);
      gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
      gl.texSubImage2D(
        gl.TEXTURE_2D,
        0,
        0,
        page.dirtyFrom,
        page.columns,
        page.dirtyTo - page.dirtyFrom,
        gl.RGBA,
        gl.UNSIGNED_BYTE,
        page.data,
        page.dirtyFrom * page.columns * 4,
      );
      page.dirtyFrom = 0;
      page.dirtyTo = 0;
    }
  }

  /**
   * @param strength of the tiles' colour, 0-1, and what remains of it inside of borders
   * @param selected index of the inspected tile, -1 where none
   */
  draw(
    view: ViewTransform,
    axes: { x: GridAxis; y: GridAxis },
    strength: { opacity: number; inside: number },
    selected: number,
  ): void {
    if (this.#buffer === null || this.#colours === null) return;
    const gl = this.#gl;
    const uniform = this.#uniform;
    gl.useProgram(this.#program);
    gl.bindVertexArray(this.#empty);
    gl.activeTexture(gl.TEXTURE1);
    gl.bindTexture(gl.TEXTURE_2D, this.#colours.texture);
    gl.uniform1i(uniform('u_colours'), 1);
    gl.uniform1i(uniform('u_rows'), this.#colours.rows);
    gl.uniform2f(uniform('u_origin'), view.originX, view.originY);
    gl.uniform2f(uniform('u_size'), view.width, view.height);
    gl.uniform1f(uniform('u_scale'), view.scale);
    gl.uniform1f(uniform('u_opacity'), strength.opacity);
    gl.uniform1f(uniform('u_inside'), strength.inside);
    gl.uniform2i(
      uniform('u_selected'),
      selected < 0 ? -1 : selected % axes.x.count,
      selected < 0 ? -1 : Math.floor(selected / axes.x.count),
    );
    gl.uniform2i(uniform('u_count'), axes.x.count, axes.y.count);
    gl.uniform4f(uniform('u_axisX'), axes.x.first, axes.x.step, axes.x.last, axes.x.end);
    gl.uniform4f(uniform('u_axisY'), axes.y.first, axes.y.step, axes.y.last, axes.y.end);
    gl.activeTexture(gl.TEXTURE0);
    gl.uniform1i(uniform('u_tiles'), 0);
    for (const { page, texture } of this.#pages) {
      gl.bindTexture(gl.TEXTURE_2D, texture);
      gl.uniform2i(uniform('u_page'), page.column, page.row);
      gl.uniform2i(uniform('u_pageSize'), page.columns, page.rows);
      gl.uniform4f(
        uniform('u_area'),
        coreAlong(axes.x, page.column)[0],
        coreAlong(axes.y, page.row)[0],
        coreAlong(axes.x, page.column + page.columns - 1)[1],
        coreAlong(axes.y, page.row + page.rows - 1)[1],
      );
      gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
    }
    gl.bindVertexArray(null);
  }
}
