"""How much memory a learner takes: python benchmarks/memory.py [NAME.ipynb ...]

Runs notebooks as they are, each in a fresh kernel, nothing is stored in them, and prints the largest memory of the
kernel with all its child processes, looked at twice a second, and the minutes. On Linux pages that processes share are
counted once (PSS); elsewhere resident memory is added up, which is a little more.
"""

import sys
import threading
import time
from pathlib import Path

import nbformat
import psutil
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"
EVERY = 0.5  # seconds


def memory_of(pid: int) -> int:
    """Bytes that a process and its children take now; 0 once it is gone."""
    try:
        process = psutil.Process(pid)
        return sum(_one(each) for each in [process, *process.children(recursive=True)])
    except psutil.NoSuchProcess:
        return 0


def _one(process: psutil.Process) -> int:
    try:
        return getattr(process.memory_full_info(), "pss", 0) or process.memory_info().rss
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return 0


def measure(path: Path) -> tuple[float, float]:
    """Run a notebook: largest memory in GB, and minutes."""
    client = NotebookClient(nbformat.read(path, as_version=4), timeout=3600, kernel_name="python3",
                            resources={"metadata": {"path": NOTEBOOKS}})  # fmt: skip
    largest, done = 0, threading.Event()

    def watch():
        nonlocal largest
        while not done.wait(EVERY):
            if client.km is not None and client.km.has_kernel:
                largest = max(largest, memory_of(client.km.provisioner.pid))

    watcher, start = threading.Thread(target=watch), time.perf_counter()
    watcher.start()
    try:
        client.execute()
    finally:
        done.set()
        watcher.join()
    return largest / 1e9, (time.perf_counter() - start) / 60


if __name__ == "__main__":
    print(f"{'notebook':26} {'GB':>5} {'minutes':>8}")
    for name in sys.argv[1:] or sorted(NOTEBOOKS.glob("*.ipynb")):
        largest, minutes = measure(Path(name))
        print(f"{Path(name).stem:26} {largest:5.1f} {minutes:8.1f}", flush=True)
