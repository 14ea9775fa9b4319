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
  inside = cut; kind = material; mask = paint;
  from_light = light_matrix * vec4(position + 0.006 * normal, 1);  // off the surface: it must not shade itself
}"""
BODY_FRAGMENT = (
    """#version 330
in vec3 world, n, rest; in float inside; flat in float kind; in vec4 mask; in vec4 from_light; out vec4 colour;
uniform vec3 eye_position; uniform vec3 skin, shirt, trousers, shoes, hair, iris, stripe; uniform float pattern;
uniform vec3 eye, mouth; uniform float floor_z;
"""
    + COMMON
    + """
vec3 face(vec3 c) {  // cheeks, brows, lids, lips; e: from the eye's middle, outward and up, metres
  vec2 e = vec2(abs(rest.x) - eye.x, rest.z - eye.z);
  if (rest.y < eye.y + 0.03) {
    vec2 q = (e - vec2(0.012, -0.042)) / vec2(0.020, 0.016);
    c = mix(c, c * vec3(1.06, 0.82, 0.80), 0.35 * exp(-dot(q, q)));
    float arch = 0.0225 + 0.0065 * (1.0 - pow((e.x - 0.006) / 0.026, 2.0));
    float brow = smoothstep(0.0048, 0.0020, abs(e.y - arch));
    brow *= smoothstep(-0.022, -0.014, e.x) * smoothstep(0.032, 0.020, e.x);
    c = mix(c, hair * 0.9, 0.75 * brow);
    q = e / vec2(0.017, 0.0060); c *= 1.0 - 0.30 * exp(-dot(q, q));
    c = mix(c, hair * 0.35, 0.8 * smoothstep(0.3, 0.8, mask.y) * smoothstep(-0.001, 0.003, e.y));  // lashes
  }
  vec3 lips = skin * vec3(0.80, 0.40, 0.38);
  c = mix(c, lips, 0.7 * mask.x);
  if (rest.y < mouth.y + 0.03 && abs(rest.x) < 0.03) {  // a smile: teeth in a crescent, lips around it
    vec2 m = vec2(rest.x, rest.z - mouth.z); float s = m.x * m.x;
    float open = min(0.0022 + 7.0 * s - m.y, m.y + 0.0060 - 20.0 * s);  // metres inside
    c = mix(c, lips, 0.9 * smoothstep(-0.0034, -0.0024, open));
    c = mix(c, vec3(0.82, 0.80, 0.77), smoothstep(0.0, 0.0010, open));
  }
  return c * (0.97 + 0.06 * noise(rest * 60.0).r);
}
void main() {
  if (inside < 0.0) discard;
  vec3 N = normalize(n), V = normalize(eye_position - world); if (dot(N, V) < 0.0) N = -N;
  int m = int(kind + 0.5); vec3 c; float shine = 0.1, gloss = 20.0, wrap = 0.0;
  if (m == 0) { c = face(skin); wrap = 0.25; shine = 0.10; gloss = 18.0; }
  else if (m == 1) {
    vec2 q = fract(rest.xz / vec2(0.07, 0.07)) - 0.5; c = shirt;
    if (pattern == 1.0) c = mix(shirt, stripe, step(0.5, fract(rest.z / 0.075)));
    if (pattern == 2.0) c = mix(shirt, stripe, 0.4 * (step(0.0, q.x) + step(0.0, q.y)));
    if (pattern == 3.0) c = mix(shirt, stripe, smoothstep(0.27, 0.23, length(q)));
    N = normalize(N + 0.8 * (noise(rest * vec3(13, 13, 7)).gba - 0.5)); shine = 0.02; wrap = 0.1;
    if (inside < 0.012) c *= 0.82;
  } else if (m == 2) {
    c = trousers * (0.93 + 0.14 * noise(rest * vec3(150, 150, 60)).r);
    N = normalize(N + 0.7 * (noise(rest * vec3(12, 12, 8)).gba - 0.5)); shine = 0.03; wrap = 0.1;
    if (inside < 0.012) c *= 0.82;
  } else if (m == 3) { c = rest.z < floor_z + 0.022 ? vec3(0.85) : shoes; shine = 0.15; gloss = 30.0; }
  else if (m == 4) {
    vec3 lock = vec3(mask.x * 9.0, mask.y * 3.0, 0.0), strand = vec3(mask.x * 42.0, mask.y * 5.0, 7.0);
    c = hair * (0.50 + 0.55 * noise(lock).r + 0.45 * noise(strand).g); shine = 0.10; gloss = 10.0;
    N = normalize(N + 0.55 * (noise(strand).gba - 0.5) + 0.35 * (noise(lock).gba - 0.5));
    float ring = (mask.y - 0.33 - 0.05 * noise(lock).b) / 0.06; c += hair * 0.9 * exp(-ring * ring);  // a gleam
    if (inside < 0.006) c *= 0.75;
  } else {
    float d = length(mask.xz); c = vec3(0.70, 0.68, 0.67);
    if (mask.y < 0.0) {
      c = mix(c, 1.7 * iris, smoothstep(0.66, 0.58, d));
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
uniform float floor_z; uniform vec3 wall, floor_colour, skirting, rug, accent; uniform vec2 feet[2];
uniform vec2 feet_height;
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
float box(vec2 p, vec2 middle, vec2 half_size) {  // distance to a rectangle, negative inside
  vec2 d = abs(p - middle) - half_size; return max(d.x, d.y);
}
float within(float d) { return smoothstep(0.004, -0.004, d); }
vec3 on_wall(vec2 p, vec3 c) {  // panelling below, a window to the left, two pictures to the right, a lamp's rail above
  float up = p.y;
  c *= mix(1.0, 0.93, within(up - 0.86)) * (1.0 - 0.12 * within(abs(fract(p.x / 0.42) - 0.5) * 0.42 - 0.006)
       * within(up - 0.82)) * (1.0 - 0.12 * within(0.30 - up) * within(up - 0.312));
  c = mix(c, skirting, within(abs(up - 0.87) - 0.022));
  c = mix(c, skirting, within(up - 0.10)); c *= 1.0 - 0.25 * within(abs(up - 0.105) - 0.006);
  vec2 w = vec2(-0.74, 1.78); float d = box(p, w, vec2(0.30, 0.50));
  c *= 1.0 - 0.25 * smoothstep(0.10, 0.0, d);
  c = mix(c, skirting, within(d));
  float pane = box(vec2(abs(p.x - w.x) - 0.142, abs(p.y - w.y) - 0.24), vec2(0), vec2(0.118, 0.21));
  float hill = 1.50 + 0.05 * sin(5.0 * p.x + 1.0) + 0.03 * sin(13.0 * p.x);
  vec3 view = mix(vec3(0.62, 0.78, 0.92), vec3(0.36, 0.60, 0.90), smoothstep(1.5, 2.3, p.y));
  view = mix(view, vec3(0.22, 0.42, 0.24), within((p.y - hill) * 0.3));
  c = mix(c, view * 1.25, within(pane));
  c = mix(c, skirting * 0.96, within(box(p, w - vec2(0, 0.53), vec2(0.36, 0.022))));
  vec2 q = p - vec2(0.72, 1.92); d = box(q, vec2(0), vec2(0.20, 0.27));
  c *= 1.0 - 0.22 * smoothstep(0.06, 0.0, d) * smoothstep(-0.1, 0.1, 0.3 - q.y);
  c = mix(c, vec3(0.10, 0.08, 0.07), within(d)); c = mix(c, vec3(0.80, 0.77, 0.70), within(d + 0.022));
  float sun = length(q - vec2(0.03, 0.05)) - 0.085;
  c = mix(c, accent, within(sun)); c = mix(c, rug * 0.8, within(max(d + 0.07, q.y + 0.06 + 0.03 * sin(14.0 * q.x))));
  q = p - vec2(0.72, 1.36); d = box(q, vec2(0), vec2(0.14, 0.17));
  c *= 1.0 - 0.22 * smoothstep(0.06, 0.0, d) * smoothstep(-0.1, 0.1, 0.2 - q.y);
  c = mix(c, vec3(0.10, 0.08, 0.07), within(d)); c = mix(c, vec3(0.80, 0.77, 0.70), within(d + 0.02));
  return mix(c, accent * 0.7, within(max(d + 0.055, abs(q.x + 0.5 * q.y) - 0.03)));
}
vec3 with_rug(vec2 p, vec3 c) {  // a round rug under the dancer
  float d = length(p) - 0.88;
  float weave = 0.94 + 0.12 * noise(vec3(p * 160.0, 3.0)).r;
  vec3 r = mix(rug * weave, rug * 0.55, within(abs(d + 0.09) - 0.018));
  r = mix(r, rug * 0.7, within(abs(d + 0.15) - 0.008));
  c *= 1.0 - 0.30 * smoothstep(0.05, 0.0, d);
  return mix(c, r, within(d));
}
void main() {
  vec4 a = from_clip * vec4(at, 1, 1); vec3 d = normalize(a.xyz / a.w - eye_position); float wall_y = 1.7;
  float to_floor = d.z < 0.0 ? (floor_z - eye_position.z) / d.z : 1e9, to_wall = (wall_y - eye_position.y) / d.y;
  bool on_floor = to_floor < to_wall; vec3 p = eye_position + d * min(to_floor, to_wall);
  vec3 N = on_floor ? vec3(0, 0, 1) : vec3(0, -1, 0); float up = p.z - floor_z;
  vec3 c = on_floor ? with_rug(p.xy, boards(p)) : on_wall(vec2(p.x, up), wall * (0.985 + 0.03 * noise(p * 9.0).r));
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
