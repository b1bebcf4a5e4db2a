/**
 * Findings as instanced quads: one draw call whatever their number. A box is an outline of constant width on screen; one that
 * would be smaller than a few pixels becomes a point, so that nothing disappears when zoomed out.
 */
import { lineCode, type FindingSet } from '../state/finding-set.ts';
import { pointBelow, pointFill, pointRadius } from './density-picture.ts';
import { FindingInstances } from './finding-instances.ts';
import { findingsNear, isStillNear, placeAmong, type FindingsNear } from './findings-near.ts';
import { compile, texelTexture, uniformsOf } from './gl.ts';
import type { ViewTransform } from './view-transform.ts';

const vertexShader = `#version 300 es
precision highp float;
layout(location = 0) in vec2 a_corner;
layout(location = 1) in vec4 a_box;
layout(location = 2) in float a_score;
layout(location = 3) in vec2 a_kind; // class, verdict or line
uniform vec2 u_origin;
uniform vec2 u_size;
uniform float u_scale;
uniform float u_threshold;
uniform int u_selected;
uniform bool u_points;
uniform sampler2D u_classes;
out vec2 v_at;
flat out vec2 v_half;
flat out vec3 v_color;
flat out float v_verdict;
flat out float v_selected;
flat out float v_point;
void main() {
  vec2 half_size = a_box.zw * 0.5 * u_scale;
  bool selected = gl_InstanceID == u_selected;
  float longest = max(half_size.x, half_size.y);
  v_point = u_points || longest < ${pointBelow} ? 1.0 : 0.0;
  v_half = v_point < 0.5 ? max(half_size, vec2(2.0)) : vec2(selected ? 6.0 : clamp(longest * ${pointRadius.factor}, ${pointRadius.least}, ${pointRadius.most}));
  v_color = texelFetch(u_classes, ivec2(int(a_kind.x), 0), 0).rgb;
  v_verdict = a_kind.y;
  v_selected = selected ? 1.0 : 0.0;
  float margin = selected ? 6.0 : 2.0;
  v_at = a_corner * (v_half + margin);
  vec2 centre = u_origin + (a_box.xy + a_box.zw * 0.5) * u_scale;
  vec2 screen = centre + v_at;
  bool shown = a_score >= u_threshold || selected;
  gl_Position = shown ? vec4(screen / u_size * vec2(2.0, -2.0) + vec2(-1.0, 1.0), 0.0, 1.0) : vec4(2.0, 2.0, 2.0, 1.0);
}`;

const fragmentShader = `#version 300 es
precision highp float;
in vec2 v_at;
flat in vec2 v_half;
flat in vec3 v_color;
flat in float v_verdict;
flat in float v_selected;
flat in float v_point;
uniform float u_alpha;
out vec4 color;
float cover(float distance, float half_width) { return clamp(half_width + 0.5 - abs(distance), 0.0, 1.0); }
void main() {
  // Signed distance to the outline, CSS pixels; negative inside.
  vec2 d = abs(v_at) - v_half;
  float box = max(d.x, d.y);
  float circle = length(v_at) - v_half.x;
  float at = v_point > 0.5 ? circle : box;
  float line = cover(at, 0.75);
  // Points that crowd when zoomed out have no dark rim: it would hide the image.
  float halo = cover(at, 1.6) * (v_point > 0.5 && v_selected < 0.5 ? 0.0 : 0.55);
  float fill = at < 0.0 ? (v_point > 0.5 ? ${pointFill} : 0.0) : 0.0;
  vec3 tint = v_color;
  float strength = 1.0;
  if (v_verdict > 2.5) {
    float period = v_verdict > ${lineCode.dashed}.5 ? 4.0 : 10.0;
    float along = abs(d.x) > abs(d.y) ? v_at.x : v_at.y;
    line = cover(at, 1.25);
    if (v_point < 0.5 && mod(along + 200.0 * period, period) > period * 0.6) line = 0.0;
    fill = 0.0;
  } else if (v_verdict > 1.5) {
    float along = abs(d.x) > abs(d.y) ? v_at.x : v_at.y;
    if (v_point < 0.5 && mod(along + 64.0, 6.0) > 3.0) line = 0.0;
    tint = vec3(0.62);
    strength = 0.75;
    fill *= 0.4;
  } else if (v_verdict > 0.5) {
    if (v_point < 0.5 && at < 0.0) fill = 0.22;
    line = cover(at, 1.25);
  }
  vec3 rgb = tint;
  float alpha = max(line, fill);
  float dark = halo * (1.0 - alpha);
  alpha = (alpha + dark) * strength;
  rgb = alpha > 0.0 ? tint * (max(line, fill) * strength / alpha) : vec3(0.0);
  if (v_selected > 0.5) {
    float ring = cover(at - 3.5, 1.0);
    rgb = mix(rgb, vec3(1.0), ring);
    alpha = max(alpha, ring);
  }
  color = vec4(rgb * alpha, alpha) * (v_selected > 0.5 ? 1.0 : u_alpha);
}`;

export class FindingLayer {
  readonly #gl: WebGL2RenderingContext;
  readonly #program: WebGLProgram;
  readonly #uniform: (name: string) => WebGLUniformLocation | null;
  readonly #all: FindingInstances;
  /** Those around the view, where that is few of them. */
  readonly #few: FindingInstances;
  #near: FindingsNear | null = null;
  #classes: WebGLTexture;
  #set: FindingSet | null = null;
  /** Classes and verdicts as the graphics card has them. */
  #kindsSent = new Uint8Array(0);

  constructor(gl: WebGL2RenderingContext) {
    this.#gl = gl;
    this.#program = compile(gl, vertexShader, fragmentShader);
    this.#uniform = uniformsOf(gl, this.#program);
    const corners = gl.createBuffer();
    gl.bindBuffer(gl.ARRAY_BUFFER, corners);
    gl.bufferData(gl.ARRAY_BUFFER, new Float32Array([-1, -1, 1, -1, -1, 1, 1, 1]), gl.STATIC_DRAW);
    this.#all = new FindingInstances(gl, corners);
    this.#few = new FindingInstances(gl, corners);
    this.#classes = texelTexture(gl, 256, 1, new Uint8Array(1024));
  }

  setClasses(rgba: Uint8Array): void {
    this.#gl.deleteTexture(this.#classes);
    this.#classes = texelTexture(this.#gl, 256, 1, rgba);
  }

  /** Takes over another set, or what was decided in the same one. */
  setFindings(findings: FindingSet | null): void {
    const isAnother = findings !== this.#set;
    this.#set = findings;
    this.#near = null;
    if (findings === null) return;
    const { count, classes, verdicts } = findings;
    // Two bytes an instance, class and verdict. A decision changes one of them, and all are compared sooner than sent.
    let [from, to] = isAnother ? [0, count] : [count, 0];
    if (this.#kindsSent.length !== count * 2) this.#kindsSent = new Uint8Array(count * 2);
    const kinds = this.#kindsSent;
    for (let i = 0; i < count; i++) {
      if (kinds[i * 2] === classes[i] && kinds[i * 2 + 1] === verdicts[i]) continue;
      kinds[i * 2] = classes[i] ?? 0;
      kinds[i * 2 + 1] = verdicts[i] ?? 0;
      from = Math.min(from, i);
      to = Math.max(to, i + 1);
    }
    if (isAnother) this.#all.set(findings.boxes, findings.scores, kinds);
    else if (from < to) this.#all.setKinds(kinds, from, to);
  }

  /** @param options `points`: no boxes, whatever the size; `only`: the ordinal of the one that is drawn */
  draw(
    view: ViewTransform,
    options: { threshold: number; selected: number; alpha: number; points: boolean; only?: number },
  ): void {
    const findings = this.#set;
    if (findings === null || findings.count === 0) return;
    const { only, selected } = options;
    const near = only === undefined ? this.#gathered(findings, view) : null;
    const instances = near === null ? this.#all : this.#few;
    const gl = this.#gl;
    gl.useProgram(this.#program);
    gl.bindVertexArray(instances.array);
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D, this.#classes);
    gl.uniform1i(this.#uniform('u_classes'), 0);
    gl.uniform2f(this.#uniform('u_origin'), view.originX, view.originY);
    gl.uniform2f(this.#uniform('u_size'), view.width, view.height);
    gl.uniform1f(this.#uniform('u_scale'), view.scale);
    gl.uniform1f(this.#uniform('u_threshold'), options.threshold);
    gl.uniform1f(this.#uniform('u_alpha'), options.alpha);
    gl.uniform1i(this.#uniform('u_points'), options.points ? 1 : 0);
    if (only === undefined) {
      const chosen = near === null ? selected : placeAmong(near.ordinals, selected);
      gl.uniform1i(this.#uniform('u_selected'), chosen);
      gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, instances.count);
    } else {
      instances.startAt(only);
      gl.uniform1i(this.#uniform('u_selected'), 0);
      gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, 1);
      instances.startAt(0);
    }
    gl.bindVertexArray(null);
  }

  /** Those around the view, as the few instances are; null where all are drawn. */
  #gathered(findings: FindingSet, view: ViewTransform): FindingsNear | null {
    if (this.#near !== null && isStillNear(this.#near, view)) return this.#near;
    const near = findingsNear(findings, view);
    this.#near = near;
    if (near === null) return null;
    const { ordinals } = near;
    const boxes = new Float32Array(ordinals.length * 4);
    const scores = new Float32Array(ordinals.length);
    const kinds = new Uint8Array(ordinals.length * 2);
    for (let i = 0; i < ordinals.length; i++) {
      const ordinal = ordinals[i]!;
      for (let side = 0; side < 4; side++) boxes[i * 4 + side] = findings.boxes[ordinal * 4 + side]!;
      scores[i] = findings.scores[ordinal]!;
      kinds[i * 2] = findings.classes[ordinal]!;
      kinds[i * 2 + 1] = findings.verdicts[ordinal]!;
    }
    this.#few.set(boxes, scores, kinds);
    return near;
  }
}
