"""Run the tests with every version of what lblint meets: one part a kind of program, each prints a table.

    python bench/matrix.py [PART]... [--work FOLDER] [OPTION]...

Parts (`pythons` unless some are named; the others need programs, which an option names):

- clients: the tests beside a docker client, on each of --clients PATH,PATH (none of them deploys).
- nginx: the tests beside nginx, traffic included, on each of --nginx PATH[=STREAM],…: STREAM is its module for streams,
  nothing where that is built in.
- dockerds: the tests on a Swarm, on each of --dockerds PATH,PATH; containerd and runc are sought beside it.

- pythons: the tests that need no Swarm, on each CPython from 3.11 on, in a venv of its own. An interpreter is one that
  PATH, pyenv, or LBLINT_PYTHONS (paths, separated by `:`) has; one that is not there comes from Debian's unstable
  suite, unpacked below --work and not installed. Options: --pythons 3.14,3.15 and --tests FILE,FILE (all files but
  those of NOT_EVERYWHERE).

What was fetched and installed stays below --work (default: a new folder that is removed at the end).
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from fnmatch import fnmatch
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent

PYTHONS = ("3.11", "3.12", "3.13", "3.14", "3.15")

NOT_EVERYWHERE = (
    "test_swarm_*.py", "test_deploy_swarm.py", "test_journeys.py", "test_nginx_traffic.py",
    "test_nginx_rules_traffic.py", "test_picture_browser.py",
)  # fmt: skip
"""Tests that start a Swarm, proxies under load, or a browser: they say nothing about the Python that runs them."""

SUITE = "sid"
"""The suite of Debian that has the newest interpreters."""

SAMPLE = "import sys, ssl, zlib, ctypes; print('%d.%d.%d' % sys.version_info[:3])"

Table = Iterator[Sequence[object]]
"""The head of a table, then its rows as they come."""


def main() -> None:
    """Run the parts that are named, and print their tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}")
    parser.add_argument("--work", type=Path)
    parser.add_argument("--pythons", type=lambda text: text.split(","), default=list(PYTHONS))
    for name in ("clients", "nginx", "dockerds"):
        parser.add_argument(f"--{name}", type=lambda text: text.split(","), default=[])
    parser.add_argument("--tests", type=lambda text: text.split(","), default=[])
    chosen = parser.parse_args()
    for part in chosen.parts:
        if part not in PARTS:
            parser.error(f"no part {part}; there are {', '.join(PARTS)}")
    with work_folder(chosen.work) as work:
        for part in chosen.parts or ("pythons",):
            print_table(PARTS[part](chosen, work))


@contextmanager
def work_folder(given: Path | None) -> Iterator[Path]:
    """The folder for what is fetched and installed: the one given, which stays, or a new one, which does not."""
    if given is not None:
        given.mkdir(parents=True, exist_ok=True)
        yield given.resolve()
        return
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def print_table(rows: Table) -> None:
    """Print a table in Markdown, each row when it is there."""
    head = next(rows)
    print("| " + " | ".join(map(str, head)) + " |")
    print("|" + " --- |" * len(head), flush=True)
    for row in rows:
        print("| " + " | ".join(map(str, row)) + " |", flush=True)
    print()


# pythons


def pythons(chosen: argparse.Namespace, work: Path) -> Table:
    """The tests on each Python. A row: version, whether wheels were enough, the YAML parser, the tally, seconds."""
    yield "Python", "from", "installed from wheels", "YAML parser", "passed", "failed", "skipped", "seconds"
    for version in chosen.pythons:
        python, origin = interpreter(version, work)
        if python is None:
            yield version, origin, "", "", "", "", "", ""
            continue
        venv = work / f"venv-{version}"
        if not (venv / "bin" / "python").exists():
            run([str(python), "-m", "venv", str(venv)])
        try:
            wheels = install(venv / "bin" / "python", tools(work))
        except subprocess.CalledProcessError:
            yield version, origin, "cannot be installed", "", "", "", "", ""
            continue
        exact = said([str(venv / "bin" / "python"), "-c", SAMPLE])
        yield exact, origin, wheels, parser_kind(venv), *tests_on(venv, chosen.tests, work / f"tests-{version}")


def interpreter(version: str, work: Path) -> tuple[Path | None, str]:
    """An interpreter of this version ("3.14") that runs, and where it comes from; None and why there is none."""
    places = [*os.environ.get("LBLINT_PYTHONS", "").split(os.pathsep)]
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    places += sorted(map(str, pyenv.glob("versions/*/bin/python3")))
    places += [os.path.join(folder, f"python{version}") for folder in os.environ.get("PATH", "").split(os.pathsep)]
    for place in filter(None, places):
        if said([place, "-c", SAMPLE]).startswith(version + "."):
            return Path(place), "pyenv" if ".pyenv" in place else "this machine"
    try:
        return unpacked(version, work), f"Debian {SUITE}"
    except (OSError, subprocess.CalledProcessError) as error:
        return None, f"not found, and not to be had from Debian: {error}"


def unpacked(version: str, work: Path) -> Path:
    """The interpreter of Debian's suite with its own libc, below `work`. Raises `CalledProcessError` or `OSError`."""
    root = work / f"{SUITE}-{version}"
    python = root / "usr" / "bin" / f"python{version}"
    if said([str(python), "-c", SAMPLE]).startswith(version + "."):
        return python
    for archive in debian_packages(SUITE, [f"python{version}-venv"], work):
        run(["dpkg-deb", "-x", str(archive), str(root)])
    libraries = root / "usr" / "lib" / f"{platform.machine()}-linux-gnu"
    loader = next(libraries.glob("ld-linux-*.so.*"))
    wheels = "/usr/share/python-wheels"  # those of pip, for a venv
    for file in (root / "usr" / "lib" / f"python{version}").glob("_sysconfigdata_*.py"):
        file.write_text(file.read_text("utf-8").replace(f"'{wheels}", f"'{root}{wheels}"), "utf-8")
    patchelf = tools(work) / "patchelf"  # DT_RPATH holds for what extension modules need, too
    run([str(patchelf), "--set-interpreter", str(loader), "--force-rpath", "--set-rpath", str(libraries), str(python)])
    return python


def debian_packages(suite: str, names: Sequence[str], work: Path) -> list[Path]:
    """Download packages of a suite of Debian and all that they need, without touching this machine's own packages.

    Raises `CalledProcessError` where apt cannot.
    """
    apt = work / "apt" / f"{suite}-{'-'.join(names)}"
    (apt / "lists" / "partial").mkdir(parents=True, exist_ok=True)
    (apt / "cache" / "archives" / "partial").mkdir(parents=True, exist_ok=True)
    (apt / "status").touch()
    key = "/usr/share/keyrings/debian-archive-keyring.gpg"
    (apt / "sources.list").write_text(f"deb [signed-by={key}] http://deb.debian.org/debian {suite} main\n", "utf-8")
    places = {"Etc::sourcelist": "sources.list", "State::lists": "lists", "State::status": "status", "Cache": "cache"}
    options = ["-qq", "-y", "-o", "Dir::Etc::sourceparts=-", "-o", "APT::Install-Recommends=0"]
    options += [word for name, place in places.items() for word in ("-o", f"Dir::{name}={apt / place}")]
    run(["apt-get", *options, "update"])
    run(["apt-get", *options, "--download-only", "install", *names])
    return sorted((apt / "cache" / "archives").glob("*.deb"))


def tools(work: Path) -> Path:
    """The folder of the programs of a venv below `work`: patchelf, and a pip that knows the newest Python."""
    venv = work / "venv-tools"
    if not (venv / "bin" / "patchelf").exists():
        run([sys.executable, "-m", "venv", str(venv)])
        run([str(venv / "bin" / "python"), "-m", "pip", "install", "-q", "-U", "pip", "patchelf"])
    return venv / "bin"


def install(python: Path, pip_of: Path) -> str:
    """Install this checkout and what its tests need. Returns "all" where wheels were enough, else for what they were
    not. Raises `CalledProcessError` where it cannot be installed at all."""
    pip = [str(pip_of / "python"), "-m", "pip", "--python", str(python), "install", "-q", "-e"]
    lacking = []
    for part, where in (("lblint", str(ROOT)), ("its tests", f"{ROOT}[test]")):
        done = subprocess.run([*pip, where, "--only-binary", ":all:"], capture_output=True, text=True, check=False)
        if done.returncode:
            lacking.append(f"not {part}")
            run([*pip, where])
    return ", ".join(lacking) or "all"


def parser_kind(venv: Path) -> str:
    """Which parser of ruamel.yaml a venv has: "C" or "Python"."""
    return "C" if said([str(venv / "bin" / "python"), "-c", "import ruamel.yaml.cyaml; print(1)"]) else "Python"


def tests_on(venv: Path, files: Sequence[str], scratch: Path) -> Sequence[object]:
    """Run test files with a venv's pytest. Returns passed, failed and skipped tests, and seconds."""
    names = files or [
        path.name for path in sorted((ROOT / "tests").glob("test_*.py")) if not matches(path.name, NOT_EVERYWHERE)
    ]
    env = {"PATH": f"{venv / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    return tally([str(venv / "bin" / "pytest"), *(str(ROOT / "tests" / name) for name in names)], env, scratch)


# clients, nginx, dockerds

BESIDE = ("of", "passed", "failed", "skipped", "seconds")


def clients(chosen: argparse.Namespace, work: Path) -> Table:
    """The tests beside a docker client, in the place of client 28."""
    yield "docker client", *BESIDE
    for client in chosen.clients:
        env = {"LBLINT_DOCKER28": client}
        yield said([client, "--version"]), client, *marked("needs_docker28 and not needs_swarm", env, chosen, work)


def nginx(chosen: argparse.Namespace, work: Path) -> Table:
    """The tests beside nginx."""
    yield "nginx", *BESIDE
    for given in chosen.nginx:
        program, equals, stream = given.partition("=")
        env = {"LBLINT_NGINX": program} | ({"LBLINT_NGINX_STREAM": stream} if equals else {})
        done = subprocess.run([program, "-v"], capture_output=True, text=True, check=False)
        version = done.stderr.strip().splitlines()[-1:]
        yield *version, program, *marked("needs_nginx and not needs_swarm", env, chosen, work)


def dockerds(chosen: argparse.Namespace, work: Path) -> Table:
    """The tests on a Swarm."""
    yield "dockerd", *BESIDE
    for daemon in chosen.dockerds:
        yield said([daemon, "--version"]), daemon, *marked("needs_swarm", {"LBLINT_DOCKERD": daemon}, chosen, work)


def marked(marks: str, env: Mapping[str, str], chosen: argparse.Namespace, work: Path) -> Sequence[object]:
    """Run the tests with these marks by the Python that runs this."""
    files = [str(ROOT / "tests" / name) for name in chosen.tests] or [str(ROOT / "tests")]
    return tally([sys.executable, "-m", "pytest", "-m", marks, *files], env, work / "beside")


def tally(command: Sequence[str], env: Mapping[str, str], scratch: Path) -> Sequence[object]:
    """Run a command of pytest. Returns passed, failed and skipped tests, and seconds; failed ones go to stderr."""
    scratch.mkdir(exist_ok=True)
    (scratch / "tests.xml").unlink(missing_ok=True)
    shutil.rmtree(scratch / "base", ignore_errors=True)
    began = time.monotonic()
    with (scratch / "log").open("w", encoding="utf-8") as log:
        subprocess.run(
            ["nice", *command, "-q", "-n", "1", "-p", "no:cacheprovider",
             "--basetemp", str(scratch / "base"), "--junit-xml", str(scratch / "tests.xml")],
            stdout=log, stderr=subprocess.STDOUT, check=False, cwd=ROOT, env={**os.environ, **env},
        )  # fmt: skip
    seconds = round(time.monotonic() - began)
    if not (scratch / "tests.xml").exists():
        return "", f"no result: see {scratch / 'log'}", "", seconds
    suite = ElementTree.parse(scratch / "tests.xml").getroot().find("testsuite")
    assert suite is not None
    count = {name: int(suite.get(name, "0")) for name in ("tests", "failures", "errors", "skipped")}
    failed = count["failures"] + count["errors"]
    for case in suite.iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            print(f"    failed: {case.get('classname')}::{case.get('name')}", file=sys.stderr)
    return count["tests"] - failed - count["skipped"], failed, count["skipped"], seconds


# what the parts share


def matches(name: str, patterns: Iterable[str]) -> bool:
    """Whether a file name matches one of some patterns."""
    return any(fnmatch(name, pattern) for pattern in patterns)


def run(command: Sequence[str]) -> None:
    """Run a command. Raises `CalledProcessError` where it fails, after showing what it said."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        print(done.stdout, file=sys.stderr)
        raise subprocess.CalledProcessError(done.returncode, command)


def said(command: Sequence[str]) -> str:
    """What a command prints on stdout, stripped; nothing where it cannot be run or fails."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


PARTS: dict[str, Callable[[argparse.Namespace, Path], Table]] = {
    "pythons": pythons, "clients": clients, "nginx": nginx, "dockerds": dockerds,
}  # fmt: skip
"""The parts by name."""

if __name__ == "__main__":
    main()
