// What all instruments share: elements, colours, questions to the kernel, and the player of dances.
// Plain JavaScript; Python puts it before each instrument's own file, and before it COURSE: fps, width, height, bones.

/** An element with attributes, listeners (functions named "on...") and children. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child != null));
  return element;
}

/** A slider with its name and value in words; `change(value)` is called while it moves. */
function slider({ name, min, max, step, value, say = String, change, reset = null, label = name }) {
  const shown = make("output", { class: "dance-value" }, say(value));
  const input = make("input", { type: "range", min, max, step, value, "aria-label": label });
  const told = (number) => {
    shown.textContent = say(number);
    input.setAttribute("aria-valuetext", say(number));
  };
  told(value);
  input.addEventListener("input", () => (told(+input.value), change(+input.value)));
  if (reset !== null) {
    input.title = "Double click: back to " + say(reset);
    input.addEventListener("dblclick", () => ((input.value = reset), told(reset), change(reset)));
  }
  const element = make("label", { class: "dance-slider" }, make("span", {}, name), input, shown);
  return { element, input, set: (number) => ((input.value = number), told(number)) };
}

/** A canvas as wide as its place, drawn in CSS pixels; `draw(context, width, height)` is called when that changes. */
function drawing({ label, ratio = null, height = null, draw, ...attributes }) {
  const canvas = make("canvas", { "aria-label": label, role: "img", ...attributes });
  const state = { canvas, width: 0, height: 0, redraw };
  function redraw() {
    const width = canvas.clientWidth;
    if (!width) return;
    const tall = height ?? Math.round(width / ratio);
    const dense = Math.min(window.devicePixelRatio || 1, 2);
    if (canvas.width !== Math.round(width * dense) || canvas.height !== Math.round(tall * dense)) {
      canvas.width = Math.round(width * dense);
      canvas.height = Math.round(tall * dense);
      canvas.style.height = tall + "px";
    }
    state.width = width;
    state.height = tall;
    const context = canvas.getContext("2d");
    context.setTransform(dense, 0, 0, dense, 0, 0);
    context.clearRect(0, 0, width, tall);
    draw(context, width, tall);
  }
  state.observer = new ResizeObserver(redraw);
  state.observer.observe(canvas);
  return state;
}

/** Where a pointer is in an element, in CSS pixels. */
function spot(event, element) {
  const box = element.getBoundingClientRect();
  return [event.clientX - box.left, event.clientY - box.top];
}

/** The theme's colours, read off the style sheet when they are first needed; read again after a change of the theme. */
class Colours {
  constructor(root, changed) {
    this.known = {};
    for (const name of ["text", "ground", "panel", "line", "left", "right", "accent", "dim"]) {
      Object.defineProperty(this, name, {
        get: () => (this.known[name] ||= getComputedStyle(root).getPropertyValue("--dance-" + name).trim()),
      });
    }
    const anew = () => ((this.known = {}), changed());
    const again = () => (anew(), setTimeout(anew, 500)); // a theme's style sheet may come after its name
    this.media = window.matchMedia("(prefers-color-scheme: dark)");
    this.media.addEventListener("change", again);
    this.observer = new MutationObserver(again);
    this.observer.observe(document.body, { attributes: true, attributeFilter: ["class", "data-jp-theme-light", "data-jp-theme-name"] });
    this.stop = () => (this.media.removeEventListener("change", again), this.observer.disconnect());
  }
}

/** A button with a drawing on it: an SVG path in a box of 16 by 16. */
function icon(button, name, path) {
  button.setAttribute("aria-label", name);
  button.title = name;
  button.innerHTML = `<svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d="${path}"/></svg>`;
}

/**
 * Questions to the kernel. Of each kind one is on its way; of those that wait only the newest is kept, so nothing
 * queues, and the last one asked is the last one shown.
 */
class Kernel {
  constructor(model, root, say) {
    this.model = model;
    this.root = root;
    this.say = say;
    this.me = Math.random().toString(36).slice(2);
    this.number = 0;
    this.kinds = {};
    this.hear = (answer, buffers) => this.answered(answer, buffers);
    this.lost = () => this.gone();
    model.on("msg:custom", this.hear);
    model.on("comm_live_update", this.lost);
    this.watch = setInterval(() => this.complain(), 500);
  }

  /**
   * `answered(answer, buffers)` is called with what comes back for a kind of question, `failed` after a sentence was
   * shown instead; after `patience` seconds without an answer that is told.
   */
  on(kind, answered, { failed = () => {}, patience = 4 } = {}) {
    this.kinds[kind] = { answered, failed, patience, since: 0, number: 0, waiting: null };
  }

  ask(kind, what = {}, buffers = []) {
    const state = this.kinds[kind];
    if (state.since) state.waiting = [what, buffers];
    else this.send(kind, what, buffers);
  }

  send(kind, what, buffers) {
    const state = this.kinds[kind];
    state.since = performance.now();
    state.number = ++this.number;
    state.waiting = null;
    state.asked = what;
    this.root.dataset.busy = true;
    try {
      this.model.send({ kind, what, number: state.number, asker: this.me }, undefined, buffers);
    } catch (error) {
      this.gone();
    }
  }

  answered(answer, buffers) {
    const state = this.kinds[answer.kind];
    if (answer.asker !== this.me || !state || answer.number !== state.number) return;
    if (answer.more) {
      state.since = performance.now();
      return state.answered(answer, buffers);
    }
    state.took = performance.now() - state.since;
    state.since = 0;
    this.say(answer.error ?? "", Boolean(answer.error));
    if (answer.error) state.failed();
    else state.answered(answer, buffers);
    if (state.waiting) this.send(answer.kind, ...state.waiting);
    this.root.dataset.took = Math.round(state.took);
    this.root.dataset.busy = this.busy;
  }

  get busy() {
    return Object.values(this.kinds).some((state) => state.since > 0);
  }

  complain() {
    const late = Object.values(this.kinds).map(({ since, patience }) => (since ? performance.now() - since - 1000 * patience : -1));
    if (Math.max(...late) >= 0) {
      const seconds = Math.round((performance.now() - Math.min(...Object.values(this.kinds).map(({ since }) => since || Infinity))) / 1000);
      this.say(`No answer for ${seconds} s: the kernel is busy, or gone. If gone, run this cell again, or load the page again.`, true);
    }
  }

  gone() {
    this.say("The kernel is gone: run the notebook's cells again, or load the page again.", true);
  }

  stop() {
    clearInterval(this.watch);
    this.model.off("msg:custom", this.hear);
    this.model.off("comm_live_update", this.lost);
  }
}

/** An instrument's frame: its root, a line for messages, its colours and its kernel. `changed`: the theme has. */
function frame({ model, el, name, changed = () => {} }) {
  const status = make("p", { class: "dance-status", role: "status", "aria-live": "polite" });
  const root = make("section", { class: "dance", "aria-label": name, "data-lm-suppress-shortcuts": "true" });
  const body = make("div", { class: "dance-body" });
  root.append(body, status);
  el.append(root);
  root.addEventListener("keydown", (event) => event.stopPropagation());
  let until = 0;
  /** Say something; an answer of the kernel, which says nothing, does not wipe away what is to be read for some seconds. */
  const say = (words, wrong = false, seconds = 0) => {
    if (!words && performance.now() < until) return;
    until = performance.now() + 1000 * seconds;
    if (status.textContent !== words) status.textContent = words;
    status.classList.toggle("dance-wrong", wrong);
  };
  const colours = new Colours(root, changed);
  const kernel = new Kernel(model, root, say);
  return { root, body, say, colours, kernel, frameStops: () => (kernel.stop(), colours.stop()) };
}

/** Numbers of a binary message: a DataView -> Float32Array. */
function floats(view) {
  return new Float32Array(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
}

/** The address of the page of `dance play` with what an instrument shows, to be opened again. */
function link(name, state) {
  return location.href.split("#")[0] + `#${name}=${encodeURIComponent(JSON.stringify(state))}`;
}

/** What a link says of an instrument, null for nothing. */
function linked(name) {
  try {
    return JSON.parse(decodeURIComponent(location.hash.split(`#${name}=`)[1]));
  } catch (error) {
    return null;
  }
}

/** Text to the clipboard; where that is forbidden, selected in a box to be copied by hand. */
async function copy(text, place) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch (error) {
    const box = make("textarea", { class: "dance-code", rows: 8, readonly: true, "aria-label": "To copy" });
    box.value = text;
    place.replaceChildren(box);
    box.select();
    return false;
  }
}
