"""Is this machine ready? Checks before the installation, so plain Python 3 without any package.

``python3 dancing_utils/doctor.py`` runs before the virtual environment exists; ``dance doctor`` runs the same
checks later and adds those of the installed parts. Every check gives ``(ok, what was found, what to do)``.

Notebook: 00_start_here.ipynb
"""

import ctypes
import os
import platform
import shutil
import subprocess
import sys

PYTHONS = ((3, 11), (3, 12), (3, 13))
NEEDED_GB = 6  # the environment takes 3.5 GB, its download 1 GB, the demo's files 0.5 GB
# What cv2 and mediapipe load from the system on Linux, and the Debian package that holds it.
LIBRARIES = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libGLESv2.so.2": "libgles2",
    "libgthread-2.0.so.0": "libglib2.0-0",
}


def check_python():
    """Is this a Python that every package has wheels for?"""
    found = "Python %d.%d.%d" % sys.version_info[:3]
    ok = sys.version_info[:2] in PYTHONS and sys.maxsize > 2**32
    return ok, found, "Install 64-bit Python 3.11, 3.12 or 3.13, and run: make PYTHON=python3.12 demo"


def check_platform():
    """Does mediapipe publish a wheel for this system?"""
    found = "%s on %s" % (platform.system(), platform.machine())
    ok = (platform.system(), platform.machine()) != ("Darwin", "x86_64")
    return ok, found, "mediapipe has no wheels for Intel Macs: use Linux, Windows or an Apple-silicon Mac"


def check_venv():
    """Can this Python make a virtual environment with pip in it? (Debian ships that part separately.)"""
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        package = "python%d.%d-venv" % sys.version_info[:2]
        return False, "no venv module", "Run: sudo apt-get install -y %s" % package
    return True, "venv is there", ""


def check_disk(folder="."):
    """Is there room for the environment and the demo? Only asked while the environment is not there."""
    free = shutil.disk_usage(folder).free / 1e9
    ok = free >= NEEDED_GB or os.path.isdir(os.path.join(folder, ".venv"))
    return ok, "%.1f GB free" % free, "Free some space: the environment and the demo need %d GB" % NEEDED_GB


def missing_libraries():
    """Names of the system libraries of ``LIBRARIES`` that cannot be loaded (none outside Linux)."""
    if platform.system() != "Linux":
        return []
    missing = []
    for name in LIBRARIES:
        try:
            ctypes.CDLL(name)
        except OSError:
            missing.append(name)
    return missing


def apt_packages(libraries):
    """The Debian and Ubuntu packages that hold these libraries."""
    return sorted({LIBRARIES[name] for name in libraries})


def check_libraries():
    """Are the graphics libraries there that cv2 and mediapipe load even without a screen?"""
    missing = missing_libraries()
    if not missing:
        return True, "graphics libraries are there", ""
    line = "apt-get install -y " + " ".join(apt_packages(missing))
    return False, "missing: " + ", ".join(missing), "On Debian or Ubuntu run: sudo apt-get update && sudo " + line


def install_libraries():
    """On Debian or Ubuntu, as root, install what is missing and say so; elsewhere do nothing."""
    missing = missing_libraries()
    if not missing or shutil.which("apt-get") is None or os.geteuid() != 0:
        return
    packages = apt_packages(missing)
    print("Installing system libraries with apt-get: " + " ".join(packages), flush=True)
    environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends"] + packages):
        subprocess.run(["apt-get"] + command, env=environment, stdout=subprocess.DEVNULL, check=False)


def report(checks):
    """Print one line a check, and for each failure what to do. Returns whether all are well."""
    for ok, found, remedy in checks:
        print("%s %s" % ("ok     " if ok else "PROBLEM", found))
        if not ok:
            print("        -> " + remedy)
    return all(ok for ok, _, _ in checks)


def machine_checks():
    """All checks that need no installed package."""
    return [check_python(), check_platform(), check_venv(), check_disk(), check_libraries()]


if __name__ == "__main__":
    if "--install" in sys.argv[1:]:
        install_libraries()
    sys.exit(0 if report(machine_checks()) else 1)
