"""Differential fuzz of the trial config against the real nginx.

    python bench/fuzz_nginx.py [--seed N] [--runs N] [--others 0,1,100] [--show N]

Each run makes up an ingress of one to four services with valid and damaged values, put in beside 0, 1 or 100 sound
routes, and asks both the trial and `nginx -t`. What counts: passed by the trial and refused by nginx (must be 0);
refused by the trial though nginx takes it (listed by kind). nginx runs without rights in a folder of its own.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from nginx import SETTINGS, sandbox  # noqa: E402
from routes import ingress, route  # noqa: E402

from lblint.interlock.routes import Route  # noqa: E402
from lblint.proxy import trial  # noqa: E402
from lblint.proxy.faults import Ignored  # noqa: E402

GOOD = {
    "hosts": [
        "a.example.org",
        "demo.local",
        "www.example.com",
        "x",
        "xn--bcher-kva.example",
        "*.w.example.org",
        "b_c.d",
    ],
    "port": ["80", "8080", "443", "65535", "1", "08080"],
    "context_root": ["/app", "/", "/a/b-c_d.e", "/api/v1/", "/~user"],
    "websocket_endpoints": ["/ws", "/", "/socket.io/", "/ws/v1"],
    "ssl_cert": ["demo_app.example.org.cert", "cert"],
    "ssl_key": ["demo_app.example.org.key", "key"],
    "sticky_session_cookie": ["session", "JSESSIONID", "SID_1"],
    "max_fails": ["0", "3", "1000"],
    "fail_timeout": ["0", "10", "10s", "1m", "1h30m"],
    "target": ["https://a.example.org", "http://new.example.org", "https://a.example.org:8443"],
}
META = [*" \t\n\r;{}\"'\\#$*~^=@()[]|?+!%&<>,./:-_`\x00\x01\x0b\x0c\x1f\x7f", "\\t", "\\;", "${", "$x", "$1", "\\n"]
UNICODE = ["é", "ü", "\u00a0", "\u2028", "\u200b", "\x85", "日本", "İ", "ß", "\ufeff", "\ud800", "😀"]
INJECTIONS = [
    ";} server { listen 18081",
    "; return 200",
    "\n}\n",
    "a; server_name b",
    "x {} location /y",
    "/a { } location /b",
    '" "',
    "' '",
    "https://$host",
    "http://x;} location /z { return 200",
    "8080 weight=5",
    "8080; server 10.9.9.9:1",
    "8080 backup",
    "s consistent; #",
    "default",
    "include",
    "hostnames",
    "volatile",
    "_",
    "localhost",
    "~^a",
    "~^(a|b)\\.org$",
    "~(",
    "~a{2}",
    "= /x",
    "=/x",
    "^~/x",
    "@x",
    "~ /x",
    "/nginx_status",
    "/503.html",
    "nginx_status",
    "",
    ".",
    "..",
    "*",
    "*.",
    ".*",
    ".a.example.org",
    "A.EXAMPLE.ORG",
    "a.example.org.",
    "up-a.example.org",
    "unix:/x",
    "127.0.0.1",
    "[::1]",
    "a.example.org:80",
    "http://a.example.org",
    "a.example.org/x",
    "+a",
    "/a+b",
    "/a**",
    "/(a",
    "/a)",
    "/[a",
    "/a|b",
    "/?",
    "/a\\d",
    "/a\\",
    "-1",
    "1.5",
    "99999999999999999999",
    "500ms",
    "1hm",
    "1m30",
    "s",
    "0x50",
]


def damaged(text: str, dice: random.Random) -> str:
    """The text with one to three damages."""
    for _ in range(dice.choice([1, 1, 1, 2, 3])):
        at = dice.randint(0, len(text))
        match dice.randrange(8):
            case 0:
                text = text[:at] + dice.choice(META) + text[at:]
            case 1:
                text = text[:at] + dice.choice(META) + text[at + 1 :]
            case 2:
                text = text[:at] + text[at + 1 :]
            case 3:
                text = text[:at] + dice.choice(UNICODE) + text[at:]
            case 4:
                text = dice.choice(INJECTIONS)
            case 5:
                text = text[:at] + dice.choice(INJECTIONS) + text[at:]
            case 6:
                text += dice.choice(["a", "b.", ".a", "/a", "1"]) * dice.choice(
                    [30, 45, 46, 47, 95, 110, 111, 400, 4100]
                )
            case 7:
                text = (
                    text.upper() if dice.random() < 0.5 else text[:at] + text[at : at + 1].swapcase() + text[at + 1 :]
                )
    return text


def word(label: str, dice: random.Random, harm: float) -> str:
    """A value of this label, sound or damaged."""
    text = dice.choice(GOOD[label])
    return damaged(text, dice) if dice.random() < harm else text


def service(number: int, dice: random.Random) -> Route:
    """A route with some labels, some of them damaged."""
    harm = dice.choice([0, 0.15, 0.15, 0.6])
    labels: dict[str, Any] = {
        "hosts": [word("hosts", dice, harm) for _ in range(dice.choice([0, 1, 1, 1, 2, 5]))],
        "port": word("port", dice, harm),
        "targets": dice.choice([0, 1, 1, 2, 5, 59, 60, 62, 63, 64, 65, 73, 120]),
        "ip_hash": dice.random() < 0.15,
        "ssl_passthrough": dice.random() < 0.15,
        "default_backend": dice.random() < 0.07,
    }
    if labels["targets"] == 0 and dice.random() < 0.8:
        labels["targets"] = 1
    for label in ("context_root", "sticky_session_cookie", "max_fails", "fail_timeout"):
        if dice.random() < 0.2:
            labels[label] = word(label, dice, harm)
    labels["context_root_rewrite"] = dice.random() < 0.5
    if dice.random() < 0.3:
        labels["websocket_endpoints"] = [
            word("websocket_endpoints", dice, harm) for _ in range(dice.choice([1, 1, 2, 3]))
        ]
    if dice.random() < 0.25:
        labels["ssl_cert"] = word("ssl_cert", dice, harm)
        if dice.random() < 0.9:
            labels["ssl_key"] = word("ssl_key", dice, harm)
    if dice.random() < 0.2 and labels["hosts"]:
        labels["redirects"] = [("http://" + dice.choice(labels["hosts"]), word("target", dice, harm))]
    return route(f"s{number}", **labels)


def sound(count: int) -> Iterator[Route]:
    """Other people's routes."""
    for number in range(count):
        yield route(f"other{number}", hosts=[f"other{number}.example.net"], targets=2)


def main() -> int:
    """Run, and print the figures; 1 if the trial passed anything that nginx refuses."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--runs", type=int, default=5000)
    options.add_argument("--others", default="0,1,100")
    options.add_argument("--show", type=int, default=2, help="examples printed for each kind")
    given = options.parse_args()
    others = [tuple(sound(int(count))) for count in given.others.split(",")]
    counts: Counter[str] = Counter()
    strict: Counter[str] = Counter()
    examples: dict[str, list[str]] = {}
    started = time.perf_counter()
    with sandbox() as box:
        for run in range(given.runs):
            dice = random.Random(f"{given.seed}-{run}")
            routes = [service(number, dice) for number in range(dice.choice([1, 1, 2, 4]))]
            tried = trial(ingress(*routes, *dice.choice(others)), SETTINGS)
            kinds = {type(fault).__name__ for fault in tried.faults}
            breaking = {type(fault).__name__ for fault in tried.faults if not isinstance(fault, Ignored)}
            verdict = box.test(tried.text)
            counts[f"trial {'refuses' if breaking else 'passes'}, nginx {'takes' if verdict.ok else 'refuses'}"] += 1
            ignored = any("conflicting server name" in warning for warning in verdict.warnings)
            if not breaking and not verdict.ok:
                examples.setdefault("MISSED " + verdict.message[:60], []).append(described(run, routes))
            elif not breaking and ignored and "DuplicateName" not in kinds:
                counts["passes, a server name ignored"] += 1
                examples.setdefault("IGNORED", []).append(described(run, routes))
            elif len(breaking) == 1 and verdict.ok:
                kind = next(iter(breaking))
                strict[kind] += 1
                guilty = next(f for f in tried.faults if type(f).__name__ == kind)
                examples.setdefault("strict " + kind, []).append(f"{run}: {guilty!a:.200}")
    seconds = time.perf_counter() - started
    print(f"seed {given.seed}, {given.runs} runs, {seconds:.0f} s")
    for name, count in sorted(counts.items()):
        print(f"{count:7} {name}")
    print("refused for one kind alone, though nginx takes it:")
    for name, count in strict.most_common():
        print(f"{count:7} {name}")
    for name, texts in sorted(examples.items()):
        for text in texts[: given.show if name.startswith("strict") else 20]:
            print(f"{name}: {text}")
    return 1 if counts["trial passes, nginx refuses"] + counts["passes, a server name ignored"] else 0


def described(run: int, routes: list[Route]) -> str:
    """The routes of a run, short."""
    parts = []
    for made in routes:
        texts = {
            name: value
            for name, value in made._asdict().items()
            if value and name not in ("stack", "service", "place", "network")
        }
        parts.append(", ".join(f"{name}={plain(value)!a:.300}" for name, value in texts.items()))
    return f"run {run}: " + " | ".join(parts)


def plain(value: Any) -> Any:
    """Words and hosts without their places."""
    if hasattr(value, "place"):
        return value[0]
    if hasattr(value, "source"):
        return (value.source.text, value.target.text)
    return [plain(part) for part in value] if isinstance(value, tuple) else value


if __name__ == "__main__":
    raise SystemExit(main())
