"""The image, built by a real docker. No registry is asked: in place of the base stands an image made of the Python and
busybox of this machine, under the base's name, with all wheels that the build takes from the package index."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from cluster import until
from conftest import beside_dockerd, docker_client, dockerd
from fixture import ROOT
from stacks import BAD, GOOD
from swarm import BUSYBOX

DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
PYTHON = f"python{sys.version_info.major}.{sys.version_info.minor}"
NEEDLESS = {"test", "tests", "idlelib", "tkinter", "lib2to3", "turtledemo", "site-packages", "dist-packages",
            "__pycache__", "pydoc_data"}  # fmt: skip
PIP = b"[global]\nno-index = true\nfind-links = /wheels\n"


class Docker:
    """A dockerd of its own, without a network."""

    def __init__(self, client: str, folder: Path) -> None:
        self.words = [client, "-H", f"unix://{folder}/d.sock"]

    def __call__(self, *words: str) -> subprocess.CompletedProcess[str]:
        env = {**os.environ, "DOCKER_BUILDKIT": "0"}
        return subprocess.run([*self.words, *words], capture_output=True, text=True, check=False, env=env, timeout=600)

    def must(self, *words: str) -> str:
        done = self(*words)
        assert not done.returncode, done.stdout + done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def docker() -> Iterator[Docker]:
    client = docker_client("28") or docker_client("20.10")
    if client is None or not any(Path(path).exists() for path in BUSYBOX):
        pytest.skip("no docker client, or no static busybox")
    folder = Path(tempfile.mkdtemp(prefix="lblint-image-"))
    (folder / "daemon.json").write_text("{}")
    words = [dockerd() or "dockerd", "--data-root", f"{folder}/data", "--exec-root", f"{folder}/exec", "-H",
             f"unix://{folder}/d.sock", "--pidfile", f"{folder}/pid", "--config-file", f"{folder}/daemon.json",
             "--storage-driver", "overlay2", "--bridge", "none", "--iptables=false", "--ip-masq=false"]  # fmt: skip
    (folder / "data").mkdir()
    start = f'mount -t tmpfs data {folder}/data && exec "$@"'  # in memory: an overlay does not lie on every file system
    with (folder / "log").open("w") as log:
        daemon = subprocess.Popen(["unshare", "-n", "-m", "sh", "-c", start, "sh", *words], stdout=log, stderr=log,
                                  env=beside_dockerd())  # fmt: skip
    made = Docker(client, folder)
    try:
        until(lambda: daemon.poll() is not None or not made("info").returncode, "dockerd answers", 60)
        if daemon.poll() is not None:
            pytest.skip(f"dockerd does not start here: {(folder / 'log').read_text().splitlines()[-1:]}")
        yield made
    finally:
        daemon.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            daemon.wait(30)
        daemon.kill()
        daemon.wait()
        shutil.rmtree(folder, ignore_errors=True)


def libraries(*files: Path) -> set[str]:
    """The shared libraries that programs load, the loader, and what a wheel may count on beside them (manylinux)."""
    said = subprocess.run(["ldd", *map(str, files)], capture_output=True, text=True, check=False).stdout
    found = set(re.findall(r"(/\S+) \(0x", said))
    (libc,) = (Path(path) for path in found if path.endswith("/libc.so.6"))
    beside = (libc.with_name(name) for name in ("libpthread.so.0", "libdl.so.2", "librt.so.1", "libm.so.6"))
    return found | {str(path) for path in beside if path.exists()}


def base(archive: Path, wheels: Path) -> None:
    """The files of an image with Python, a shell, and the wheels as the only package index."""
    library = Path(sysconfig.get_path("stdlib"))
    program = Path(os.path.realpath(Path(sys.base_prefix) / "bin" / PYTHON))
    home = "usr" if sys.base_prefix == "/usr" else "usr/local"
    (busybox, *_) = (path for path in BUSYBOX if Path(path).exists())
    folders: set[str] = set()
    with tarfile.open(archive, "w") as tar:

        def link(name: str, target: str) -> None:
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname = tarfile.SYMTYPE, target
            tar.addfile(entry)

        def wanted(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
            name = entry.name.rpartition("/")[2]
            return None if name in NEEDLESS or name.startswith("config-") else entry

        def add(path: str | Path, name: str) -> None:
            """Add a file or folder, with the folders above it open to all: they are nobody's here."""
            for above in reversed(Path(name).parents[:-1]):
                if str(above) not in folders:
                    folders.add(str(above))
                    entry = tarfile.TarInfo(str(above))
                    entry.type, entry.mode = tarfile.DIRTYPE, 0o755
                    tar.addfile(entry)
            tar.add(path, name, filter=wanted)

        add(busybox, "bin/busybox")
        for name in ("sh", "ls", "id", "find"):
            link(f"bin/{name}", "busybox")
        add(program, f"{home}/bin/{PYTHON}")
        link("usr/bin/python" if home == "usr" else "usr/local/bin/python", PYTHON)
        add(library, f"{home}/lib/{PYTHON}")
        for own in Path("/usr/share/python-wheels").glob("*.whl") if home == "usr" else ():
            add(own, str(own).lstrip("/"))
        for path in libraries(program, *library.glob("lib-dynload/*.so")):
            add(os.path.realpath(path), path.lstrip("/"))
        add(wheels, "wheels")
        for name, text in (("etc/pip.conf", PIP), ("etc/passwd", b"root:x:0:0::/:/bin/sh\n")):
            (archive.parent / "text").write_bytes(text)
            add(archive.parent / "text", name)


@pytest.fixture(scope="module")
def image(docker: Docker, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The image, built from the Dockerfile as it stands."""
    folder = tmp_path_factory.mktemp("base")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    needed = [*project["build-system"]["requires"], *project["project"]["dependencies"]]
    command = [sys.executable, "-m", "pip", "wheel", "-q", "-w", str(folder / "wheels"), *needed]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert not done.returncode, done.stderr
    base(folder / "base.tar", folder / "wheels")
    (name,) = re.findall(r"^ARG PYTHON=(\S+)$", DOCKERFILE, re.MULTILINE)
    docker.must("import", "--change", "ENV PATH=/usr/local/bin:/usr/bin:/bin", str(folder / "base.tar"), name)
    docker.must("build", "--network", "none", "--tag", "lblint", str(ROOT))
    return "lblint"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Path]:
    """A folder that everybody may read, with a good and a bad stack."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "good.stack.yml").write_text(GOOD.replace("shop.example.com", "good.example.com"))
        (folder / "bad.stack.yml").write_text(BAD)
        yield folder


RUN = ("run", "--rm", "--network", "none")


@pytest.mark.needs_swarm
def test_the_image_is_built_and_checks(docker: Docker, image: str, shop: Path) -> None:
    checked = docker(*RUN, "--read-only", "-v", f"{shop}:/work:ro", image, "check", ".")
    assert checked.returncode == 1, checked.stderr
    assert "bad.stack.yml:7:30: error: " in checked.stdout
    assert docker(*RUN, "-v", f"{shop}:/work:ro", image, "check", "-q", "good.stack.yml").returncode == 0
    assert docker(*RUN, image).stdout.startswith("Usage: lblint ")


@pytest.mark.needs_swarm
def test_the_image_has_no_rights_and_no_junk(docker: Docker, image: str) -> None:
    assert docker.must(*RUN, "--entrypoint", "id", image, "-u").strip() == "65532"
    found = docker.must(*RUN, "--entrypoint", "find", image, "/opt/lblint").splitlines()
    assert docker(*RUN, "--entrypoint", "ls", image, "/src").returncode == 1, "the sources stay behind"
    names = {path.rpartition("/")[2] for path in found}
    assert "lblint" in names
    assert not names & {"pip", "setuptools", "hatchling", "wheel", "test_journeys.py"}
    assert any(name.startswith("finding.cpython") for name in names), "the bytecode is there: nobody may write it later"
    writable = docker.must(*RUN, "--entrypoint", "find", image, "/opt/lblint", "-perm", "-o+w", "-type", "f")
    assert writable == ""


@pytest.mark.needs_swarm
def test_the_image_adds_little_to_its_base(docker: Docker, image: str) -> None:
    (name,) = re.findall(r"^ARG PYTHON=(\S+)$", DOCKERFILE, re.MULTILINE)
    whole, before = (int(docker.must("image", "inspect", "--format", "{{.Size}}", one)) for one in (image, name))
    assert whole - before < 40_000_000


def test_the_base_is_pinned() -> None:
    (name,) = re.findall(r"^ARG PYTHON=python:(\S+)$", DOCKERFILE, re.MULTILINE)
    assert re.fullmatch(r"3\.\d+\.\d+-slim-[a-z]+", name)
    assert set(re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)) == {"${PYTHON}"}
    assert re.search(r"^USER [1-9]\d*:[1-9]\d*$", DOCKERFILE, re.MULTILINE)
