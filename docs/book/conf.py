"""The site: the course as a book. `make site` builds it into site/ from the files that are there.

No text is copied by hand, nothing is fetched while it is built, no notebook is run, and a warning is an error.
"""

import base64
import re
import shutil
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.util import inspect

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "notebooks")]
import launch  # noqa: E402

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]

project = html_title = "The Dancing Project"
author = "The Dancing Project contributors"
language = "en"
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.autosummary", "sphinx.ext.viewcode", "numpydoc"]

# Which files are pages; tests/test_site.py sees that each is in the table of contents.
root_doc = "index"
include_patterns = ["*.md", "docs/**.md", "docs/api/*.rst", "data_sample/README.md", "notebooks/**.ipynb"]
exclude_patterns = ["**/.ipynb_checkpoints", ".venv*", "build", "dancers", "outputs", "runs", "site"]
templates_path = [str(Path(__file__).parent / "templates")]  # autosummary would look in the root

# Notebooks show what is stored in them. MathJax draws the formulas; it comes from a package, see write_static.
nb_execution_mode = "off"
nb_ipywidgets_js = {}
myst_enable_extensions = ["attrs_block", "dollarmath", "tasklist"]
myst_heading_anchors = 4
mathjax_path = "mathjax/tex-chtml.js"

# Docstrings: modules are imported, with stand-ins for the packages that only their functions need.
autodoc_mock_imports = [
    "anywidget", "av", "cv2", "dask", "distributed", "flatbuffers", "IPython", "ipywidgets", "keras", "librosa",
    "matplotlib", "mediapipe", "nbformat", "PIL", "platformdirs", "pooch", "scipy", "tensorflow", "threadpoolctl",
    "tqdm",
]  # fmt: skip
autodoc_member_order = "bysource"
add_module_names = False
viewcode_follow_imported_members = False
highlight_language = "none"  # where no language is named there are drawings and commands
numpydoc_show_class_members = False

html_theme = "sphinx_book_theme"
html_baseurl = PROJECT["urls"]["Documentation"]
html_static_path = ["static"]
html_favicon = "static/favicon.svg"
html_css_files = ["site.css"]
html_js_files = [("site.js", {"defer": "defer"})]
html_context = {"default_mode": "auto"}  # dark or light as the reader's system is
html_copy_source = html_show_sourcelink = False
html_theme_options = {
    "repository_url": launch.ADDRESS,
    "repository_branch": "main",
    "use_repository_button": True,
    "use_issues_button": True,
    "use_download_button": False,
    "show_toc_level": 2,
    "home_page_in_toc": True,
    "navbar_persistent": [],  # the search stands in the sidebar
}


def add_pages_of_folder(app, docname, source):
    """A README below docs/ is the parent of the pages beside it."""
    if re.fullmatch(r"docs/.+/README", docname):
        source[0] += "\n```{toctree}\n:glob:\n:hidden:\n\n*\n```\n"


def lower_anchors(app, docname, source):
    """JupyterLab names a heading as it is written, the book in small letters."""
    if docname.startswith("notebooks/"):
        source[0] = re.sub(r"\]\((\w*(?:\.ipynb)?)#([\w-]+)\)", lambda m: f"]({m[1]}#{m[2].lower()})", source[0])


def link_to_repository(app, doctree):
    """What is no page (programs, folders, licences) is linked in the repository."""
    for node in [*doctree.findall(addnodes.download_reference), *doctree.findall(addnodes.pending_xref)]:
        path = (ROOT / app.env.docname).parent / node["reftarget"]
        if node["reftype"] == "myst" and (path.is_dir() or isinstance(node, addnodes.download_reference)):
            kind = "tree" if path.is_dir() else "blob"
            address = f"{launch.ADDRESS}/{kind}/main/{path.resolve().relative_to(ROOT).as_posix()}"
            node.replace_self(nodes.reference("", node.astext(), refuri=address, internal=False))


def head_notebook(app, doctree):
    """A notebook's heading has its number, by which others name it, and under it stands where it can be opened."""
    if app.env.docname.startswith("notebooks/"):
        title = next(doctree.findall(nodes.title))
        opened = next((one for one in doctree.findall(nodes.paragraph) if one.astext().startswith("Open it in")), None)
        if opened is None:  # a solution, which has no links of its own
            opened = nodes.paragraph("", "Open it in ")
            for name, address in launch.links(f"{app.env.docname}.ipynb").items():
                opened += [nodes.reference("", name, refuri=address, internal=False), nodes.Text(" ")]
            title.parent.insert(title.parent.index(title) + 1, opened)
        opened["classes"].append("launch")
        title.insert(0, nodes.Text(Path(app.env.docname).name.split("_")[0] + ". "))


def shape_docstring(app, what, name, obj, options, lines):
    """Indented lines of a module's docstring are a table or a drawing, shown as they stand; its notebook is a link."""
    if what == "module":
        text = re.sub(r"(?<!::)\n\n(?=    )", "\n\n::\n\n", "\n".join(lines))
        lines[:] = re.sub(r"(?m)^Notebook: (\w+)\.ipynb$", r"Notebook: :doc:`/notebooks/\1`", text).split("\n")


def true_signature(app, what, name, obj, options, signature, returned):
    """A model is called as its __init__ says, not as the stand-in for keras.Model is."""
    if what == "class" and obj.__module__.startswith("dancing_utils") and "__init__" in vars(obj):
        called = inspect.signature(obj.__init__, bound_method=True)
        return inspect.stringify_signature(called, show_return_annotation=False), None


def write_static(app, error):
    """The front page's video, which is the one stored in notebook 00, and of MathJax what TeX needs."""
    if error or app.builder.name != "html":
        return
    static = Path(app.outdir) / "_static"
    stored = re.search(r"data:video/mp4;base64,([\w+/=]+)", (ROOT / "notebooks/00_start_here.ipynb").read_text("utf-8"))
    (static / "demo.mp4").write_bytes(base64.b64decode(stored[1]))
    mathjax = Path(find_spec("sphinx-mathjax-offline").origin).parent / "static" / "mathjax"
    shutil.copytree(mathjax / "output/chtml/fonts", static / "mathjax/output/chtml/fonts", dirs_exist_ok=True)
    shutil.copy2(mathjax / "tex-chtml.js", static / "mathjax")


def setup(app):
    app.connect("source-read", add_pages_of_folder)
    app.connect("source-read", lower_anchors)
    app.connect("doctree-read", link_to_repository, priority=400)  # before what is linked would be copied
    app.connect("doctree-read", head_notebook, priority=400)  # before titles are collected
    app.connect("autodoc-process-docstring", shape_docstring, priority=400)
    app.connect("autodoc-process-signature", true_signature)
    app.connect("build-finished", write_static)
