"""What the graphics card (or its imitation on the CPU) computes: three programs in GLSL 3.30.

``DEPTH`` fills the shadow map and the first depth pass; ``BODY`` shades skin, cloth, hair and eyes; ``STAGE`` draws
wall and floor behind them. Fragments whose ``cut`` is negative are outside a garment and are thrown away.
"""

COMMON = """
uniform sampler2DShadow shadow_map; uniform sampler3D noise_map;
uniform vec3 key; uniform vec3 key_colour; uniform vec3 sky; uniform vec3 ground;
float lit(vec4 p, float bias, float radius) {  // 0 in shadow to 1; soft: sixteen samples around the point
  vec3 q = p.xyz / p.w * 0.5 + 0.5;
  if (any(lessThan(q.xy, vec2(0))) || any(greaterThan(q.xy, vec2(1)))) return 1.0;
  float sum = 0.0; vec2 texel = 1.0 / vec2(textureSize(shadow_map, 0));
  for (int i = 0; i < 4; i++) for (int j = 0; j < 4; j++)
    sum += texture(shadow_map, vec3(q.xy + (vec2(i, j) - 1.5) * texel * radius, q.z - bias));
  return sum / 16.0;
}
vec4 noise(vec3 p) { return texture(noise_map, p / 32.0); }
vec3 tone(vec3 c) { c = c * (1.0 + c * 0.12) / (1.0 + c * 0.35); return pow(clamp(c, 0, 1), vec3(1 / 2.2)); }
"""

DEPTH_VERTEX = """#version 330
invariant gl_Position; in vec3 position; in float cut; uniform mat4 light_matrix; out float inside;
void main() { gl_Position = light_matrix * vec4(position, 1); inside = cut; }"""
DEPTH_FRAGMENT = """#version 330
in float inside; void main() { if (inside < 0.0) discard; }"""

BODY_VERTEX = """#version 330
invariant gl_Position;
in vec3 position; in vec3 normal; in vec3 reference; in float cut; in float material; in vec4 paint;
uniform mat4 camera_matrix; uniform mat4 light_matrix;
out vec3 world, n, rest; out float inside; flat out float kind; out vec4 mask; out vec4 from_light;
void main() {
  gl_Position = camera_matrix * vec4(position, 1); world = position; n = normal; rest = reference;
  inside = cut; kind = material; mask = paint; from_light = light_matrix * vec4(position, 1);
}"""
BODY_FRAGMENT = (
    """#version 330
in vec3 world, n, rest; in float inside; flat in float kind; in vec4 mask; in vec4 from_light; out vec4 colour;
uniform vec3 eye_position; uniform vec3 skin, shirt, trousers, shoes, hair, iris, stripe; uniform float striped;
uniform vec3 eye; uniform float floor_z;
"""
    + COMMON
    + """
vec3 face(vec3 c) {  // cheeks, brows, lids, lips; e: from the eye's middle, outward and up, metres
  vec2 e = vec2(abs(rest.x) - eye.x, rest.z - eye.z);
  if (rest.y < eye.y + 0.03) {
    vec2 q = (e - vec2(0.012, -0.042)) / vec2(0.020, 0.016);
    c = mix(c, c * vec3(1.06, 0.82, 0.80), 0.35 * exp(-dot(q, q)));
    float arch = 0.0215 + 0.004 * (1.0 - pow((e.x - 0.004) / 0.024, 2.0));
    float brow = smoothstep(0.0050, 0.0022, abs(e.y - arch));
    brow *= smoothstep(-0.022, -0.014, e.x) * smoothstep(0.032, 0.020, e.x);
    c = mix(c, hair * 0.9, 0.75 * brow);
    q = e / vec2(0.017, 0.0060); c *= 1.0 - 0.30 * exp(-dot(q, q));
  }
  c = mix(c, skin * vec3(0.80, 0.40, 0.38), 0.8 * mask.x);
  return c * (0.97 + 0.06 * noise(rest * 60.0).r);
}
void main() {
  vec3 N = normalize(n), V = normalize(eye_position - world); if (dot(N, V) < 0.0) N = -N;
  int m = int(kind + 0.5); vec3 c; float shine = 0.1, gloss = 20.0, wrap = 0.0;
  if (m == 0) { c = face(skin); wrap = 0.25; shine = 0.10; gloss = 18.0; }
  else if (m == 1) {
    c = striped > 0.5 ? mix(shirt, stripe, step(0.5, fract(rest.z / 0.075))) : shirt;
    N = normalize(N + 0.8 * (noise(rest * vec3(13, 13, 7)).gba - 0.5)); shine = 0.02; wrap = 0.1;
    if (inside < 0.012) c *= 0.82;
  } else if (m == 2) {
    c = trousers * (0.93 + 0.14 * noise(rest * vec3(150, 150, 60)).r);
    N = normalize(N + 0.7 * (noise(rest * vec3(12, 12, 8)).gba - 0.5)); shine = 0.03; wrap = 0.1;
    if (inside < 0.012) c *= 0.82;
  } else if (m == 3) { c = rest.z < floor_z + 0.022 ? vec3(0.85) : shoes; shine = 0.15; gloss = 30.0; }
  else if (m == 4) {
    c = hair * (0.55 + 0.9 * noise(rest * vec3(170, 170, 22)).r); shine = 0.10; gloss = 10.0;
    N = normalize(N + 0.5 * (noise(rest * vec3(120, 120, 20)).gba - 0.5));
  } else {
    float d = length(mask.xz); c = vec3(0.86, 0.85, 0.84);
    if (mask.y < 0.0) {
      c = mix(c, iris, smoothstep(0.56, 0.48, d));
      c = mix(c, vec3(0.012), smoothstep(0.27, 0.22, d));
    }
    shine = 0.4; gloss = 90.0; wrap = 0.4;
  }
  float s = lit(from_light, 0.0025, 1.2), facing = max((dot(N, key) + wrap) / (1.0 + wrap), 0.0);
  vec3 H = normalize(key + V), around = mix(ground, sky, N.z * 0.5 + 0.5);
  float fill = max(dot(N, normalize(vec3(-0.75, -0.6, 0.25))), 0.0) * 0.24;
  float near_floor = 0.72 + 0.28 * smoothstep(floor_z - 0.1, floor_z + 1.1, world.z);
  vec3 light = key_colour * facing * s + around * near_floor + vec3(0.8, 0.9, 1.1) * fill;
  vec3 r = c * light + shine * key_colour * s * pow(max(dot(N, H), 0.0), gloss) * facing;
  r += pow(1.0 - max(dot(N, V), 0.0), 3.0) * 0.10 * sky * (0.3 + c);
  if (m == 0) r += c * vec3(0.10, 0.03, 0.02) * (1.0 - facing) * s;  // light that comes back out of the skin
  colour = vec4(tone(r), 1.0);
}"""
)

STAGE_VERTEX = """#version 330
in vec2 corner; out vec2 at; void main() { at = corner; gl_Position = vec4(corner, 0.99999, 1); }"""
STAGE_FRAGMENT = (
    """#version 330
in vec2 at; out vec4 colour; uniform mat4 from_clip; uniform mat4 light_matrix; uniform vec3 eye_position;
uniform float floor_z; uniform vec3 wall, floor_colour, skirting; uniform vec2 feet[2]; uniform vec2 feet_height;
"""
    + COMMON
    + """
float hash(vec2 p) { return fract(sin(dot(p, vec2(127.1, 311.7))) * 43758.5453); }
vec3 boards(vec3 p) {  // boards 14 cm wide run towards the wall, each of its own tint
  float b = floor(p.x / 0.14), edge = abs(fract(p.x / 0.14) - 0.5);
  float tint = 0.90 + 0.16 * hash(vec2(b, floor((p.y + 3.0 * hash(vec2(b, 2.0))) / 1.6)));
  float grain = 0.95 + 0.10 * noise(vec3(p.x * 90.0, p.y * 5.0, b)).r;
  return floor_colour * tint * grain * mix(0.80, 1.0, smoothstep(0.5, 0.485, edge));
}
void main() {
  vec4 a = from_clip * vec4(at, 1, 1); vec3 d = normalize(a.xyz / a.w - eye_position); float wall_y = 1.7;
  float to_floor = d.z < 0.0 ? (floor_z - eye_position.z) / d.z : 1e9, to_wall = (wall_y - eye_position.y) / d.y;
  bool on_floor = to_floor < to_wall; vec3 p = eye_position + d * min(to_floor, to_wall);
  vec3 N = on_floor ? vec3(0, 0, 1) : vec3(0, -1, 0); float up = p.z - floor_z;
  vec3 c = on_floor ? boards(p) : (up < 0.09 ? skirting : wall * (0.985 + 0.03 * noise(p * 9.0).r));
  float s = lit(light_matrix * vec4(p, 1), 0.002, 5.0);
  float open = on_floor ? 1.0 - 0.35 * exp(-(wall_y - p.y) / 0.12) : 1.0 - 0.30 * exp(-up / 0.12);
  if (on_floor) {
    for (int i = 0; i < 2; i++) {
      vec2 e = (p.xy - feet[i]) / vec2(0.09, 0.17);
      open *= 1.0 - 0.55 * exp(-dot(e, e)) * exp(-(i == 0 ? feet_height.x : feet_height.y) / 0.08);
    }
    vec2 e = p.xy - 0.5 * (feet[0] + feet[1]); open *= 1.0 - 0.22 * exp(-dot(e, e) / 0.16);
  }
  vec2 away = on_floor ? p.xy - vec2(0, 0.2) : p.xz - vec2(-0.3, floor_z + 1.3);  // from the pool of light
  float pool = on_floor ? 0.55 + 0.45 * exp(-dot(away, away) / 6.0) : 0.62 + 0.38 * exp(-dot(away, away) / 3.5);
  vec3 light = key_colour * max(dot(N, key), 0.0) * mix(0.35, 1.0, s) * pool + mix(ground, sky, 0.75) * open;
  float vignette = 1.0 - 0.16 * dot(at * vec2(0.7, 0.6), at * vec2(0.7, 0.6));
  colour = vec4(tone(c * light * vignette) + hash(gl_FragCoord.xy) * 0.004, 1.0);
}"""
)
