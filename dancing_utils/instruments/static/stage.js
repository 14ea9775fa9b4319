// The stage: a song, a dancer and two seeds become two videos, which play side by side in step.

const PIECE = 1 << 20; // bytes of an upload that travel at once
const STAGE_WORDS = { listening: "Listening to the song", dancing: "Dancing", painting: "Painting" };

/** One of the two: how far it is, the skeleton as soon as it is danced, then the video. */
class Slot {
  constructor(letter, seed, colours) {
    Object.assign(this, { letter, colours });
    this.seed = make("input", { type: "number", min: 0, max: 9999, step: 1, value: seed, "aria-label": `Seed of dance ${letter}` });
    this.words = make("p", { class: "dance-hint", role: "status" }, "");
    this.bar = make("progress", { max: 1, value: 0, "aria-label": `Progress of dance ${letter}` });
    this.drawn = drawing({ label: `Skeleton of dance ${letter}`, ratio: COURSE.width / COURSE.height, class: "dance-stage",
      draw: (context, width, height) => this.draw(context, width, height) });
    this.video = make("video", { playsinline: true, preload: "auto", hidden: true, "aria-label": `Video of dance ${letter}` });
    this.save = make("a", { class: "dance-save", hidden: true }, "Download");
    this.element = make("div", { class: "dance-slot" }, make("label", {}, `${letter}: seed `, this.seed), this.drawn.canvas,
      this.video, this.bar, this.words, this.save);
    this.clear();
  }

  clear() {
    if (this.address) URL.revokeObjectURL(this.address);
    this.address = this.dance = null;
    this.bar.value = 0;
    this.video.removeAttribute("src");
    this.video.hidden = this.save.hidden = this.bar.hidden = true;
    this.drawn.canvas.hidden = false;
    this.drawn.redraw();
  }

  tell(told, buffers) {
    this.bar.hidden = told.share >= 1;
    this.bar.value = told.share;
    this.words.textContent = told.stage ? `${STAGE_WORDS[told.stage]}, ${Math.round(100 * told.share)} %` : "Done.";
    if (told.dance) (this.dance = floats(buffers[0])), this.rehearse();
    if (told.name) this.show(told.name, buffers[0]);
  }

  /** The skeleton dances until the video is there. */
  rehearse() {
    const begun = performance.now();
    const step = () => {
      if (!this.dance || this.ready || !this.element.isConnected) return;
      this.now = ((performance.now() - begun) / 1000) % (this.dance.length / 66 / COURSE.fps);
      this.drawn.redraw();
      requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }

  show(name, bytes) {
    this.dance = null;
    this.address = URL.createObjectURL(new Blob([bytes], { type: "video/mp4" }));
    this.video.src = this.save.href = this.address;
    this.save.download = name;
    this.save.textContent = `Download ${name}`;
    this.drawn.canvas.hidden = true;
    this.video.hidden = this.save.hidden = false;
  }

  get ready() {
    return Boolean(this.address);
  }

  draw(context, width, height) {
    context.fillStyle = this.colours.ground;
    context.fillRect(0, 0, width, height);
    if (this.dance) return drawFigure(context, poseAt(this.dance, this.now ?? 0), this.colours, { width });
    context.fillStyle = this.colours.line;
    context.font = `${Math.round(width / 3)}px sans-serif`;
    context.textAlign = "center";
    context.fillText(this.letter, width / 2, height / 2);
  }
}

class Stage {
  constructor(model, el) {
    Object.assign(this, frame({ model, el, name: "Stage", changed: () => this.slots?.forEach((slot) => slot.drawn.redraw()) }));
    this.kernel.on("begin", (told) => this.begin(told));
    this.kernel.on("make", (told, buffers) => this.made(told, buffers), { failed: () => this.working(false), patience: 120 });
    this.kernel.on("cancel", () => {});
    this.kernel.on("upload", () => this.sendPiece(), { failed: () => this.uploading(null) });
    this.kernel.on("piece", (told) => this.arrived(told), { failed: () => this.uploading(null), patience: 70 });
    this.say("Asking the kernel …");
    this.kernel.ask("begin");
  }

  begin(told) {
    Object.assign(this, told);
    this.slots = [new Slot("A", 0, this.colours), new Slot("B", 1, this.colours)];
    const choose = (name, options) => {
      const box = make("select", { "aria-label": name }, ...options.map(([value, words]) => make("option", { value }, words)));
      return [make("label", { class: "dance-field" }, make("span", {}, name), box), box];
    };
    const [song, songBox] = choose("Song", this.songs.map((name, i) => [i, name]));
    const [dancer, dancerBox] = choose("Dancer", this.dancers.map((name) => [name, name]));
    const [length, lengthBox] = choose("Length", this.lengths.map((n) => [n, n ? `the first ${n} s` : "the whole song"]));
    Object.assign(this, { songBox, dancerBox, lengthBox });
    this.temperature = slider({ name: "Temperature", min: 0, max: 1.5, step: 0.05, value: 0.5, reset: 0.5,
      say: (value) => value.toFixed(2), change: () => {} });
    this.file = make("input", { type: "file", accept: this.kinds.join(","), "aria-label": "Upload a song", onchange: () => this.upload() });
    this.makeButton = make("button", { type: "button", class: "dance-main", onclick: () => this.make() }, "Make both videos");
    this.cancelButton = make("button", { type: "button", disabled: true, onclick: () => this.cancel() }, "Cancel");
    this.playButton = make("button", { type: "button", class: "dance-play", disabled: true, onclick: () => this.toggle() });
    icon(this.playButton, "Play both", ICONS.play);
    this.scrub = make("input", { type: "range", min: 0, max: 1, step: "any", value: 0, disabled: true, "aria-label": "Time" });
    this.scrub.addEventListener("input", () => this.videos.forEach((video) => (video.currentTime = +this.scrub.value)));
    const fields = make("div", { class: "dance-fields" }, song,
      make("label", { class: "dance-field" }, make("span", {}, "or yours"), this.file), dancer, length, this.temperature.element,
      make("div", { class: "dance-row" }, this.makeButton, this.cancelButton),
      make("p", { class: "dance-hint" }, "A seed is a number that stands for the dancer's choices; the higher the temperature, the " +
        "bolder they are. First a skeleton dances, then the person is painted. Your song stays in this session and is deleted with it."));
    this.body.classList.add("dance-show");
    this.body.append(make("div", { class: "dance-panel" }, fields), make("div", { class: "dance-panel" },
      make("div", { class: "dance-slots" }, ...this.slots.map((slot) => slot.element)),
      make("div", { class: "dance-controls" }, this.playButton, this.scrub)));
  }

  // --- making ---

  make() {
    this.pause();
    this.say("");
    this.slots.forEach((slot) => (slot.clear(), (slot.words.textContent = "Waiting")));
    this.job = Math.random().toString(36).slice(2);
    this.working(true);
    this.kernel.ask("make", { job: this.job, song: +this.songBox.value, dancer: this.dancerBox.value, seconds: +this.lengthBox.value,
      temperature: +this.temperature.input.value, seeds: this.slots.map((slot) => Math.max(0, Math.round(+slot.seed.value))) });
  }

  cancel() {
    this.say("Cancelling …");
    this.kernel.ask("cancel", { job: this.job });
  }

  working(busy) {
    this.makeButton.disabled = busy;
    this.cancelButton.disabled = !busy;
    this.root.dataset.working = busy;
  }

  made(told, buffers) {
    if (told.more) this.slots[told.video].tell(told, buffers);
    else this.working(false);
    if (told.cancelled) {
      this.slots.filter((slot) => !slot.ready).forEach((slot) => (slot.clear(), (slot.words.textContent = "Cancelled.")));
      this.say("Cancelled.");
    }
    this.playButton.disabled = this.scrub.disabled = !this.videos.length;
  }

  // --- uploading ---

  async upload() {
    const file = this.file.files[0];
    if (!file) return;
    this.uploading({ file, at: 0 });
    this.kernel.ask("upload", { name: file.name, size: file.size });
  }

  uploading(state) {
    this.sending = state;
    this.file.disabled = Boolean(state);
    if (!state) this.file.value = "";
  }

  async sendPiece() {
    const { file, at } = this.sending;
    this.say(`Uploading ${file.name}: ${Math.round((100 * at) / file.size)} %`);
    const piece = await file.slice(at, at + PIECE).arrayBuffer();
    this.sending.at += piece.byteLength;
    this.kernel.ask("piece", {}, [piece]);
  }

  arrived(told) {
    if (told.song === undefined) return this.sendPiece();
    this.songBox.append(make("option", { value: told.song }, told.name));
    this.songBox.value = told.song;
    this.uploading(null);
    this.say(`${told.name} is there: make a video of it.`);
  }

  // --- watching ---

  get videos() {
    return (this.slots ?? []).filter((slot) => slot.ready).map((slot) => slot.video);
  }

  toggle() {
    if (this.playing) this.pause();
    else this.play();
  }

  play() {
    const [first, ...others] = this.videos;
    this.playing = true;
    icon(this.playButton, "Pause both", ICONS.pause);
    if (first.ended) first.currentTime = 0;
    for (const video of others) (video.muted = true), (video.currentTime = first.currentTime);
    this.videos.forEach((video) => video.play().catch(() => this.pause()));
    const step = () => {
      if (!this.playing) return;
      if (first.ended || !first.isConnected) return this.pause();
      for (const video of others) {
        // The second follows the first: a little faster or slower, and only far off by a jump.
        const ahead = video.currentTime - first.currentTime;
        if (Math.abs(ahead) > 0.25) video.currentTime = first.currentTime;
        video.playbackRate = Math.abs(ahead) > 0.01 ? 1 - Math.max(-0.2, Math.min(0.2, 4 * ahead)) : 1;
        this.root.dataset.apart = Math.abs(ahead);
      }
      this.scrub.max = first.duration || 1;
      this.scrub.value = first.currentTime;
      requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }

  pause() {
    this.playing = false;
    this.videos.forEach((video) => video.pause());
    icon(this.playButton, "Play both", ICONS.play);
  }

  stop() {
    if (this.root.dataset.working === "true") this.kernel.ask("cancel", { job: this.job });
    this.slots?.forEach((slot) => (slot.clear(), slot.drawn.observer.disconnect()));
    this.frameStops();
  }
}

export default {
  render({ model, el }) {
    const stage = new Stage(model, el);
    return () => stage.stop();
  },
};
