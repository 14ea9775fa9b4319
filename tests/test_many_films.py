"""Films by many processes, which are killed now and then: the same file comes out, and no process is left."""

import os
import signal
import subprocess
import sys
import threading
import time
from itertools import islice

import psutil
import pytest

from dancing_utils import FPS, SAMPLE_RATE, InputError
from dancing_utils.data import dataset, extract, films, many_films, media

LocalCluster = pytest.importorskip("distributed").LocalCluster  # pip install -e .[cluster]
SETTINGS = {"fit": "letterbox", "smooth_hz": -1.0}


@pytest.fixture(scope="module")
def three_films(tmp_path_factory, sample_clip):
    """Two seconds of three clips, in a folder."""
    folder = tmp_path_factory.mktemp("films")
    for number in (1, 2, 3):
        clip = sample_clip.with_name(f"ada_0{number}.mp4")
        sound = media.read_audio(clip)[: 2 * SAMPLE_RATE]
        with media.VideoWriter(folder / f"{number}.mp4", audio=sound) as writer:
            for frame in islice(media.read_frames(clip), 2 * FPS):
                writer.write(frame)
    return folder


@pytest.fixture(scope="module")
def by_one(three_films, tmp_path_factory, pose_model):
    """The file that one process makes of them."""
    output = tmp_path_factory.mktemp("one") / "out.h5"
    assert len(extract.extract([three_films], output, progress=False).done) == 3
    return output.read_bytes()


@pytest.fixture
def cluster():
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as running:
        yield running.scheduler_address


class Killer(threading.Thread):
    """Kills the process that has begun a film, so many times."""

    def __init__(self, output, film, times):
        super().__init__(daemon=True)
        self.parts, self.identity = output.with_name(output.name + ".parts"), films.identify(film, SETTINGS).identity
        self.left, self.killed = times, set()
        self.start()

    def run(self):
        while self.left:
            for begun in self.parts.glob(f".{self.identity}.*.part.h5"):
                pid = int(begun.name.split(".")[2])
                if pid not in self.killed:
                    time.sleep(0.3)
                    psutil.Process(pid).kill()
                    self.killed.add(pid)
                    self.left -= 1
            time.sleep(0.02)


@pytest.mark.slow
def test_two_processes_write_the_bytes_of_one_although_one_is_killed(tmp_path, three_films, by_one):
    output = tmp_path / "out.h5"
    killer = Killer(output, three_films / "2.mp4", 1)
    report = extract.extract([three_films], output, workers=2, progress=False)
    assert len(killer.killed) == 1 and not report.failed
    assert [path.name for path in report.done] == ["1.mp4", "2.mp4", "3.mp4"]
    assert list(tmp_path.iterdir()) == [output]
    assert output.read_bytes() == by_one


@pytest.mark.slow
def test_a_cluster_writes_the_same_although_a_worker_is_killed(tmp_path, three_films, by_one, cluster, monkeypatch):
    monkeypatch.chdir(tmp_path)  # paths as a user gives them; the workers stand elsewhere
    output = tmp_path / "out.h5"
    killer = Killer(output, three_films / "2.mp4", 1)
    report = extract.extract([os.path.relpath(three_films)], "out.h5", scheduler=cluster, progress=False)
    assert len(killer.killed) == 1 and not report.failed
    assert list(tmp_path.iterdir()) == [output]
    assert output.read_bytes() == by_one


@pytest.mark.slow
@pytest.mark.parametrize("on_cluster", [False, True])
def test_a_film_that_ends_two_workers_is_named_and_the_others_go_on(tmp_path, three_films, on_cluster, request):
    output = tmp_path / "out.h5"
    how = {"scheduler": request.getfixturevalue("cluster")} if on_cluster else {"workers": 2}
    killer = Killer(output, three_films / "2.mp4", 2)
    report = extract.extract([three_films], output, progress=False, **how)
    assert len(killer.killed) == 2
    ((failed, reason),) = report.failed
    assert failed.name == "2.mp4" and "2.mp4 ended 2 workers: leave it out" in reason
    assert [clip.source for clip in dataset.read_clips(output)] == ["1.mp4", "3.mp4"]
    assert list(tmp_path.iterdir()) == [output]


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("ending", [signal.SIGINT, getattr(signal, "SIGKILL", None)])
def test_no_process_outlives_the_command(tmp_path, three_films, ending):
    """Ctrl-C that only the main process gets, and its sudden death."""
    command = "import sys; sys.argv[0] = 'dance'; from dancing_utils.cli import main; main()"
    options = ["extract", str(three_films), "--output", str(tmp_path / "out.h5"), "--workers", "2", "--quiet"]
    for _ in range(3):  # a machine may be done before the signal comes: then once more
        (tmp_path / "out.h5").unlink(missing_ok=True)
        started = [sys.executable, "-c", command, *options]
        main = subprocess.Popen(started, start_new_session=True, stderr=subprocess.PIPE)
        until = time.monotonic() + 120
        while not list(tmp_path.glob("out.h5.parts/.*.part.h5")) and time.monotonic() < until:
            time.sleep(0.05)
        family = psutil.Process(main.pid).children(recursive=True)
        main.send_signal(ending)
        said = main.communicate(timeout=60)[1].decode()
        assert psutil.wait_procs(family, timeout=30)[1] == []
        if main.returncode:
            break
    assert len(family) >= 2
    if ending == signal.SIGINT:
        assert main.returncode == 130 and "stopped" in said and "Traceback" not in said
        assert not list(tmp_path.glob("out.h5.parts/.*"))


def test_cores_are_shared(monkeypatch):
    monkeypatch.setattr(many_films.os, "cpu_count", lambda: 8)
    assert [many_films.threads_of_each(n) for n in (2, 3, 4, 8, 20)] == [3, 2, 2, 1, 1]


def test_a_scheduler_that_does_not_answer(tmp_path, three_films, monkeypatch):
    monkeypatch.setattr(many_films, "CONNECTING", 1)
    for address in ("tcp://127.0.0.1:9", "nonsense://x"):
        with pytest.raises(InputError, match=f"answers at {address}"):
            extract.extract([three_films], tmp_path / "out.h5", scheduler=address, progress=False)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("shared, missing, words", [
    (False, [], "does not see .*out.h5.parts: films and output"), (True, ["/a.mp4"], "does not see /a.mp4"),
])  # fmt: skip
def test_a_worker_that_does_not_share_the_folder(tmp_path, three_films, monkeypatch, shared, missing, words):
    monkeypatch.setattr(many_films, "_look_around", lambda token, _: (token.read_text() if shared else None, missing))
    here = LocalCluster(n_workers=1, processes=False, dashboard_address=None)
    with here, pytest.raises(InputError, match=words):
        extract.extract([three_films], tmp_path / "out.h5", scheduler=here.scheduler_address, progress=False)
    assert not list(tmp_path.iterdir())
