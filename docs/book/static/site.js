// Names for screen readers, which the theme leaves out or makes different from what is seen.
document.querySelectorAll("summary:not([aria-label])").forEach((summary) => {
  if (summary.textContent.trim()) return;
  const page = summary.closest("li")?.querySelector("a")?.textContent.trim();
  summary.setAttribute("aria-label", page ? `Pages below ${page}` : "More");
});
document.querySelectorAll("button.search-button-field").forEach((button) => button.removeAttribute("aria-label"));
document.querySelectorAll("input.task-list-item-checkbox").forEach((box) => box.setAttribute("aria-label", "to do"));

// Who reads in the dark prints on white paper.
const page = document.documentElement.dataset;
let theme;
addEventListener("beforeprint", () => { theme = page.theme; page.theme = "light"; });
addEventListener("afterprint", () => { page.theme = theme; });
