"""The talks as slides: python docs/workshop/slides.py [FOLDER] writes one HTML file a talk, into build/slides.

A talk is a page talk_NAME.md beside this file. A line of three dashes begins the next slide; a quotation (>) is what to
say, shown with the key n. Pictures go into the file itself, so it needs no network: arrow keys turn the pages, and a
browser prints them as PDF.
"""

import base64
import html
import re
import sys
from pathlib import Path

import mistune

from dancing_utils import InputError, files

FOLDER = Path(__file__).resolve().parent
KINDS = {".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg"}
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>
body {{ margin: 0; font: 3.2vmin/1.4 system-ui, sans-serif; color: #1a1a1a; background: #fff; }}
section {{ box-sizing: border-box; min-height: 100vh; padding: 6vmin 10vmin; display: none; }}
section.now {{ display: block; }}
h1 {{ font-size: 7vmin; line-height: 1.1; margin: 0 0 4vmin; }} h2 {{ font-size: 5vmin; margin: 0 0 3vmin; }}
img {{ display: block; max-width: 100%; max-height: 76vh; margin: 2vmin auto; }}
table {{ border-collapse: collapse; }} td, th {{ padding: 0.5vmin 2vmin; border-bottom: 1px solid #999; text-align: left; }}
blockquote {{ display: none; margin: 3vmin 0 0; padding: 1vmin 2vmin; border-left: 0.6vmin solid #D55E00; font-size: 2.4vmin; }}
body.notes blockquote {{ display: block; }}
footer {{ position: fixed; right: 2vmin; bottom: 1vmin; font-size: 2vmin; color: #555; }}
@media print {{ section {{ display: block; page-break-after: always; }} footer {{ display: none; }} }}
</style></head><body>
{slides}
<footer></footer>
<script>
const slides = [...document.querySelectorAll("section")];
let now = Math.min(slides.length, Math.max(1, Number(location.hash.slice(1)) || 1)) - 1;
function show(step) {{
  now = Math.min(slides.length - 1, Math.max(0, now + step));
  slides.forEach((slide, i) => slide.classList.toggle("now", i === now));
  document.querySelector("footer").textContent = `${{now + 1}} / ${{slides.length}}`;
  history.replaceState(null, "", `#${{now + 1}}`);
}}
addEventListener("keydown", event => {{
  if (["ArrowRight", "PageDown", " "].includes(event.key)) show(1);
  if (["ArrowLeft", "PageUp"].includes(event.key)) show(-1);
  if (event.key === "n") document.body.classList.toggle("notes");
}});
addEventListener("click", () => show(1));
show(0);
</script></body></html>
"""  # noqa: E501


def to_slides(text: str, folder: Path) -> str:
    """A talk in Markdown -> one page of HTML; pictures are looked for from the folder.

    Raises
    ------
    InputError
        If a picture is not there, or is of another kind than SVG, PNG and JPEG.
    """
    parts = [part.strip() for part in re.split(r"^---$", text, flags=re.M)]
    title = re.sub(r"^#+ ", "", parts[0].splitlines()[0])
    slides = [f"<section>\n{embed(mistune.html(part), folder)}</section>" for part in parts if part]
    return PAGE.format(title=html.escape(title), slides="\n".join(slides))


def embed(page: str, folder: Path) -> str:
    """HTML with the pictures that it names inside it."""

    def inside(found: re.Match) -> str:
        path = folder / found[1]
        if path.suffix not in KINDS or not path.is_file():
            raise InputError(f"{found[1]} is no picture that can be shown: give an SVG, PNG or JPEG that is there")
        return f'src="data:{KINDS[path.suffix]};base64,{base64.b64encode(path.read_bytes()).decode()}"'

    return re.sub(r'src="([^"]+)"', inside, page)


def write_all(folder: str | Path = files.ROOT / "build" / "slides") -> list[Path]:
    """Write every talk as FOLDER/NAME.html; returns the paths."""
    folder = files.make_folder(Path(folder))
    paths = []
    for talk in sorted(FOLDER.glob("talk_*.md")):
        paths.append(folder / f"{talk.stem}.html")
        with files.whole_file(paths[-1]) as temporary:
            temporary.write_text(to_slides(talk.read_text("utf-8"), FOLDER), encoding="utf-8")
    return paths


if __name__ == "__main__":
    for path in write_all(*sys.argv[1:]):
        print(path)
