"""Regular expressions that are kept from an earlier run are those that Python compiles."""

from __future__ import annotations

import marshal
import re

import pytest

from lblint import kept
from lblint import pattern as module

TEXTS = [
    (r"(?P<left>[a-z0-9]+)(?:[._-]|\s)*(?P<right>x{2,5}?)\Z", 0),
    (r"[^\x00-\x1fſ\U0001f600]++|(?<=a)b(?!c)", re.IGNORECASE),
    (r"a . b  # words", re.VERBOSE | re.DOTALL),
    (rb"^(?:services|'services')[ \t]*:", re.MULTILINE),
]


@pytest.mark.parametrize(("text", "flags"), TEXTS)
def test_a_kept_pattern_is_the_compiled_one(text: str, flags: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_used", [])
    module.pattern.cache_clear()
    subject: str | bytes = b"services:" if isinstance(text, bytes) else "a b services"
    module.pattern(text, flags).search(subject)  # type: ignore[arg-type]
    made = module.programs()
    assert list(made) == [(text, flags)]
    monkeypatch.setattr(kept, "PATTERNS", marshal.loads(marshal.dumps(made)))
    restored = module._compile(text, flags)
    assert restored == re.compile(text, flags)
    for part in ("groupindex", "groups", "flags"):
        assert getattr(restored, part) == getattr(re.compile(text, flags), part)


def test_what_another_python_compiles_otherwise_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_used", [("a|b", 0)])
    monkeypatch.setattr(module, "_program", lambda text, flags: (32, [1], 0, {}, (None,)))
    assert module.programs() == {}
