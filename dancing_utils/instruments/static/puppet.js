// The puppet: a painted dancer whose hands, elbows, knees and feet are dragged; Python answers with JPEGs.

const NEAR = 40; // pixels around a handle in which it is taken

class Puppet {
  constructor(model, el) {
    const redraw = () => this.redraw();
    Object.assign(this, frame({ model, el, name: "Puppet", changed: redraw }));
    Object.assign(this, { number: 0, layer: null, undone: [], shown: [], handles: true, painting: 0 });
    this.kernel.on("begin", (told, [poses]) => this.begin(told, floats(poses)));
    this.kernel.on("paint", (told, buffers) => this.painted(buffers));
    this.say("Asking the kernel …");
    this.kernel.ask("begin");
  }

  begin(told, poses) {
    Object.assign(this, { dancers: told.dancers, names: told.layers, joints: told.joints, poses });
    this.dancer = this.dancers[0].name;
    this.chosen = "left_wrist";
    this.build();
    this.start(0);
  }

  // --- what changes ---

  /** One of the poses to begin with. */
  start(number) {
    this.number = number;
    this.pose = this.poses.slice(66 * number, 66 * (number + 1));
    this.undone = [];
    this.ask();
  }

  /** Ask for the picture of the pose, or of one in which a joint is dragged to a target. */
  ask(pose = this.pose, joint = null, target = null) {
    const { dancer, layer, number } = this;
    this.kernel.ask("paint", { dancer, layer, number, joint, target }, [pose.slice().buffer]);
  }

  async painted([pose, ...pictures]) {
    const { asked, number } = this.kernel.kinds.paint;
    const images = await Promise.all(pictures.map((one) => createImageBitmap(new Blob([one], { type: "image/jpeg" }))));
    if (number < this.painting) return; // a later one was decoded first
    Object.assign(this, { images, painting: number });
    this.pose = floats(pose);
    this.root.dataset.shown = JSON.stringify(asked.target);
    this.root.dataset.hand = JSON.stringify([...this.pose.slice(30, 32)]); // the left one, for tests
    const now = performance.now();
    this.shown = [...this.shown, now].filter((time) => time > now - 1000);
    this.rate.textContent = this.pressed && this.shown.length > 1 ? `${this.shown.length} pictures in the last second` : "";
    this.root.dataset.rate = Math.max(this.shown.length, +(this.root.dataset.rate ?? 0));
    this.redraw();
  }

  redraw() {
    this.stage?.redraw();
    this.second?.redraw();
  }

  keep() {
    this.undone = [...this.undone, this.pose.slice()].slice(-100);
    this.undoButton.disabled = false;
  }

  undo() {
    const before = this.undone.pop();
    if (before) (this.pose = before), this.ask();
    this.undoButton.disabled = !this.undone.length;
  }

  // --- what is seen ---

  build() {
    this.stage = drawing({
      label: "The dancer. Drag a handle; or choose a joint in the list and move it by the arrow keys.", role: "application",
      ratio: COURSE.width / COURSE.height, tabindex: 0, class: "dance-puppet-stage", draw: (...args) => this.draw(...args),
    });
    this.second = drawing({
      label: "A layer of the picture", ratio: COURSE.width / COURSE.height, class: "dance-puppet-layer",
      draw: (context, width, height) => this.images?.[1] && context.drawImage(this.images[1], 0, 0, width, height),
    });
    const { canvas } = this.stage;
    canvas.addEventListener("pointerdown", (event) => this.press(event));
    canvas.addEventListener("pointermove", (event) => this.move(event));
    for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => this.release());
    canvas.addEventListener("keydown", (event) => this.key(event));
    this.undoButton = make("button", { type: "button", disabled: true, onclick: () => this.undo() }, "Undo");
    this.rate = make("p", { class: "dance-hint" });
    this.body.classList.add("dance-puppet");
    this.body.append(make("div", { class: "dance-panel" }, canvas), make("div", { class: "dance-panel dance-second" }, this.second.canvas), make("div", { class: "dance-panel" }, this.controls()));
    this.layers();
    this.redraw();
  }

  controls() {
    const choose = (name, options, change) => {
      const box = make("select", { "aria-label": name }, ...options.map(([value, words]) => make("option", { value }, words)));
      box.addEventListener("change", () => change(box.value));
      return [make("label", { class: "dance-field" }, make("span", {}, name), box), box];
    };
    const words = (name) => name.replace("_", " ");
    const joints = [...Object.keys(this.joints), "hips"].map((name) => [name, words(name)]);
    const [dancer] = choose("Dancer", this.dancers.map(({ name }) => [name, name]), (name) => {
      this.dancer = name;
      this.layers();
      this.ask();
    });
    const [joint, jointBox] = choose("Joint", joints, (name) => ((this.chosen = name), this.stage.redraw()));
    const handles = make("input", { type: "checkbox", checked: true, onchange: () => ((this.handles = handles.checked), this.stage.redraw()) });
    this.jointBox = jointBox;
    this.layerPlace = make("div", { class: "dance-layers", role: "radiogroup", "aria-label": "Layer" });
    const n = this.poses.length / 66;
    const start = n > 1 ? slider({ name: "Pose", label: "Pose to begin with", min: 0, max: n - 1, step: 1, value: 0,
      say: (k) => `${k + 1} of ${n}`, change: (k) => this.start(k) }) : null;
    return make("div", { class: "dance-fields" }, this.dancers.length > 1 ? dancer : null, start?.element, this.layerPlace, joint,
      make("label", {}, handles, " Handles"),
      make("div", { class: "dance-row" }, this.undoButton, make("button", { type: "button", onclick: () => (this.keep(), this.start(this.number)) }, "Reset")),
      this.rate, make("p", { class: "dance-hint" }, "Drag a hand, an elbow, a knee or a foot. With the ring at the hips the whole body moves."));
  }

  layers() {
    const there = this.dancers.find(({ name }) => name === this.dancer).layers;
    const others = there.filter((name) => name !== "picture");
    if (!others.includes(this.layer)) this.layer = ["error", "mask"].find((name) => others.includes(name)) ?? others[0] ?? null;
    this.second.canvas.parentElement.hidden = !others.length;
    this.layerPlace.hidden = !others.length;
    this.layerPlace.replaceChildren(make("span", {}, "Beside it"), ...others.map((name) => {
      const box = make("input", { type: "radio", name: "layer" + this.kernel.me, value: name, checked: name === this.layer,
        onchange: () => this.beside(name) });
      return make("label", {}, box, " " + this.names[name]);
    }));
  }

  /** Show a layer beside the picture. A network that mends is made ready first, which takes seconds. */
  beside(name) {
    this.layer = name;
    this.kernel.kinds.paint.patience = name === "mended" ? 30 : 4;
    if (name === "mended") this.say("One moment: the network is made ready …");
    this.ask();
  }

  /** Where a joint's handle is, in CSS pixels. */
  handle(joint) {
    const at = (i) => [this.pose[2 * i] * this.stage.width, this.pose[2 * i + 1] * this.stage.height];
    if (joint !== "hips") return at(this.joints[joint]);
    return [0, 1].map((i) => (at(23)[i] + at(24)[i]) / 2);
  }

  draw(context, width, height) {
    if (this.images) context.drawImage(this.images[0], 0, 0, width, height);
    if (!this.handles || !this.pose) return;
    for (const joint of [...Object.keys(this.joints), "hips"]) {
      const [x, y] = joint === this.chosen && this.pointer ? this.pointer : this.handle(joint);
      context.beginPath();
      context.arc(x, y, joint === this.chosen ? 10 : 7, 0, 2 * Math.PI);
      context.lineWidth = 4;
      context.strokeStyle = "#ffffff";
      context.stroke();
      context.lineWidth = 2.4;
      context.setLineDash(joint.startsWith("right") ? [4, 3] : []);
      context.strokeStyle = joint === "hips" ? "#000000" : joint.startsWith("left") ? "#0072b2" : "#d55e00";
      context.stroke();
      context.setLineDash([]);
    }
  }

  // --- dragging ---

  /** The joint whose handle is under a pointer, or nearly. */
  nearest(event) {
    const [x, y] = spot(event, this.stage.canvas);
    const far = (joint) => Math.hypot(this.handle(joint)[0] - x, this.handle(joint)[1] - y);
    const joint = [...Object.keys(this.joints), "hips"].reduce((a, b) => (far(a) <= far(b) ? a : b));
    return far(joint) > NEAR ? null : joint;
  }

  press(event) {
    const { canvas } = this.stage;
    const nearest = this.nearest(event);
    canvas.focus({ preventScroll: true }); // the picture must not move under the hand
    if (!nearest) return;
    canvas.setPointerCapture(event.pointerId);
    this.chosen = this.jointBox.value = nearest;
    this.keep();
    this.pressed = this.pose.slice(); // each drag is reckoned from the pose in which it began
    this.move(event);
  }

  move(event) {
    if (!this.pressed) {
      this.stage.canvas.style.cursor = this.nearest(event) ? "grab" : "default";
      return;
    }
    const inside = (value, most) => Math.max(0, Math.min(most, value));
    const [x, y] = spot(event, this.stage.canvas);
    this.pointer = [inside(x, this.stage.width), inside(y, this.stage.height)];
    this.ask(this.pressed, this.chosen, [this.pointer[0] / this.stage.width, this.pointer[1] / this.stage.height]);
    this.stage.redraw();
  }

  release() {
    this.pressed = this.pointer = null;
    this.stage.redraw();
  }

  key(event) {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!step) return;
    event.preventDefault();
    if (!event.repeat) this.keep();
    const far = event.shiftKey ? 0.06 : 0.015;
    const [x, y] = this.handle(this.chosen);
    this.ask(this.pose, this.chosen, [x / this.stage.width + far * step[0] * (16 / 9), y / this.stage.height + far * step[1]]);
  }

  stop() {
    this.stage?.observer.disconnect();
    this.second?.observer.disconnect();
    this.frameStops();
  }
}

export default {
  render({ model, el }) {
    const puppet = new Puppet(model, el);
    return () => puppet.stop();
  },
};
