"""Which label a misspelt key was meant to be."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from lblint.interlock.label_table import KEYS, LABELS, PREFIX
from lblint.lazy_re import pattern
from lblint.spelling import distance, nearest

_HEAD = PREFIX.rstrip(".")
_OTHER_WORDS: Mapping[str, str] = {
    "host": "hosts", "hostname": "hosts", "hostnames": "hosts", "domain": "hosts", "domains": "hosts",
    "server_name": "hosts", "alias_domain": "hosts", "url": "hosts",
    "target_port": "port", "internal_port": "port", "container_port": "port",
    "path": "context_root", "context": "context_root", "context_path": "context_root",
    "rewrite": "context_root_rewrite",
    "websocket": "websocket_endpoints", "websockets": "websocket_endpoints", "ws": "websocket_endpoints",
    "cert": "ssl_cert", "certificate": "ssl_cert", "ssl_certificate": "ssl_cert", "tls_cert": "ssl_cert",
    "key": "ssl_key", "ssl_cert_key": "ssl_key", "ssl_certificate_key": "ssl_key", "tls_key": "ssl_key",
    "passthrough": "ssl_passthrough", "tls_passthrough": "ssl_passthrough", "sni": "ssl_passthrough",
    "cookie": "sticky_session_cookie", "sticky": "sticky_session_cookie", "sticky_session": "sticky_session_cookie",
    "sticky_sessions": "sticky_session_cookie", "sticky_cookie": "sticky_session_cookie",
    "cluster": "service_cluster", "default": "default_backend", "mode": "backend_mode", "vip": "backend_mode",
}  # fmt: skip


@lru_cache(maxsize=65536)
def meant(key: str) -> str:
    """The full key that a misspelt one was meant to be.

    `com.docker.lb.` with an unknown rest, as written, where only the prefix can be told; "" where the key has nothing
    to do with these labels. A known key is itself.
    """
    if key in KEYS:
        return key
    if len(key) > 80:
        return PREFIX + key[len(PREFIX) :] if key.startswith(PREFIX) else ""
    lower = key.strip().lower()
    if lower in KEYS:
        return lower
    if squashed := _SQUASHED.get(_squash(lower)):
        return squashed
    if lower.startswith(PREFIX):
        name = _name(lower[len(PREFIX) :])
        return PREFIX + (name or lower[len(PREFIX) :])
    return nearest(lower, KEYS, 1) or _by_prefix(lower) or _by_words(lower)


def _by_prefix(key: str) -> str:
    """By the head of three words, which may be off by one edit; by two if the rest is a label."""
    words = pattern(r"([a-z0-9]+[._:/ -]+[a-z0-9]+)[._:/ -]+([a-z0-9]+)[._:/ -]+(.+)").match(key)
    if words is None:
        return ""
    head, rest = key[: words.end(2)], words[3]
    edits = distance(head, _HEAD, 2)
    if edits <= 1:
        return PREFIX + (_name(rest) or rest)
    if edits == 2 and rest in LABELS and distance(words[2], "lb", 1) <= 1:
        return PREFIX + rest
    return ""


def _by_words(key: str) -> str:
    """By `docker` and a later `lb` before a label's name, whatever is around and between (`com.docker.com.lb.`)."""
    words = pattern(r"(?:[^.]*\.)*?docker\.(?:[^.]*\.)*?lb\.([a-z_]+)\Z").match(key)
    return PREFIX + words[1] if words and words[1] in LABELS else ""


def _name(name: str) -> str:
    """The label that a name without prefix was meant to be; an index (`hosts.1`), as other proxies know it, is cut."""
    plain = pattern(r"[.\[]?[0-9]+\]?\Z").sub("", name.strip(" .")).replace("-", "_")
    return plain if plain in LABELS else _OTHER_WORDS.get(plain) or nearest(name.strip(" "), LABELS)


def _squash(key: str) -> str:
    return pattern(r"[^a-z0-9]").sub("", key)


_SQUASHED = {
    _squash(head + name): PREFIX + name for name in LABELS for head in (PREFIX, "docker.lb.", "com.docker.interlock.")
}


@lru_cache(maxsize=65536)
def held(key: str) -> tuple[str, str] | None:
    """A key that holds its value as well (`com.docker.lb.port: 8080`, `com.docker.lb.port=8080`, or with a space
    alone): the key that was meant, and the value; None for any other."""
    match = pattern(r"([^\s:=]{1,80})(?:\s{0,9}[:=]\s{0,9}|\s{1,9}(?=[^\s:=]))").match(key)
    if match is None or meant(match[1]) not in KEYS:
        return None
    return meant(match[1]), key[match.end() :].strip()
