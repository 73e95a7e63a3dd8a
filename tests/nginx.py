"""The real nginx, in a folder of its own and without rights, as the judge of a trial config."""

from __future__ import annotations

import atexit
import os
import pwd
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from conftest import nginx

from lblint.proxy import DEFAULT, Settings
from lblint.proxy.faults import Possible, ZoneNearlyFull

STREAM = os.environ.get("LBLINT_NGINX_STREAM", "/usr/lib/nginx/modules/ngx_stream_module.so")
"""The module for streams; LBLINT_NGINX_STREAM is that of another nginx, "" where it is built in."""
SETTINGS = DEFAULT._replace(
    port=18080,
    ssl_port=18443,
    first_loopback_port=20000,
    user="nobody",
    pid_path="nginx.pid",
    access_log_path="access.log",
    error_log_path="error.log",
)
"""The defaults, but with ports that need no rights, and with files in nginx's own folder."""


def sandboxed(settings: Settings) -> Settings:
    """Settings of a proxy, but with the ports and files of `SETTINGS`."""
    own = ("port", "ssl_port", "first_loopback_port", "user", "pid_path", "access_log_path", "error_log_path")
    return settings._replace(**{name: getattr(SETTINGS, name) for name in own})


LARGER_ZONES = (1, 27, 3)
"""From here on nginx takes a piece more of an upstream's zone."""
HTTP2_UPSTREAM = (1, 29, 4)
"""From here on `proxy_http_version 2` is one."""


_TEMPORARY = "".join(
    f"    {kind}_temp_path tmp/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
)
_OPENSSL = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
_SECRET = re.compile(r"/run/secrets/([A-Za-z0-9_.-]{1,200});")


class Verdict(NamedTuple):
    """What `nginx -t` said. `message` is its first line of level emerg, without time and file; "" if it took it."""

    ok: bool
    message: str
    warnings: tuple[str, ...]


@cache
def certificate(name: str) -> Path:
    """A file with a self-signed certificate and its key, which serves as either."""
    folder = Path(tempfile.mkdtemp(prefix="lblint-cert-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    key, cert, both = folder / "key", folder / "cert", folder / "pem"
    subprocess.run(
        [*_OPENSSL.split(), "-subj", f"/CN={name}", "-keyout", str(key), "-out", str(cert)],
        check=True,
        capture_output=True,
        timeout=30,
    )
    both.write_text(cert.read_text() + key.read_text())
    return both


@cache
def built() -> str:
    """With which modules the nginx here is built (`nginx -V`)."""
    return subprocess.run([nginx() or "nginx", "-V"], capture_output=True, text=True, timeout=20, check=True).stderr


@cache
def version() -> tuple[int, ...]:
    """The version of the nginx here."""
    said = subprocess.run([nginx() or "nginx", "-v"], capture_output=True, text=True, timeout=20, check=True).stderr
    found = re.search(r"nginx/(\d+)\.(\d+)\.(\d+)", said)
    assert found is not None, said
    return tuple(map(int, found.groups()))


class Sandbox(NamedTuple):
    """A folder that nginx may write to. Nothing else: as root it runs as `nobody`."""

    folder: Path

    def write(self, text: str) -> None:
        """Put the config there, every path in it moved into the folder."""
        for name in set(_SECRET.findall(text)):
            secret = self.folder / "secrets" / name
            if name not in (".", "..") and not secret.exists():
                shutil.copy(certificate("proxy"), secret)
                secret.chmod(0o644)
        text = text.replace("include /etc/nginx/mime.types;", "types { text/html html; }", 1)
        text = text.replace("include /etc/nginx/conf.d/*.conf;", "include none/*.conf;")
        text = text.replace("root /usr/share/nginx/html;", "root html;").replace("/run/secrets/", "secrets/")
        text = text.replace("\nhttp {\n", "\nhttp {\n" + _TEMPORARY, 1)
        if version() >= (1, 25, 1):
            text = re.sub(r"^ *ssl on;\n", "", text, flags=re.M)  # gone since then; `listen … ssl` says the same
        if "--with-http_stub_status_module" not in built():
            text = text.replace("stub_status on;", "return 204;")
        head = f"load_module {STREAM};\n" if STREAM and Path(STREAM).exists() else ""
        (self.folder / "nginx.conf").write_bytes((head + text).encode(errors="replace"))

    def command(self, *args: str) -> list[str]:
        """nginx's command line."""
        return [nginx() or "nginx", "-p", str(self.folder), "-c", "nginx.conf", "-e", "stderr", *args]

    def rights(self) -> dict[str, Any]:
        """For subprocess: nobody's rights, if this is root."""
        if os.geteuid() != 0:
            return {}
        return {"user": "nobody", "group": pwd.getpwnam("nobody").pw_gid, "extra_groups": []}

    def test(self, text: str) -> Verdict:
        """`nginx -t`."""
        self.write(text)
        done = subprocess.run(
            self.command("-t", "-g", "error_log stderr warn;"),
            capture_output=True,
            timeout=20,
            cwd=self.folder,
            env={},
            check=False,
            **self.rights(),
        )
        said = done.stderr.decode(errors="replace")
        levels = re.findall(
            r"\[(emerg|warn|alert|crit)\] (?:\d+#\d+: )?(.*?)(?: in [^ ]*nginx\.conf:\d+)?$", said, re.M
        )
        first = next((message for level, message in levels if level != "warn"), said.strip())
        ok = done.returncode == 0
        return Verdict(ok, "" if ok else first, tuple(message for level, message in levels if level == "warn"))


@contextmanager
def sandbox() -> Iterator[Sandbox]:
    """A new folder for nginx, gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="lblint-nginx-"))
    try:
        for name in ("tmp", "html", "secrets", "logs"):
            (folder / name).mkdir()
        if os.geteuid() == 0:
            for path in (folder, *folder.iterdir()):
                shutil.chown(path, "nobody")
        yield Sandbox(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def judge(text: str) -> Verdict:
    """What the real nginx says of one config."""
    with sandbox() as box:
        return box.test(text)


def kinds(faults: Iterable[Any]) -> list[str]:
    """The kinds of some faults, in order, but for what may keep another nginx than the one here from its start."""
    here = ZoneNearlyFull if version() >= LARGER_ZONES else ()
    return [type(fault).__name__ for fault in faults if not isinstance(fault, Possible) or isinstance(fault, here)]
