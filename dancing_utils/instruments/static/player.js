// The player: a dance of 30 poses a second, drawn at the screen's rate in step with its sound.

const ICONS = {
  play: "M4 2 L14 8 L4 14 Z",
  pause: "M3 2 H7 V14 H3 Z M9 2 H13 V14 H9 Z",
  loud: "M1 6 H4 L8 2 V14 L4 10 H1 Z M10 5 A4 4 0 0 1 10 11 V9.4 A2.2 2.2 0 0 0 10 6.6 Z M11 2.6 A6.4 6.4 0 0 1 11 13.4 V12 A5 5 0 0 0 11 4 Z",
  silent: "M1 6 H4 L8 2 V14 L4 10 H1 Z M9.6 5.4 L10.6 4.4 L15.2 10.6 L14.2 11.6 Z M14.2 4.4 L15.2 5.4 L10.6 11.6 L9.6 10.6 Z",
};

/** The pose (66 numbers) of a dance (T * 66) at a time in seconds: in straight lines from frame to frame. */
function poseAt(dance, seconds, out = new Float32Array(66)) {
  const last = dance.length / 66 - 1;
  const place = Math.max(0, Math.min(last, seconds * COURSE.fps));
  const k = Math.min(Math.floor(place), Math.max(0, last - 1));
  const share = last ? place - k : 0;
  const next = last ? 66 : 0;
  for (let i = 0; i < 66; i++) out[i] = dance[66 * k + i] * (1 - share) + dance[66 * k + i + next] * share;
  return out;
}

/** A pose of the picture's units as a figure with a head in a box; left limbs blue, right ones orange and dashed. */
function drawFigure(context, pose, colours, { x = 0, y = 0, width, alpha = 1 }) {
  const height = (width * COURSE.height) / COURSE.width;
  const at = (i) => [x + pose[2 * i] * width, y + pose[2 * i + 1] * height];
  const between = (a, b) => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
  const line = (a, b) => (context.beginPath(), context.moveTo(...a), context.lineTo(...b), context.stroke());
  const thick = Math.max(1.5, width / 46);
  context.save();
  context.globalAlpha = alpha;
  context.lineCap = "round";
  context.lineJoin = "round";
  const shoulders = between(at(11), at(12));
  const head = between(at(7), at(8));
  const neck = Math.hypot(head[0] - shoulders[0], head[1] - shoulders[1]);
  const radius = Math.max(0.42 * neck, 0.55 * Math.hypot(at(7)[0] - at(8)[0], at(7)[1] - at(8)[1]));
  context.fillStyle = colours.text;
  context.globalAlpha = 0.09 * alpha;
  context.beginPath();
  for (const i of [11, 12, 24, 23]) context.lineTo(...at(i));
  context.fill();
  context.globalAlpha = alpha;
  for (const side of ["middle", "right", "left"]) {
    context.strokeStyle = side === "middle" ? colours.text : colours[side];
    context.setLineDash(side === "right" ? [2.2 * thick, 1.7 * thick] : []);
    for (const [a, b, whose] of COURSE.bones) {
      if (whose !== side || Math.min(a, b) < 11) continue;
      context.lineWidth = Math.min(a, b) >= 15 && Math.max(a, b) <= 22 ? thick * 0.6 : thick;
      line(at(a), at(b));
    }
  }
  context.setLineDash([]);
  context.strokeStyle = context.fillStyle = colours.text;
  context.lineWidth = 0.8 * thick;
  const up = [head[0] - shoulders[0], head[1] - shoulders[1]].map((part) => part / Math.max(neck, 1e-6));
  if (neck > radius) line(shoulders, [head[0] - radius * up[0], head[1] - radius * up[1]]);
  context.beginPath();
  context.arc(...head, radius, 0, 2 * Math.PI);
  context.stroke();
  context.beginPath();
  context.arc(...at(0), Math.max(0.8, 0.12 * radius), 0, 2 * Math.PI);
  context.fill();
  context.restore();
}

/** How far down the feet of a dance stand, in units of the picture: only in one frame of twenty they are lower. */
function floorOf(dance) {
  const lowest = Array.from({ length: dance.length / 66 }, (_, k) => Math.max(...[29, 30, 31, 32].map((i) => dance[66 * k + 2 * i + 1])));
  return lowest.sort((a, b) => a - b)[Math.floor(0.95 * (lowest.length - 1))];
}

/** The ways of both wrists in the last half second, fading. */
function drawTrails(context, dance, seconds, colours, { x = 0, y = 0, width }) {
  const height = (width * COURSE.height) / COURSE.width;
  context.save();
  context.lineWidth = Math.max(1, width / 130);
  for (const [wrist, side] of [[15, "left"], [16, "right"]]) {
    context.strokeStyle = colours[side];
    let before = null;
    for (let back = 0.5; back >= 0; back -= 1 / COURSE.fps) {
      if (seconds - back < 0) continue;
      const pose = poseAt(dance, seconds - back);
      const here = [x + pose[2 * wrist] * width, y + pose[2 * wrist + 1] * height];
      context.globalAlpha = 0.5 * (1 - back / 0.5);
      if (before) (context.beginPath(), context.moveTo(...before), context.lineTo(...here), context.stroke());
      before = here;
    }
  }
  context.restore();
}

/**
 * Plays a dance in a loop. The clock is the sound where there is one: an <audio> of which `length` seconds from `start`
 * on belong to the dance. Space plays and pauses, arrows move by a frame, with shift by a second.
 */
class Player {
  constructor({ colours, label = "The dancer", onframe = () => {} }) {
    Object.assign(this, { colours, onframe, start: 0, length: 5, dance: null, blended: null, playing: false, at: 0 });
    this.audio = make("audio", { preload: "auto" });
    this.canvas = drawing({
      label: label + ", dancing: space plays and pauses, arrow keys move by a frame", role: "application",
      ratio: COURSE.width / COURSE.height, tabindex: 0, class: "dance-stage", draw: (...args) => this.paint(...args),
    });
    this.button = make("button", { type: "button", class: "dance-play", onclick: () => this.toggle() });
    this.scrub = make("input", { type: "range", min: 0, max: 1, step: "any", value: 0, "aria-label": "Time" });
    this.clock = make("output", { class: "dance-value" });
    this.mute = make("button", { type: "button", class: "dance-mute", onclick: () => this.silence() });
    this.scrub.addEventListener("input", () => this.seek(+this.scrub.value));
    this.canvas.canvas.addEventListener("click", () => this.toggle());
    this.element = make("div", { class: "dance-player" }, this.canvas.canvas,
      make("div", { class: "dance-controls" }, this.button, this.scrub, this.clock, this.mute), this.audio);
    this.element.addEventListener("keydown", (event) => this.key(event));
    this.audio.addEventListener("ended", () => this.playing && (this.seek(0), this.audio.play()));
    this.label();
    this.silence(false);
  }

  /** Show another dance (T * 66 numbers); while it plays, the old one glides into it. */
  show(dance) {
    this.blended = this.dance && this.playing ? { dance: this.dance, since: performance.now() } : null;
    this.dance = dance;
    this.floor = floorOf(dance);
    if (!this.hasSound) this.length = dance.length / 66 / COURSE.fps;
    this.draw();
  }

  /** The sound, as a file's bytes, null for none; time goes on where it was. */
  sound(bytes, type = "audio/wav") {
    if (this.address) URL.revokeObjectURL(this.address);
    this.address = bytes && URL.createObjectURL(new Blob([bytes], { type }));
    this.hasSound = Boolean(bytes);
    const { playing } = this;
    const at = playing ? this.time : this.at;
    if (this.address) this.audio.src = this.address;
    else this.audio.removeAttribute("src");
    this.seek(at);
    if (playing && this.address) this.audio.play().catch(() => this.pause());
  }

  /** Which part of the sound belongs to the dance. */
  part(start, length) {
    const moved = start !== this.start;
    Object.assign(this, { start, length });
    this.seek(moved ? 0 : Math.min(this.at, length));
  }

  get time() {
    if (!this.playing) return this.at;
    const now = performance.now() / 1000;
    if (!this.hasSound) return (this.begun.at + now - this.begun.now) % this.length;
    // The sound's clock moves in steps in some browsers: the computer's is smooth, and follows it.
    const heard = this.audio.currentTime - this.start;
    let smooth = this.begun.at + now - this.begun.now;
    if (this.audio.paused || Math.abs(smooth - heard) > 0.03) {
      this.begun = { at: heard, now };
      smooth = heard;
    }
    return smooth;
  }

  seek(seconds) {
    this.at = Math.max(0, Math.min(this.length, seconds));
    this.begun = { at: this.at, now: performance.now() / 1000 };
    if (this.hasSound) this.audio.currentTime = this.start + this.at;
    this.draw();
  }

  play() {
    if (this.playing) return;
    if (this.at >= this.length - 0.05) this.seek(0);
    this.begun = { at: this.at, now: performance.now() / 1000 };
    this.playing = true;
    if (this.hasSound) {
      this.audio.currentTime = this.start + this.at;
      this.audio.play().catch(() => this.pause());
    }
    this.label();
    const step = () => {
      if (!this.playing) return;
      if (!this.element.isConnected) return this.pause();
      this.at = this.time;
      if (this.at >= this.length || this.at < -0.2) this.seek(0);
      this.draw();
      requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }

  pause() {
    if (this.playing) this.at = Math.max(0, Math.min(this.length, this.time));
    this.playing = false;
    this.audio.pause();
    this.label();
    this.draw();
  }

  toggle() {
    if (this.playing) this.pause();
    else this.play();
  }

  silence(muted = !this.audio.muted) {
    this.audio.muted = muted;
    icon(this.mute, muted ? "Sound on" : "Sound off", muted ? ICONS.silent : ICONS.loud);
  }

  key(event) {
    if (event.target === this.canvas.canvas && event.key === " ") (event.preventDefault(), this.toggle());
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (event.target === this.canvas.canvas && step) {
      event.preventDefault();
      this.pause();
      this.seek(this.at + (step * (event.shiftKey ? COURSE.fps : 1)) / COURSE.fps);
    }
  }

  label() {
    icon(this.button, this.playing ? "Pause" : "Play", this.playing ? ICONS.pause : ICONS.play);
  }

  draw() {
    this.canvas.redraw();
    this.scrub.max = this.length;
    this.scrub.value = this.at;
    const words = `${Math.max(0, this.at).toFixed(1)} of ${this.length.toFixed(1)} s`;
    this.clock.textContent = words;
    this.scrub.setAttribute("aria-valuetext", words);
    this.canvas.canvas.dataset.time = this.at;
    this.onframe(this.at);
  }

  paint(context, width, height) {
    context.fillStyle = this.colours.ground;
    context.fillRect(0, 0, width, height);
    context.strokeStyle = this.colours.line;
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(0, (this.floor ?? 0.9) * height);
    context.lineTo(width, (this.floor ?? 0.9) * height);
    context.stroke();
    if (!this.dance) {
      Object.assign(context, { fillStyle: this.colours.dim, font: "15px sans-serif", textAlign: "center" });
      return context.fillText("One moment …", width / 2, height / 2);
    }
    const pose = poseAt(this.dance, this.at);
    const share = this.blended ? (performance.now() - this.blended.since) / 180 : 1;
    if (share < 1) {
      const before = poseAt(this.blended.dance, this.at);
      for (let i = 0; i < 66; i++) pose[i] = before[i] * (1 - share) + pose[i] * share;
    } else {
      this.blended = null;
      drawTrails(context, this.dance, this.at, this.colours, { width });
    }
    drawFigure(context, pose, this.colours, { width });
  }

  stop() {
    this.pause();
    this.sound(null);
    this.canvas.observer.disconnect();
  }
}
