"""What all tests share: the programs that serve as oracles, and `--update` for golden files."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from functools import cache

import pytest
from chromium import chromium


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="rewrite the golden files; read the diff afterwards")
    parser.addoption("--no-skips", action="store_true", help="a test that skips fails: every oracle must be there")


@pytest.fixture
def update(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update"))


@pytest.fixture(scope="session", autouse=True)
def no_settings_of_others(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The folders of the tests are a repository, so that no `.lblint.yml` above them is found."""
    (tmp_path_factory.getbasetemp() / ".git").mkdir(exist_ok=True)


@cache
def docker_client(major: str) -> str | None:
    """The path of a docker client of this generation (by the start of its version), None where there is none.

    LBLINT_DOCKER28 and LBLINT_DOCKER20_10 name another client to take in its place, of whatever version.
    """
    given = os.environ.get("LBLINT_DOCKER" + major.replace(".", "_"), "")
    if given and os.access(given, os.X_OK):
        return given
    places = [os.path.join(folder, "docker") for folder in os.environ.get("PATH", "").split(os.pathsep)]
    for place in places:
        if place and os.access(place, os.X_OK):
            said = subprocess.run([place, "--version"], capture_output=True, text=True, check=False, timeout=20).stdout
            if f"version {major}." in said:
                return place
    return None


def dockerd() -> str | None:
    """The path of dockerd, or of the one that LBLINT_DOCKERD names."""
    return os.environ.get("LBLINT_DOCKERD") or shutil.which("dockerd")


def beside_dockerd() -> dict[str, str]:
    """An environment in which dockerd finds the containerd and runc that it came with."""
    folder = os.path.dirname(dockerd() or "")
    places = [folder, os.path.join(os.path.dirname(folder), "bin"), os.environ["PATH"]]
    return {**os.environ, "DOCKER_SERVICE_PREFER_OFFLINE_IMAGE": "1", "PATH": os.pathsep.join(places)}


NOBODY = "tcp://127.0.0.1:1"
"""A daemon that is not there."""


def pytest_configure(config: pytest.Config) -> None:
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:  # started in the background: programs would inherit it
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) == signal.SIG_IGN:  # started by nohup
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
    os.environ["DOCKER_HOST"] = NOBODY  # no test meets the daemon of whoever runs it
    os.environ.pop("DOCKER_CONTEXT", None)
    config.addinivalue_line("markers", "needs_docker28: needs a docker client 28 (docker stack config)")
    config.addinivalue_line("markers", "needs_docker20: needs a docker client 20.10")
    config.addinivalue_line("markers", "needs_nginx: needs nginx with the stream module")
    config.addinivalue_line("markers", "needs_chromium: needs chromium, to look at a page")
    config.addinivalue_line("markers", "needs_sshd: needs OpenSSH's server and client, and root")
    config.addinivalue_line("markers", "needs_swarm: needs dockerd, to start a Swarm of its own")


def missing(item: pytest.Item) -> str | None:
    """Why a test cannot run on this machine; None if it can."""
    if item.get_closest_marker("needs_docker28") and docker_client("28") is None:
        return "no docker client 28 on PATH"
    if item.get_closest_marker("needs_docker20") and docker_client("20.10") is None:
        return "no docker client 20.10 on PATH"
    if item.get_closest_marker("needs_nginx") and nginx() is None:
        return "no nginx on PATH"
    if item.get_closest_marker("needs_chromium") and chromium() is None:
        return "no chromium on PATH"
    if item.get_closest_marker("needs_swarm") and (dockerd() is None or os.geteuid() != 0):
        return "no dockerd on PATH, or not root"
    if item.get_closest_marker("needs_sshd") and (
        shutil.which("sshd", path="/usr/sbin:/usr/bin") is None or shutil.which("ssh") is None or os.geteuid() != 0
    ):
        return "no sshd or ssh, or not root"
    return None


@cache
def nginx() -> str | None:
    """The path of nginx, which Debian keeps out of a user's PATH; or of the one that LBLINT_NGINX names."""
    return (
        os.environ.get("LBLINT_NGINX")
        or shutil.which("nginx")
        or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    report = yield
    if report.skipped and item.config.getoption("--no-skips") and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, and --no-skips was given: {report.longrepr}"
    return report


def pytest_runtest_setup(item: pytest.Item) -> None:
    reason = missing(item)
    if reason is not None:
        pytest.skip(reason)
