// The latent explorer: a map of z, sliders, two dances and a mixer, a curve to paint.

const MODES = [["own", "She chooses"], ["held", "Hold a place"], ["path", "Follow a path"]];

class Explorer {
  constructor(model, el) {
    const redraw = () => this.ready && (this.map.forget(), this.player.draw());
    Object.assign(this, frame({ model, el, name: "Latent explorer", changed: redraw }));
    this.undone = [];
    this.kernel.on("begin", (told, buffers) => this.begin(told, buffers));
    this.kernel.on("song", (told, [sound]) => this.player.sound(sound));
    this.kernel.on("pair", (told, buffers) => ((this.two = buffers.map(floats)), this.player.draw()));
    this.kernel.on("dance", (told, [dance]) => this.danced(told, floats(dance)));
    this.say("Asking the kernel …");
    this.kernel.ask("begin");
  }

  begin(told, [dots]) {
    Object.assign(this, told, { dots: floats(dots), usual: this.blank(told.latent_dim) });
    this.choice = { ...structuredClone(this.usual), ...linked("explore") };
    if (this.choice.shift?.length !== told.latent_dim) this.choice = structuredClone(this.usual);
    this.build();
    this.ready = true;
    this.changed();
    this.kernel.ask("song", this.choice);
    this.newPair();
  }

  blank(axes) {
    return { song: 0, start: 0, seed: 0, other: 1, mix: 0, temperature: 0.5, mode: "own", place: [0, 0], path: [],
      shift: Array(axes).fill(0), curves: {} };
  }

  // --- what changes ---

  /** Ask for the dance of what the controls say. */
  changed() {
    this.root.dataset.choice = JSON.stringify(this.choice);
    this.kernel.ask("dance", structuredClone(this.choice));
  }

  /** Keep the choice as it was before a change; undo goes back to it. */
  keep() {
    this.undone.push(structuredClone(this.choice));
    if (this.undone.length > 100) this.undone.shift();
    this.undoButton.disabled = false;
  }

  set(part) {
    Object.assign(this.choice, part);
    this.changed();
    this.told();
  }

  undo() {
    const before = this.undone.pop();
    if (before) this.jump(before);
    this.undoButton.disabled = !this.undone.length;
  }

  /** To another choice altogether. */
  jump(choice) {
    const old = this.choice;
    this.choice = choice;
    if (choice.song !== old.song) this.kernel.ask("song", choice);
    if (["song", "start", "seed", "other", "temperature"].some((name) => choice[name] !== old[name])) this.newPair();
    this.changed();
    this.told();
  }

  newPair() {
    this.kernel.ask("pair", this.choice);
  }

  random() {
    this.keep();
    const any = (n) => Math.floor(Math.random() * n);
    const dot = () => this.map.dot(any(this.dots.length / 3));
    const seeds = { seed: any(1000), other: any(1000) };
    const part = this.choice.mode === "own" ? seeds : { place: dot(), path: [dot(), dot(), dot()] };
    this.jump({ ...structuredClone(this.choice), ...part });
  }

  danced(told, dance) {
    Object.assign(this, told);
    this.player.part(this.choice.start, dance.length / 66 / COURSE.fps);
    this.player.show(dance);
    this.root.dataset.shown = JSON.stringify(this.kernel.kinds.dance.asked);
  }

  // --- what is seen ---

  build() {
    this.player = new Player({ colours: this.colours, onframe: () => this.drawRest() });
    this.undoButton = make("button", { type: "button", disabled: true, onclick: () => this.undo() }, "Undo");
    const button = (name, act) => make("button", { type: "button", onclick: act }, name);
    this.codePlace = make("div");
    const top = make("div", { class: "dance-panel dance-top" }, make("div", { class: "dance-row" },
      this.songChooser(), this.startSlider(), this.undoButton,
      button("Reset", () => (this.keep(), this.jump(structuredClone(this.usual)))),
      button("Random", () => this.random()), button("Copy as code", () => this.copyCode()),
      document.querySelector(".dance-page") && button("Copy link", () => this.copyLink())), this.codePlace);
    this.body.classList.add("dance-explorer");
    this.body.append(top, this.mapPanel(), make("div", { class: "dance-panel" }, this.player.element),
      make("div", { class: "dance-side" }, this.axesPanel(), this.twoPanel()), this.curvePanel());
    this.told();
    this.root.addEventListener("keydown", (event) => {
      if ((event.ctrlKey || event.metaKey) && event.key === "z") (event.preventDefault(), this.undo());
    });
  }

  mapPanel() {
    const { colours, dots, names, palette } = this;
    this.map = new LatentMap({
      colours, dots, names, palette, mode: () => this.choice.mode, place: () => this.choice.place, path: () => this.choice.path,
      keep: () => this.keep(), hold: (place) => this.set({ place, mode: "held" }), follow: (path) => this.set({ path }),
    });
    this.modes = MODES.map(([value]) => make("input", { type: "radio", name: "mode" + this.kernel.me, value,
      checked: value === "own", onchange: () => (this.keep(), this.set({ mode: value })) }));
    const modes = MODES.map(([, name], i) => make("label", {}, this.modes[i], " " + name));
    return make("div", { class: "dance-panel" },
      make("div", { class: "dance-row", role: "radiogroup", "aria-label": "What she dances" }, ...modes),
      this.map.element, make("p", { class: "dance-hint" }, "A dot is the z of one beat of a dance. Click or drag: she " +
        "dances there. To let her follow a path, choose it above and draw it."));
  }

  curvePanel() {
    this.axisBox = make("select", { "aria-label": "Axis of the curve" },
      ...this.choice.shift.map((_, axis) => make("option", { value: axis }, `z[${axis}]`)));
    this.axisBox.addEventListener("change", () => (this.told(), this.curve.redraw()));
    this.clear = make("button", { type: "button", disabled: true, onclick: () => this.paint(null) }, "Clear");
    this.curve = new Curve({
      colours: this.colours, range: this.range, seconds: this.seconds, keep: () => this.keep(),
      change: (values) => this.paint(values, false), values: () => this.choice.curves[this.axis],
      shown: () => this.times && this.times.map((time, k) => [time, this.z[k][this.axis]]), now: () => this.player.at,
    });
    return make("div", { class: "dance-panel dance-curve" }, make("div", { class: "dance-row" },
      make("h3", {}, "Paint a curve over five seconds for"), this.axisBox, this.clear), this.curve.canvas);
  }

  get axis() {
    return +this.axisBox.value;
  }

  /** A curve for the chosen axis; null for none. */
  paint(values, keep = true) {
    if (keep) this.keep();
    const curves = { ...this.choice.curves, [this.axis]: values };
    if (!values) delete curves[this.axis];
    this.set({ curves });
  }

  songChooser() {
    const options = this.songs.map((song, i) => make("option", { value: i }, song.name));
    this.songBox = make("select", { "aria-label": "Song" }, ...options);
    this.songBox.addEventListener("change", () => {
      this.keep();
      this.jump({ ...structuredClone(this.choice), song: +this.songBox.value, start: 0 });
    });
    return make("label", {}, "Song ", this.songBox);
  }

  startSlider() {
    this.start = slider({
      name: "from", label: "Place in the song", min: 0, max: this.lastStart(), step: 0.5, value: 0,
      say: (value) => value.toFixed(1) + " s", change: (start) => (this.set({ start }), this.newPair()),
    });
    this.keepsBefore(this.start.input);
    this.start.element.style.flex = "1 1 200px";
    return this.start.element;
  }

  lastStart() {
    return Math.max(0, Math.floor(2 * (this.songs[this.choice.song].seconds - this.seconds)) / 2);
  }

  /** A change of a slider is one step of undo, however long it takes. */
  keepsBefore(input) {
    let kept = false;
    input.addEventListener("input", () => (kept ||= (this.keep(), true)), true);
    input.addEventListener("change", () => (kept = false));
  }

  axesPanel() {
    this.axes = this.choice.shift.map((_, axis) => {
      const one = slider({
        name: `z[${axis}]`, label: `Move z ${axis} by`, min: -this.range, max: this.range, step: 0.1, value: 0, reset: 0,
        say: (value) => (value > 0 ? "+" : "") + value.toFixed(1),
        change: (value) => this.set({ shift: this.choice.shift.with(axis, value) }),
      });
      this.keepsBefore(one.input);
      return one;
    });
    return make("div", { class: "dance-panel dance-axes" }, make("h3", {}, "Move z by"),
      ...this.axes.map((axis) => axis.element),
      make("p", { class: "dance-hint" }, "Added at every beat, to whatever she dances. Double click: back to 0."));
  }

  twoPanel() {
    const thumb = (i) => drawing({
      label: `Dance ${"AB"[i]}`, ratio: 0.62, draw: (context, width, height) => this.drawThumb(context, width, height, i),
    });
    this.thumbs = [thumb(0), thumb(1)];
    const seed = (name, label) => {
      const box = make("input", { type: "number", min: 0, max: 9999, step: 1, value: this.choice[name], "aria-label": label });
      box.addEventListener("change", () => (this.keep(), this.set({ [name]: Math.max(0, Math.round(+box.value)) }), this.newPair()));
      return box;
    };
    this.seeds = { seed: seed("seed", "Seed of dance A"), other: seed("other", "Seed of dance B") };
    this.mix = slider({
      name: "mix", label: "From dance A to dance B", min: 0, max: 1, step: 0.01, value: 0,
      say: (value) => Math.round(100 * value) + " % B", change: (mix) => this.set({ mix, mode: "own" }),
    });
    this.temperature = slider({
      name: "temperature", min: 0, max: 1.5, step: 0.05, value: 0.5, reset: 0.5, say: (value) => value.toFixed(2),
      change: (temperature) => (this.set({ temperature }), this.newPair()),
    });
    [this.mix, this.temperature].forEach((one) => this.keepsBefore(one.input));
    const mixer = make("div", { class: "dance-mixer" }, make("div", { class: "dance-thumb" }, this.thumbs[0].canvas),
      this.mix.element, make("div", { class: "dance-thumb" }, this.thumbs[1].canvas));
    return make("div", { class: "dance-panel dance-two" }, make("h3", {}, "Two dances that she chooses"), mixer,
      make("div", { class: "dance-seeds" }, make("label", {}, "A: seed ", this.seeds.seed), make("label", {}, "B: seed ", this.seeds.other)),
      this.temperature.element, make("p", { class: "dance-hint" }, "A seed is a number that stands for her choices. The higher " +
        "the temperature, the bolder they are; at 0 all seeds dance the same."));
  }

  /** All controls as the choice says. */
  told() {
    const { choice } = this;
    this.songBox.value = choice.song;
    this.start.input.max = this.lastStart();
    this.start.set(choice.start);
    this.axes.forEach((axis, i) => axis.set(choice.shift[i]));
    this.mix.set(choice.mix);
    this.temperature.set(choice.temperature);
    for (const name of ["seed", "other"]) this.seeds[name].value = choice[name];
    this.modes.forEach((box) => (box.checked = box.value === choice.mode));
    this.clear.disabled = !this.choice.curves[this.axis];
  }

  async copyCode() {
    if (!this.code) return;
    this.codePlace.replaceChildren();
    const done = await copy(this.code, this.codePlace);
    this.say(done ? "Copied: paste it into a cell below the one that loads the model." : "Copy the text of the box.", false, 5);
  }

  async copyLink() {
    this.codePlace.replaceChildren();
    const done = await copy(link("explore", this.choice), this.codePlace);
    this.say(done ? "Copied: who opens the link sees this dance, as long as the page is served." : "Copy the text of the box.", false, 5);
  }

  drawRest() {
    if (this.places) this.map.show(this.places, this.times, this.player.at);
    this.curve.redraw();
    this.thumbs.forEach((thumb) => thumb.redraw());
  }

  drawThumb(context, width, height, i) {
    context.fillStyle = this.colours.ground;
    context.fillRect(0, 0, width, height);
    if (this.two) drawFigure(context, poseAt(this.two[i], this.player.at), this.colours, { width, y: (height - width * 16 / 9) / 2 });
  }

  stop() {
    this.player?.stop();
    for (const one of [this.map, this.curve, ...(this.thumbs ?? [])]) one?.observer.disconnect();
    this.frameStops();
  }
}

export default {
  render({ model, el }) {
    const explorer = new Explorer(model, el);
    return () => explorer.stop();
  },
};
