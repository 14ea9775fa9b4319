// The ear: a song with a cursor over wave, mel spectrogram, MFCC and beats, the dancer in step; MFCC to hear; taps.

const KEEPS = [1, 2, 3, 4, 6, 8, 10, 13, 20, 30, 40, 60, 80, 128];
const LANES = { wave: 50, mel: 150, mfcc: 117, beats: 48 }; // heights in pixels
const GAP = 20;

class Ear {
  constructor(model, el) {
    const redraw = () => this.player && (this.forget(), this.player.draw());
    Object.assign(this, frame({ model, el, name: "Ear", changed: redraw }));
    Object.assign(this, { taps: [], hits: [], source: "song", kept: null });
    this.kernel.on("begin", (told, buffers) => this.begin(told, buffers));
    this.kernel.on("keep", (told, buffers) => this.keeps(told, buffers));
    this.kernel.on("score", (told) => this.scored(told));
    this.say("Asking the kernel …");
    this.kernel.ask("begin");
  }

  begin(told, [sound, dance, peaks, mel, mfcc, colours]) {
    const bytes = (view) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
    Object.assign(this, told, { song: sound, peaks: bytes(peaks), palette: bytes(colours) });
    this.seconds = this.frames / COURSE.fps;
    this.pictures = { song: this.picture(bytes(mel), this.bands), mfcc: this.picture(bytes(mfcc), this.usual) };
    Object.assign(this.root.dataset, { tempo: this.tempo, beat: this.beats[0] });
    this.build(floats(dance));
    this.kernel.ask("keep", { n: this.n });
  }

  /** Bytes (frames * rows), the lowest row first, as a picture in the palette's colours. */
  picture(values, rows) {
    const canvas = document.createElement("canvas");
    Object.assign(canvas, { width: this.frames, height: rows });
    const pixels = new ImageData(this.frames, rows);
    for (let k = 0; k < this.frames; k++) {
      for (let row = 0; row < rows; row++) {
        const at = 4 * ((rows - 1 - row) * this.frames + k);
        const colour = 3 * values[k * rows + row];
        for (let i = 0; i < 3; i++) pixels.data[at + i] = this.palette[colour + i];
        pixels.data[at + 3] = 255;
      }
    }
    canvas.getContext("2d").putImageData(pixels, 0, 0);
    return canvas;
  }

  get n() {
    return KEEPS[+this.number.input.value];
  }

  build(dance) {
    this.player = new Player({ colours: this.colours, onframe: () => this.lanes?.redraw() });
    this.player.sound(this.song);
    this.player.part(0, this.seconds);
    const height = Object.values(LANES).reduce((a, b) => a + b, 0) + 4 * GAP + 18;
    this.lanes = drawing({
      label: "Wave, mel spectrogram, MFCC and beats over time. Left and right move the cursor.", role: "application",
      height, tabindex: 0, class: "dance-lanes", draw: (...args) => this.draw(...args),
    });
    const move = (event) => this.player.seek((spot(event, this.lanes.canvas)[0] / this.lanes.width) * this.seconds);
    this.lanes.canvas.addEventListener("pointerdown", (event) => {
      this.lanes.canvas.setPointerCapture(event.pointerId);
      this.pressed = true;
      move(event);
    });
    this.lanes.canvas.addEventListener("pointermove", (event) => this.pressed && move(event));
    for (const end of ["pointerup", "pointercancel"]) this.lanes.canvas.addEventListener(end, () => (this.pressed = false));
    this.lanes.canvas.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (step) (event.preventDefault(), this.player.seek(this.player.at + step * (event.shiftKey ? 1 : 0.1)));
      if (event.key === " ") (event.preventDefault(), this.player.toggle());
    });
    this.root.addEventListener("keydown", (event) => event.key.toLowerCase() === "t" && !event.repeat && this.tap());
    this.body.classList.add("dance-ear");
    this.body.append(make("div", { class: "dance-panel" }, this.lanes.canvas), make("div", { class: "dance-panel" }, this.player.element),
      this.keepPanel(), this.tapPanel());
    this.player.show(dance);
  }

  // --- what coefficients keep ---

  keepPanel() {
    this.number = slider({
      name: "MFCC kept", label: "Number of MFCC kept", min: 0, max: KEEPS.length - 1, step: 1, value: KEEPS.indexOf(this.usual),
      say: (i) => (KEEPS[i] === 128 ? "all 128" : "first " + KEEPS[i]),
      change: () => (this.listen("kept"), this.lanes.redraw(), this.kernel.ask("keep", { n: this.n })),
    });
    const group = "source" + this.kernel.me;
    this.sources = [["song", "the song"], ["kept", "what the coefficients keep"]].map(([value, words]) => {
      const box = make("input", { type: "radio", name: group, value, checked: value === "song", onchange: () => this.listen(value) });
      return [value, box, make("label", {}, box, " " + words)];
    });
    return make("div", { class: "dance-panel" }, make("div", { class: "dance-row", role: "radiogroup", "aria-label": "Hear" },
      make("h3", {}, "Hear"), ...this.sources.map(([, , label]) => label)), this.number.element,
      make("p", { class: "dance-hint" }, "The song models hear 13. They keep the spectrum's coarse shape alone: " +
        "what you hear is noise that was given this shape."));
  }

  keeps(told, [sound, seen]) {
    this.kept = { n: told.n, sound };
    this.pictures.kept = this.picture(new Uint8Array(seen.buffer, seen.byteOffset, seen.byteLength), this.bands);
    this.root.dataset.kept = told.n;
    if (this.source === "kept") this.listen("kept");
  }

  /** Hear, and see, the song or what is kept of it; the time stays. */
  listen(source) {
    this.source = source;
    this.sources.forEach(([value, box]) => (box.checked = value === source));
    const sound = source === "song" ? this.song : this.kept?.sound;
    if (sound && sound !== this.sounding) this.player.sound(sound);
    this.sounding = sound;
    this.forget();
    this.lanes.redraw();
  }

  // --- taps ---

  tapPanel() {
    this.button = make("button", { type: "button", class: "dance-tap" }, "Tap the beat (T)");
    this.button.addEventListener("pointerdown", () => this.tap());
    this.button.addEventListener("keydown", (event) => {
      if ([" ", "Enter"].includes(event.key) && !event.repeat) (event.preventDefault(), this.tap());
    });
    this.words = make("p", { class: "dance-score", role: "status" }, "Play the song, and tap along.");
    return make("div", { class: "dance-panel" }, this.button, this.words);
  }

  /** One tap: a new series begins where time went back. */
  tap() {
    if (!this.player.playing) {
      this.words.textContent = "Play the song first, then tap.";
      return;
    }
    const now = this.player.time;
    if (now < (this.taps.at(-1) ?? 0)) (this.taps = []), (this.hits = []);
    if (now - (this.taps.at(-1) ?? -1) < 0.1) return;
    this.taps.push(now);
    this.lanes.redraw();
    if (this.taps.length >= 4) this.kernel.ask("score", { taps: [...this.taps] });
    else this.words.textContent = `${4 - this.taps.length} more …`;
  }

  scored(told) {
    this.hits = told.hits;
    this.words.textContent = told.words;
    Object.assign(this.root.dataset, { f: told.f, own: told.own });
    this.lanes.redraw();
  }

  // --- what is seen ---

  forget() {
    this.layer = null;
  }

  /** Where each lane begins: name -> its top. */
  tops() {
    let top = GAP;
    return Object.fromEntries(Object.entries(LANES).map(([name, height]) => [name, [top, (top += height + GAP)][0]]));
  }

  drawLayer(canvas, width, height) {
    this.layer = document.createElement("canvas");
    Object.assign(this.layer, { width: canvas.width, height: canvas.height });
    const context = this.layer.getContext("2d");
    context.scale(canvas.width / width, canvas.width / width);
    const { colours } = this;
    const tops = this.tops();
    const kept = this.source === "kept" && this.pictures.kept;
    const titles = {
      wave: "Wave", mfcc: "MFCC 0 to 12 from below, standardised",
      mel: kept ? `Mel spectrogram of the first ${this.kept.n} MFCC` : "Mel spectrogram",
      beats: `Beats: ${this.tempo.toFixed(0)} a minute; above, your taps`,
    };
    context.fillStyle = colours.dim;
    context.font = "12px sans-serif";
    for (const [name, title] of Object.entries(titles)) context.fillText(title, 5, tops[name] - 5);
    context.fillStyle = colours.accent;
    const middle = tops.wave + LANES.wave / 2;
    for (let x = 0; x < width; x++) {
      const [a, b] = [x, x + 1].map((edge) => Math.floor((edge / width) * this.peaks.length));
      const loud = Math.max(...this.peaks.subarray(a, Math.max(a + 1, b))) / 255;
      context.fillRect(x, middle - (loud * LANES.wave) / 2, 1, Math.max(1, loud * LANES.wave));
    }
    context.imageSmoothingEnabled = false;
    context.drawImage(kept || this.pictures.song, 0, tops.mel, width, LANES.mel);
    context.drawImage(this.pictures.mfcc, 0, tops.mfcc, width, LANES.mfcc);
    context.fillStyle = colours.dim;
    for (let second = 0; second < this.seconds; second += this.seconds > 40 ? 10 : this.seconds > 12 ? 2 : 1) {
      context.fillText(second + " s", (second / this.seconds) * width + 1, height - 4);
    }
  }

  draw(context, width, height) {
    const { canvas } = this.lanes;
    if (!this.layer || this.layer.width !== canvas.width || this.layer.height !== canvas.height) this.drawLayer(canvas, width, height);
    context.drawImage(this.layer, 0, 0, width, height);
    const tops = this.tops();
    const x = (seconds) => (seconds / this.seconds) * width;
    if (this.source === "kept") this.shade(context, tops, width);
    const upright = (seconds, top, bottom, colour, thick) => {
      context.fillStyle = colour;
      context.fillRect(x(seconds) - thick / 2, top, thick, bottom - top);
    };
    const half = tops.beats + LANES.beats / 2;
    this.beats.forEach((beat) => upright(beat, half, tops.beats + LANES.beats, this.colours.text, 2));
    this.taps.forEach((tap, i) => {
      upright(tap, tops.beats, half - 2, this.hits[i] ? this.colours.left : this.colours.right, 3);
      if (!this.hits[i]) (context.fillRect(x(tap) - 4, half - 5, 8, 3));
    });
    for (const [name, high] of Object.entries(LANES)) {
      upright(this.player.at, tops[name], tops[name] + high, this.colours.ground, 4);
      upright(this.player.at, tops[name], tops[name] + high, this.colours.right, 2);
    }
  }

  /** The coefficients that are left out, dimmed. */
  shade(context, tops, width) {
    const left = Math.max(0, this.usual - this.n) / this.usual;
    context.globalAlpha = 0.8;
    context.fillStyle = this.colours.panel;
    context.fillRect(0, tops.mfcc, width, left * LANES.mfcc);
    context.globalAlpha = 1;
  }

  stop() {
    this.player?.stop();
    this.lanes?.observer.disconnect();
    this.frameStops();
  }
}

export default {
  render({ model, el }) {
    const ear = new Ear(model, el);
    return () => ear.stop();
  },
};
