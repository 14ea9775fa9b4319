// What cannot be right about an instrument's look: cut off, over each other, blank. A picture to compare with would fail
// by other fonts, and by each change that is meant.
(root) => {
  const faults = [];
  const say = (element) => `${element.tagName.toLowerCase()} "${element.getAttribute("aria-label") || element.textContent.slice(0, 40) || element.className}"`;
  const seen = (element) => element.getClientRects().length && getComputedStyle(element).visibility === "visible";
  const box = (element) => element.getBoundingClientRect();
  const whole = box(root);
  const all = [...root.querySelectorAll("button, select, input, label, h3, p:not(.dance-status), output, canvas, video, a")].filter(seen);
  for (const one of all) {
    const { left, right } = box(one);
    if (left < whole.left - 1 || right > whole.right + 1) faults.push(`${say(one)} is cut off at a side`);
    if (one.matches("button, label, h3, p, output") && one.scrollWidth > one.clientWidth + 1 && one.clientWidth) faults.push(`the text of ${say(one)} is cut off`);
  }
  all.forEach((a, i) => all.slice(i + 1).forEach((b) => {
    if (a.contains(b) || b.contains(a)) return;
    const [one, other] = [box(a), box(b)];
    const over = (low, high) => Math.min(one[high], other[high]) - Math.max(one[low], other[low]);
    if (over("left", "right") > 2 && over("top", "bottom") > 2) faults.push(`${say(a)} lies over ${say(b)}`);
  }));
  for (const canvas of root.querySelectorAll("canvas")) {
    if (!seen(canvas)) continue;
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    const colours = new Uint32Array(data.buffer);
    if (colours.every((colour) => colour === colours[0])) faults.push(`${say(canvas)} is blank`);
  }
  return faults;
}
