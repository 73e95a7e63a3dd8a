"""One stack by itself: its files and what docker makes of them, each judged alone. Any process may do it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from lblint.finding import Hit, by_file
from lblint.interlock import infer_name
from lblint.lint.options import Options
from lblint.lint.runner import Judge
from lblint.records import NamedTuple
from lblint.source import Source
from lblint.stack import Stack, load
from lblint.stack.swarm_names import rename

if TYPE_CHECKING:
    from lblint.source.suppressions import Suppression


class Looked(NamedTuple):
    """One stack by itself: what the rules say of its files and of itself, by their ids, what cannot be read, and
    what the comments ask for."""

    hits: list[tuple[str, Hit]]
    unreadable: list[tuple[str, str]]
    stack: Stack | None
    suppressions: tuple[Suppression, ...] = ()


def look(merged: Sequence[Source], options: Options, judge: Judge) -> Looked:
    """Read one stack and judge it by itself; the hits have their positions, as the files may be another process's."""
    own = judge.apart()
    for source in merged:
        own.run(source)
    if options.stack.client:  # what other clients read does not matter then
        own.hits = [(rule, hit) for rule, hit in own.hits if rule.id != "boolean-word"]
    stack = None
    if all(map(_is_stack, merged)):
        name, env, written = known(merged, options)
        stack = load(merged, name, env, options.stack.client, base=options.stack.base, written=written)
        if stack.name is None:
            stack = _inferred(stack)
        stack = stack._replace(deploying=options.stack.deploying)
        own.hide(stack.values, merged, [stack])
        own.run(stack)
    files = {source.name: source for source in merged}
    hits = [(rule.id, _found_in(files, hit)) for rule, hit in own.hits]
    unreadable = [(source.name, source.unchecked) for source in merged if source.unchecked]
    return Looked(hits, unreadable, stack, asked_in(merged) if options.silencing.suppress != "none" else ())


def asked_in(merged: Sequence[Source]) -> tuple[Suppression, ...]:
    """What the comments of files ask for; most files have none that speak to lblint."""
    asked: tuple[Suppression, ...] = ()
    for source in merged:
        if "blint" in source.text:  # with a capital letter, too: that is a slip which is reported
            from lblint.source.suppressions import suppressions

            asked += suppressions(source)
    return asked


def known(merged: Sequence[Source], options: Options) -> tuple[str | None, Mapping[str, str] | None, frozenset[str]]:
    """The name and the environment that a stack is loaded with, and the names whose values the settings have."""
    own = options.stack.own.get(tuple(source.name for source in merged)) if options.stack.own else None
    if own is None:
        return options.stack.name, options.stack.env, frozenset()
    return options.stack.name or own.name, options.stack.env if own.env is None else own.env, own.written


def _found_in(files: Mapping[str, Source], hit: Hit) -> Hit:
    source = by_file(files, hit.place)
    return hit if source is None else hit._replace(place=hit.place._replace(at=source.position(hit.place)))


def _inferred(stack: Stack) -> Stack:
    """The stack under the name that its labels give away; as it is where they leave none or several."""
    inferred = infer_name(stack)
    return rename(stack, inferred[0])._replace(inferred_from=inferred[1]) if inferred else stack


def is_config(source: Source) -> bool:
    """Whether a file is Interlock's: it is TOML."""
    return source.dialect == "toml"


def _is_stack(source: Source) -> bool:
    """Whether a file was read as one that may be a stack."""
    return not is_config(source) and (source.root is not None or not (source.faults or source.unchecked))
