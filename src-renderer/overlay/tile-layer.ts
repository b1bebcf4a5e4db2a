/**
 * Tiles by their states, which lie in a texture of columns x rows texels (several where a grid is larger than a texture may be).
 * From afar they are one quad, whose shader finds the tile of each pixel; closer, those in view are a quad each. Either way the cost of
 * a frame does not depend on the number of tiles.
 */
import { tileStateCode } from '../../src-main/contract/run.ts';
import type { TilePage, TileStateBuffer } from '../state/tile-state-buffer.ts';
import { patternOf } from '../../src-main/core/colour.ts';
import { compile, texelTexture, uniformsOf } from './gl.ts';
import { coreAlong, tileAlong, type GridAxis } from './grid-axis.ts';
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
import { visibleRect, type ViewTransform } from './view-transform.ts';

const float = (value: number) => (Number.isInteger(value) ? `${value}.0` : String(value));

/** A GLSL condition on `state`, from the one rule of core/colour.ts. */
function isPattern(pattern: ReturnType<typeof patternOf>): string {
  const states = Object.values(tileStateCode).filter((state) => patternOf(state) === pattern);
  return `(${states.map((state) => `state == ${state}`).join(' || ')})`;
}

const head = `#version 300 es
precision highp float;
precision highp int;`;

/** The twin of coreAlong (./grid-axis.ts), and where a tile's record and its colour lie. */
const tileLookup = `
uniform sampler2D u_tiles;
uniform sampler2D u_colours;
uniform ivec2 u_page;
uniform ivec2 u_pageSize;
uniform int u_rows;
uniform ivec2 u_count;
uniform vec4 u_axisX; // first, step, last, end
uniform vec4 u_axisY;
vec2 coreAlong(vec4 axis, int count, int tile) {
  float from = tile == 0 ? 0.0 : tile == count - 1 ? axis.z : axis.x + float(tile - 1) * axis.y;
  float to = tile == count - 1 ? axis.w : tile == count - 2 ? axis.z : axis.x + float(tile) * axis.y;
  return vec2(from, to);
}
vec4 colourOf(ivec2 tile, out int state) {
  ivec2 texel = clamp(tile - u_page, ivec2(0), u_pageSize - 1);
  ivec4 record = ivec4(texelFetch(u_tiles, texel, 0) * 255.0 + 0.5);
  state = record.r;
  int row = state;
  if (state == ${tileStateCode.done} && record.b != 255 && ${stateRows} + record.b < u_rows) row = ${stateRows} + record.b;
  return texelFetch(u_colours, ivec2(record.g, row), 0);
}`;

/** The twin of tilePixel (./tile-pixel.ts). */
const tilePaint = `
uniform float u_scale;
uniform float u_opacity;
uniform float u_inside;
vec4 painted(vec2 at, vec2 coreX, vec2 coreY, int state, vec4 base, bool selected) {
  float tileSize = min(coreX.y - coreX.x, coreY.y - coreY.x) * u_scale;
  vec2 nearX = abs(at.xx - coreX);
  vec2 nearY = abs(at.yy - coreY);
  float edge = min(min(nearX.x, nearX.y), min(nearY.x, nearY.y)) * u_scale;
  if (selected && edge < ${float(selectedWidth)}) return vec4(1.0);
  float strength = u_opacity;
  float kept = tileSize >= ${float(patternFrom)} && edge < ${float(borderWidth)} ? 1.0 : u_inside;
  if (tileSize >= ${float(patternFrom)}) {
    if (state == ${tileStateCode.skipped}) strength *= ${float(skippedStrength)};
    if (${isPattern('hatch')}) {
      float diagonal = (at.x + at.y) * u_scale;
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
  return vec4(base.rgb * alpha, alpha);
}`;

const toScreen = `
uniform vec2 u_origin;
uniform vec2 u_size;
vec4 toScreen(vec2 image, float scale) {
  vec2 screen = u_origin + image * scale;
  return vec4(screen / u_size * vec2(2.0, -2.0) + vec2(-1.0, 1.0), 0.0, 1.0);
}`;

/** A page of tiles as one quad: each pixel finds its tile, by the twin of tileAlong (./grid-axis.ts). */
const pageVertexShader = `${head}
${toScreen}
uniform vec4 u_area; // the page's cores: x0, y0, x1, y1, level-0 pixels
uniform float u_scale;
out vec2 v_image;
void main() {
  v_image = mix(u_area.xy, u_area.zw, vec2(gl_VertexID & 1, gl_VertexID >> 1));
  gl_Position = toScreen(v_image, u_scale);
}`;
const pageFragmentShader = `${head}
in vec2 v_image;
uniform ivec2 u_selected;
out vec4 color;
${tileLookup}
${tilePaint}
int tileAlong(vec4 axis, int count, float at) {
  if (count == 1 || at < axis.x) return 0;
  if (at >= axis.z) return count - 1;
  return min(count - 2, 1 + int(floor((at - axis.x) / axis.y)));
}
void main() {
  ivec2 tile = ivec2(tileAlong(u_axisX, u_count.x, v_image.x), tileAlong(u_axisY, u_count.y, v_image.y));
  int state;
  vec4 base = colourOf(tile, state);
  vec2 coreX = coreAlong(u_axisX, u_count.x, tile.x);
  vec2 coreY = coreAlong(u_axisY, u_count.y, tile.y);
  color = painted(v_image, coreX, coreY, state, base, tile == u_selected);
}`;

/** Each tile in view as a quad of its own: what is the same all over a tile is found four times and not for each pixel. */
const nearVertexShader = `${head}
${toScreen}
uniform ivec2 u_from; // the first tile in view, and how many of them lie side by side
uniform int u_across;
uniform ivec2 u_selected;
uniform float u_scale;
out vec2 v_image;
flat out vec4 v_core; // x0, x1, y0, y1
flat out vec4 v_base;
flat out ivec2 v_state; // and whether it is the selected one
${tileLookup}
void main() {
  ivec2 tile = u_from + ivec2(gl_InstanceID % u_across, gl_InstanceID / u_across);
  v_base = colourOf(tile, v_state.x);
  v_state.y = tile == u_selected ? 1 : 0;
  v_core = vec4(coreAlong(u_axisX, u_count.x, tile.x), coreAlong(u_axisY, u_count.y, tile.y));
  v_image = mix(v_core.xz, v_core.yw, vec2(gl_VertexID & 1, gl_VertexID >> 1));
  gl_Position = toScreen(v_image, u_scale);
}`;
const nearFragmentShader = `${head}
in vec2 v_image;
flat in vec4 v_core;
flat in vec4 v_base;
flat in ivec2 v_state;
out vec4 color;
${tilePaint}
void main() {
  color = painted(v_image, v_core.xy, v_core.zw, v_state.x, v_base, v_state.y == 1);
}`;

/** From this size on the screen, CSS pixels, tiles are few enough to be quads of their own. */
const quadFrom = 24;

interface Painter {
  program: WebGLProgram;
  uniform: (name: string) => WebGLUniformLocation | null;
}

function painterOf(gl: WebGL2RenderingContext, vertex: string, fragment: string): Painter {
  const program = compile(gl, vertex, fragment);
  return { program, uniform: uniformsOf(gl, program) };
}

interface GpuPage {
  page: TilePage;
  texture: WebGLTexture;
}

export class TileLayer {
  readonly #gl: WebGL2RenderingContext;
  /** Each is made when it is first needed: to compile one takes a moment. */
  #whole: Painter | null = null;
  #near: Painter | null = null;
  readonly #empty: WebGLVertexArrayObject;
  #pages: GpuPage[] = [];
  #buffer: TileStateBuffer | null = null;
  #colours: { texture: WebGLTexture; rows: number } | null = null;

  constructor(gl: WebGL2RenderingContext) {
    this.#gl = gl;
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
    const isNear = Math.min(axes.x.step, axes.y.step) * view.scale >= quadFrom;
    const { program, uniform } = isNear
      ? (this.#near ??= painterOf(gl, nearVertexShader, nearFragmentShader))
      : (this.#whole ??= painterOf(gl, pageVertexShader, pageFragmentShader));
    gl.useProgram(program);
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
    const seen = visibleRect(view);
    for (const { page, texture } of this.#pages) {
      const across = inView(axes.x, page.column, page.columns, seen.x, seen.width);
      const down = inView(axes.y, page.row, page.rows, seen.y, seen.height);
      if (across === null || down === null) continue;
      gl.bindTexture(gl.TEXTURE_2D, texture);
      gl.uniform2i(uniform('u_page'), page.column, page.row);
      gl.uniform2i(uniform('u_pageSize'), page.columns, page.rows);
      if (isNear) {
        gl.uniform2i(uniform('u_from'), across.from, down.from);
        gl.uniform1i(uniform('u_across'), across.count);
        gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, across.count * down.count);
        continue;
      }
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

/** Which of a page's tiles along an axis a stretch of the image touches; null where none. */
function inView(
  axis: GridAxis,
  first: number,
  tiles: number,
  start: number,
  length: number,
): { from: number; count: number } | null {
  if (start >= axis.end || start + length <= 0) return null;
  const from = Math.max(first, tileAlong(axis, Math.max(0, start)));
  const to = Math.min(first + tiles - 1, tileAlong(axis, start + length));
  return to < from ? null : { from, count: to - from + 1 };
}
