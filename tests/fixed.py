"""What the fixes make of stacks: shared by the tests of fixes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from fixture import options

from lblint.fix import Mended, chosen, mend
from lblint.lint import Options, Result, check_stacks, make_options
from lblint.source import Source, read
from lblint.source.encoding import encode
from lblint.source.toml import read_toml
from lblint.stack.docker_versions import client

Files = Sequence[Sequence[Source]]


def files_of(path: Path) -> list[list[Source]]:
    """The files of a fixture as a run takes them."""
    if path.suffix == ".toml":
        return [[read_toml(path.read_bytes(), path.name)]]
    over = sorted(path.parent.glob(f"{path.stem}.over*.yml"))
    stacks = [[path, *over], *([p] for p in sorted(path.parent.glob(f"{path.stem}.beside*.yml")))]
    dialect = client(options(path)[0].stack.client).dialect
    return [[read(p.read_bytes(), p.name, dialect) for p in stack] for stack in stacks]


def mended(files: Files, given: Options = Options(), unsafe: bool = False) -> Mended:  # noqa: B008
    """All fixes of a run made."""
    content = {source.name: source.text.encode() for merged in files for source in merged}

    def reread(source: Source, text: str) -> Source:
        if source.dialect == "toml":
            return read_toml(text.encode(), source.name)
        return read(encode(text, content[source.name]), source.name, source.dialect)

    def check(merged: Files) -> Result:
        return check_stacks(merged, given)

    return mend(files, check, reread, lambda finding: chosen(finding, unsafe))


def fixed(text: str, stack_name: str | None = None, unsafe: bool = False) -> str:
    """A stack file fixed."""
    files = [[read(text.encode(), "stack.yml")]]
    return mended(files, make_options(stack_name=stack_name, env={}), unsafe).files[0][0].text
