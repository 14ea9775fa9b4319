"""The checks that run before anything is installed."""

import subprocess
import sys
from pathlib import Path

from dancing_utils import doctor


def test_runs_with_plain_python():
    script = Path(doctor.__file__)
    result = subprocess.run([sys.executable, "-I", "-S", str(script)], capture_output=True, text=True)
    assert result.returncode == 0 and "ok" in result.stdout, result.stdout + result.stderr


def test_missing_library_is_named_with_the_line_to_run(monkeypatch, capsys):
    def load(name):
        if name == "libEGL.so.1":
            raise OSError("cannot open shared object file")

    monkeypatch.setattr(doctor.ctypes, "CDLL", load)
    monkeypatch.setattr(doctor.platform, "system", lambda: "Linux")
    assert doctor.missing_libraries() == ["libEGL.so.1"]
    assert not doctor.report([doctor.check_libraries()])
    printed = capsys.readouterr().out
    assert "libEGL.so.1" in printed and "apt-get install -y libegl1" in printed


def test_other_pythons_and_systems_are_said(monkeypatch):
    for version, ok in (((3, 10, 9), False), ((3, 11, 0), True), ((3, 13, 1), True), ((3, 14, 0), False)):
        monkeypatch.setattr(doctor.sys, "version_info", version)
        assert doctor.check_python()[0] is ok
    monkeypatch.setattr(doctor.platform, "system", lambda: "Darwin")
    monkeypatch.setattr(doctor.platform, "machine", lambda: "x86_64")
    assert not doctor.check_platform()[0]


def test_full_disk_is_said(monkeypatch, tmp_path):
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 2e9}))
    assert not doctor.check_disk(str(tmp_path))[0]
    (tmp_path / ".venv").mkdir()
    assert doctor.check_disk(str(tmp_path))[0]
