// The explorer's map, where a place is held or a path is drawn, and the curve that is painted for one axis.

/** A mark of 3 px around (x, y); labels have marks of their own, to be told apart without colours. */
function drawMark(context, i, x, y) {
  const r = 2.6;
  const corners = [
    null, [[-1, -1], [1, -1], [1, 1], [-1, 1]], [[0, -1.2], [1.1, 1], [-1.1, 1]], [[0, 1.2], [1.1, -1], [-1.1, -1]],
    [[0, -1.4], [1.4, 0], [0, 1.4], [-1.4, 0]], [[-0.5, -1.3], [0.5, -1.3], [0.5, 1.3], [-0.5, 1.3]],
    [[-1.3, -0.5], [1.3, -0.5], [1.3, 0.5], [-1.3, 0.5]], [[-1.3, -0.2], [0, -1.3], [1.3, -0.2], [0.8, 1.2], [-0.8, 1.2]],
  ][i % 8];
  context.beginPath();
  if (corners) corners.forEach(([a, b]) => context.lineTo(x + r * a, y + r * b));
  else context.arc(x, y, r * 0.9, 0, 2 * Math.PI);
  context.fill();
}

/**
 * The dots of z in a plane, and the way that is danced. In the mode "path" dragging draws a way, told by `follow`; else
 * a click, a drag or the arrow keys choose a place, told by `hold`. Before a change `keep` is called once.
 */
class LatentMap {
  constructor(given) {
    Object.assign(this, given);
    this.hidden = new Set();
    this.extent = this.extentOf();
    this.drawn = drawing({
      label: "Map of z. Arrow keys move the place that is danced, with shift in larger steps.", role: "application",
      ratio: 1.12, tabindex: 0, class: "dance-map", draw: (...args) => this.draw(...args),
    });
    const canvas = (this.canvas = this.drawn.canvas);
    this.observer = this.drawn.observer;
    canvas.addEventListener("pointerdown", (event) => this.press(event));
    canvas.addEventListener("pointermove", (event) => this.pressed && this.drag(event));
    for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => (this.pressed = false));
    canvas.addEventListener("keydown", (event) => this.walk(event));
    this.element = make("div", {}, canvas, this.legend());
  }

  legend() {
    const entries = this.names.map((name, i) => {
      const mark = make("canvas", { width: 24, height: 24, "aria-hidden": "true", class: "dance-mark" });
      const button = make("button", { type: "button", "aria-pressed": "true", title: "Show or hide these dots" }, mark, name);
      button.addEventListener("click", () => {
        if (!this.hidden.delete(i)) this.hidden.add(i);
        button.setAttribute("aria-pressed", String(!this.hidden.has(i)));
        this.forget();
      });
      return button;
    });
    this.marks = entries.map((entry) => entry.firstChild);
    return make("div", { class: "dance-legend", role: "group", "aria-label": "Dots to show" }, ...entries);
  }

  colour(i) {
    return i % 8 ? this.palette[i % 8] : this.colours.text; // black is for light grounds
  }

  dot(k) {
    return [this.dots[3 * k], this.dots[3 * k + 1]];
  }

  /** The smallest box around all dots, with a rim: [low x, high x, low y, high y]. */
  extentOf() {
    const n = this.dots.length / 3;
    const [x, y] = [0, 1].map((axis) => Array.from({ length: n }, (_, k) => this.dots[3 * k + axis]));
    const wide = (values) => {
      const [low, high] = [Math.min(...values), Math.max(...values)];
      return [low - 0.06 * (high - low) - 0.01, high + 0.06 * (high - low) + 0.01];
    };
    return [...wide(x), ...wide(y)];
  }

  toPixels([x, y]) {
    const [x0, x1, y0, y1] = this.extent;
    return [((x - x0) / (x1 - x0)) * this.drawn.width, ((y1 - y) / (y1 - y0)) * this.drawn.height];
  }

  toPlace([left, top]) {
    const [x0, x1, y0, y1] = this.extent;
    const inside = (value) => Math.max(0, Math.min(1, value));
    return [x0 + inside(left / this.drawn.width) * (x1 - x0), y1 - inside(top / this.drawn.height) * (y1 - y0)];
  }

  press(event) {
    this.canvas.focus({ preventScroll: true });
    this.canvas.setPointerCapture(event.pointerId);
    this.keep();
    this.pressed = true;
    this.way = [];
    this.drag(event);
  }

  drag(event) {
    const place = this.toPlace(spot(event, this.canvas));
    if (this.mode() !== "path") return this.hold(place);
    if (this.way.length < 400) this.way.push(place);
    this.follow([...this.way]);
  }

  walk(event) {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (!step) return;
    event.preventDefault();
    if (!event.repeat) this.keep();
    const far = (event.shiftKey ? 0.1 : 0.02) * (this.extent[1] - this.extent[0]);
    const from = this.mode() === "path" ? (this.path().at(-1) ?? this.place()) : this.place();
    const to = [from[0] + far * step[0], from[1] + far * step[1]];
    if (this.mode() === "path") this.follow([...this.path(), to].slice(-400));
    else this.hold(to);
  }

  /** The way of a dance: a place (x, y) for each of its times, and where on it she is. */
  show(way, times, now) {
    Object.assign(this, { danced: way, times, now });
    this.drawn.redraw();
  }

  /** The dots will be drawn anew: they look otherwise. */
  forget() {
    this.layer = null;
    this.drawn.redraw();
  }

  drawLayer(canvas) {
    this.layer = document.createElement("canvas");
    Object.assign(this.layer, { width: canvas.width, height: canvas.height });
    const context = this.layer.getContext("2d");
    context.scale(canvas.width / this.drawn.width, canvas.width / this.drawn.width);
    context.fillStyle = this.colours.ground;
    context.fillRect(0, 0, this.drawn.width, this.drawn.height);
    for (let k = 0; k < this.dots.length / 3; k++) {
      const label = this.dots[3 * k + 2];
      if (this.hidden.has(label)) continue;
      context.fillStyle = this.colour(label);
      drawMark(context, label, ...this.toPixels(this.dot(k)));
    }
    this.marks.forEach((mark, i) => {
      const small = mark.getContext("2d");
      small.setTransform(3, 0, 0, 3, 0, 0);
      small.clearRect(0, 0, 24, 24);
      small.fillStyle = this.colour(i);
      drawMark(small, i, 4, 4);
    });
  }

  draw(context, width, height) {
    const { canvas } = this.drawn;
    if (!this.layer || this.layer.width !== canvas.width || this.layer.height !== canvas.height) this.drawLayer(canvas);
    context.globalAlpha = 0.75;
    context.drawImage(this.layer, 0, 0, width, height);
    context.globalAlpha = 1;
    if (!this.danced) return;
    const points = this.danced.map((place) => this.toPixels(place));
    this.line(context, points, this.colours.ground, 5);
    this.line(context, points, this.colours.text, 2);
    points.forEach((point) => this.ring(context, point, 3.5, 1.5));
    this.ring(context, this.here(points), 8, 3, this.colours.right);
  }

  /** Where she is on the way at this moment. */
  here(points) {
    const k = this.times.findLastIndex((time) => time <= this.now);
    if (k < 0 || k === points.length - 1) return points[Math.max(0, k)];
    const share = (this.now - this.times[k]) / (this.times[k + 1] - this.times[k]);
    return [0, 1].map((i) => points[k][i] * (1 - share) + points[k + 1][i] * share);
  }

  line(context, points, colour, width) {
    Object.assign(context, { strokeStyle: colour, lineWidth: width, lineJoin: "round" });
    context.beginPath();
    points.forEach((point) => context.lineTo(...point));
    context.stroke();
  }

  ring(context, [x, y], radius, width, fill = this.colours.ground) {
    Object.assign(context, { fillStyle: fill, strokeStyle: this.colours.text, lineWidth: width });
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.fill();
    context.stroke();
  }
}

/** The values of one axis over the seconds: what is danced, and a painted curve, which takes its place. */
class Curve {
  constructor(given) {
    Object.assign(this, given, { points: 26, chosen: 0 }); // five a second
    const drawn = drawing({
      label: "Curve of one axis. Left and right choose a time, up and down change the value.", role: "application",
      height: 120, tabindex: 0, class: "dance-paint", draw: (...args) => this.draw(...args),
    });
    Object.assign(this, { drawn, canvas: drawn.canvas, observer: drawn.observer, redraw: drawn.redraw });
    this.canvas.addEventListener("pointerdown", (event) => {
      this.canvas.focus({ preventScroll: true });
      this.canvas.setPointerCapture(event.pointerId);
      this.keep();
      this.last = null;
      this.pressed = true;
      this.drag(event);
    });
    this.canvas.addEventListener("pointermove", (event) => this.pressed && this.drag(event));
    for (const end of ["pointerup", "pointercancel"]) this.canvas.addEventListener(end, () => (this.pressed = false));
    this.canvas.addEventListener("keydown", (event) => this.key(event));
  }

  /** The painted values, or those that are danced, to begin with. */
  current() {
    if (this.values()) return [...this.values()];
    const shown = this.shown() ?? [[0, 0]];
    const at = (time) => {
      const k = shown.findLastIndex(([when]) => when <= time);
      if (k < 0 || k === shown.length - 1) return shown[Math.max(0, k)][1];
      const share = (time - shown[k][0]) / (shown[k + 1][0] - shown[k][0]);
      return shown[k][1] * (1 - share) + shown[k + 1][1] * share;
    };
    return Array.from({ length: this.points }, (_, i) => at((i * this.seconds) / (this.points - 1)));
  }

  drag(event) {
    const [left, top] = spot(event, this.canvas);
    const inside = (value, most) => Math.max(0, Math.min(most, value));
    const i = Math.round((inside(left, this.drawn.width) / this.drawn.width) * (this.points - 1));
    const value = this.range * (1 - (2 * inside(top, this.drawn.height)) / this.drawn.height);
    const values = this.current();
    const [from, old] = this.last ?? [i, value];
    for (let k = Math.min(from, i); k <= Math.max(from, i); k++) {
      values[k] = from === i ? value : old + ((value - old) * (k - from)) / (i - from);
    }
    this.last = [i, value];
    this.change(values);
    this.redraw();
  }

  key(event) {
    const across = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const up = { ArrowUp: 0.25, ArrowDown: -0.25 }[event.key];
    if (!across && !up) return;
    event.preventDefault();
    if (across) this.chosen = Math.max(0, Math.min(this.points - 1, this.chosen + across));
    if (up) {
      if (!event.repeat) this.keep();
      const values = this.current();
      values[this.chosen] = Math.max(-this.range, Math.min(this.range, values[this.chosen] + up));
      this.change(values);
    }
    this.redraw();
  }

  draw(context, width, height) {
    const x = (time) => (time / this.seconds) * width;
    const y = (value) => ((1 - value / this.range) * height) / 2;
    context.fillStyle = this.colours.ground;
    context.fillRect(0, 0, width, height);
    const line = (points, colour, thick, dash = []) => {
      Object.assign(context, { strokeStyle: colour, lineWidth: thick });
      context.setLineDash(dash);
      context.beginPath();
      points.forEach((point) => context.lineTo(...point));
      context.stroke();
    };
    for (let second = 0; second <= this.seconds; second++) line([[x(second), 0], [x(second), height]], this.colours.line, 1);
    line([[0, y(0)], [width, y(0)]], this.colours.line, 1.5);
    const shown = (this.shown() ?? []).map(([time, value]) => [x(time), y(value)]);
    line(shown, this.colours.dim, 1.5, [5, 4]);
    context.setLineDash([]);
    const values = this.values();
    const step = this.seconds / (this.points - 1);
    if (values) line(values.map((value, i) => [x(i * step), y(value)]), this.colours.accent, 3);
    context.fillStyle = this.colours.dim;
    shown.forEach(([left, top]) => (context.beginPath(), context.arc(left, top, 3, 0, 7), context.fill()));
    context.font = "11px sans-serif";
    for (let second = 1; second < this.seconds; second++) context.fillText(second + " s", x(second) + 4, height - 5);
    context.fillText("+" + this.range, 4, 12);
    context.fillText("−" + this.range, 4, height - 5);
    if (document.activeElement === this.canvas) {
      const value = this.current()[this.chosen];
      context.strokeStyle = this.colours.accent;
      context.strokeRect(x(this.chosen * step) - 5, y(value) - 5, 10, 10);
    }
    line([[x(this.now()), 0], [x(this.now()), height]], this.colours.right, 2);
  }
}
