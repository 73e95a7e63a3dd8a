"""The pipeline: files -> readers -> rules -> findings. An error on the way keeps a route out of the trial config."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from lblint import rules
from lblint.finding import Breaks, Finding, Hit, Place, Position, Severity
from lblint.interlock import Ingress, infer_name, read_routes
from lblint.interlock.running import Running
from lblint.interlock.shared import RUNNING
from lblint.rules import Rule
from lblint.source import Source
from lblint.spread import processors, spread
from lblint.stack import Stack, load
from lblint.stack.names import rename

if TYPE_CHECKING:
    from lblint.interlock.config import InterlockConfig
    from lblint.interlock.version import Version
    from lblint.swarm.model import Snapshot


class UnknownRuleError(ValueError):
    """A rule was selected or ignored that does not exist."""


class Options(NamedTuple):
    """What a run is told. `env` None is the process environment; `select` empty means all rules; `nginx` is the program
    to try the proxy's config with, "" for none; `running` is what proxies serve already.
    `interlock` is Interlock's own config, `version` that of UCP or MKE.
    `deploying`: the environment is that of the deploy itself.
    `live` reads what the managers have, given the names of the stacks; None where nobody asks them.
    `processes`: so many read the stacks; 0 for all processors in a process of lblint's own, and else one."""

    stack_name: str | None = None
    env: Mapping[str, str] | None = None
    client: str = ""
    select: frozenset[str] = frozenset()
    ignore: frozenset[str] = frozenset()
    base: str | None = None
    nginx: str = ""
    running: tuple[Running, ...] = ()
    interlock: Source | None = None
    version: Version | None = None
    deploying: bool = False
    live: Callable[[frozenset[str]], Snapshot] | None = None
    processes: int = 0


class Result(NamedTuple):
    """What a run found. `unchecked` names what could not be checked, with the reason: (file, sentence)."""

    findings: tuple[Finding, ...]
    unchecked: tuple[tuple[str, str], ...]
    sources: Mapping[str, Source]
    stacks: tuple[Stack, ...]


def check_stacks(files: Sequence[Sequence[Source]], options: Options = Options()) -> Result:  # noqa: B008
    """Check stacks that share one ingress; each is given as the files that docker would merge, in order.

    A TOML file stands alone: it is a config of Interlock, to be checked for itself.

    Raises `UnknownRuleError` where `options` names a rule that does not exist; never raises on what files hold.
    """
    judge = _Judge(options)
    sources = {source.name: source for merged in files for source in merged}
    shared = len(sources) < sum(map(len, files))  # what one process has read, another one would read again
    processes = 1 if shared else options.processes or processors()
    rest = [] if options.interlock is None else [options.interlock]
    looked = list(spread(lambda merged: _look(merged, options, judge), files, processes))
    known = {rule.id: rule for kind in (Source, Stack) for rule in judge.by_type.get(kind, ())}
    judge.hits.extend((known[rule], hit) for one in looked for rule, hit in one.hits)
    unchecked = list(dict.fromkeys(said for one in looked for said in one.unreadable))
    for source in rest:
        sources[source.name] = source
        judge.run(source)
        unchecked += [(source.name, source.unchecked)] if source.unchecked else []
    unchecked += [(running.file, running.unchecked) for running in options.running if running.unchecked]
    for source in sources.values():
        if _is_config(source):
            judge.run(_config(source, options.version))
    stacks = [one.stack for one in looked if one.stack is not None]
    unchecked += [(stack.files[0], stack.unchecked) for stack in stacks if stack.unchecked]
    ingress = known_to(read_routes(stacks), options)
    ingress = ingress._replace(running=options.running)
    ingress = _beside_what_runs(ingress, judge, options, unchecked)
    judge.run(ingress)
    sound = _without_broken(ingress, judge.hits)
    if sound.routes:
        from lblint.proxy import trial

        judge.run(trial(sound))
        if options.nginx:
            unchecked.extend(_nginx(_without_broken(sound, judge.hits), judge, options.nginx))
    hits = _without_echoes(_of_files(judge.hits), stacks)
    return Result(tuple(_findings(hits, sources, stacks)), tuple(unchecked), sources, tuple(stacks))


class _Looked(NamedTuple):
    """One stack by itself: what the rules say of its files and of itself, by their ids, and what cannot be read."""

    hits: list[tuple[str, Hit]]
    unreadable: list[tuple[str, str]]
    stack: Stack | None


def _look(merged: Sequence[Source], options: Options, judge: _Judge) -> _Looked:
    """Read one stack and judge it by itself; the hits have their positions, as the files may be another process's."""
    own = judge.apart()
    for source in merged:
        own.run(source)
    stack = None
    if all(map(_is_stack, merged)):
        stack = load(merged, options.stack_name, options.env, options.client, base=options.base)
        if stack.name is None:
            stack = _inferred(stack)
        stack = stack._replace(deploying=options.deploying)
        own.run(stack)
    files = {source.name: source for source in merged}
    hits = [(rule.id, _found_in(files, hit)) for rule, hit in own.hits]
    return _Looked(hits, [(source.name, source.unchecked) for source in merged if source.unchecked], stack)


def _found_in(files: Mapping[str, Source], hit: Hit) -> Hit:
    source = files.get(hit.place.file)
    return hit if source is None else hit._replace(place=hit.place._replace(at=source.position(hit.place)))


def check_running(ingress: Ingress, options: Options = Options()) -> Result:  # noqa: B008
    """Check services that run already, each of which `ingress` has as a stack of its own. As they are deployed, nothing
    is said of what could keep them from that.

    Raises `UnknownRuleError` where `options` names a rule that does not exist.
    """
    from lblint.source import read
    from lblint.swarm.running import as_text

    judge = _Judge(options)
    for stack in ingress.stacks:
        judge.run(stack)
    judge.run(ingress)
    sound = _without_broken(ingress, judge.hits)
    if sound.routes:
        from lblint.proxy import trial

        judge.run(trial(sound))
    hits = [(rule, hit) for rule, hit in judge.hits if (hit.breaks or rule.breaks) is not Breaks.DEPLOY]
    touched = {hit.place.file for _, hit in hits}
    texts = {stack.files[0]: as_text(stack) for stack in ingress.stacks if stack.files[0] in touched}
    sources = {file: read(text.encode("utf-8", "replace"), file) for file, text in texts.items()}
    return Result(tuple(_findings(hits, sources, ingress.stacks)), (), sources, ingress.stacks)


def known_to(ingress: Ingress, options: Options) -> Ingress:
    """The ingress with what the options tell of Interlock: its config, if it can be read, and the version."""
    own = _config(options.interlock, options.version) if options.interlock else None
    version = own.version if own else options.version
    if version is not None:
        from lblint.interlock.older import as_read_by

        ingress = as_read_by(ingress, version)
    return ingress._replace(config=own if own and own.sound else None, version=version)


def _is_config(source: Source) -> bool:
    """Whether a file is Interlock's: it is TOML."""
    return source.dialect == "toml"


def _is_stack(source: Source) -> bool:
    """Whether a file was read as one that may be a stack."""
    return not _is_config(source) and (source.root is not None or not (source.faults or source.unchecked))


def _config(source: Source, version: Version | None) -> InterlockConfig:
    from lblint.interlock.config import read_config

    return read_config(source, version)


def _inferred(stack: Stack) -> Stack:
    """The stack under the name that its labels give away; as it is where they leave none or several."""
    found = infer_name(stack)
    return rename(stack, found[0])._replace(inferred_from=found[1]) if found else stack


def _nginx(passed: Ingress, judge: _Judge, program: str) -> Iterator[tuple[str, str]]:
    """Ask the user's nginx, last: no route with an error is put before it, and none of which it is known that it may
    stop nginx (no replicas, say), whatever the rules call that. Yields what it did not answer."""
    from lblint.proxy import trials
    from lblint.proxy.nginx import NginxVerdict, ask, stops

    if judge.rules_on(NginxVerdict):
        faulty = {(f.place.file, *f.place.path[:2]) for tried in trials(passed) for f in tried.faults if stops(f)}
        sound = _without(passed, faulty)
        for tried in trials(sound) if sound.routes else ():
            verdict = ask(tried, program)
            judge.run(verdict)
            if verdict.unchecked:
                yield program, verdict.unchecked


def _beside_what_runs(ingress: Ingress, judge: _Judge, options: Options, unchecked: list[tuple[str, str]]) -> Ingress:
    """Ask the managers, if the options say so: the ingress with the routes and the config that run, and the rules on
    each stack beside the snapshot. A stack without a name cannot be compared."""
    if options.live is None:
        return ingress
    from lblint.swarm.live import beside, interlock_config, running_beside

    said = "what runs is compared by the stack's name, which is not known: give --stack-name"
    unchecked.extend((stack.files[0], said) for stack in ingress.stacks if stack.name is None)
    named = [stack for stack in ingress.stacks if stack.name is not None]
    snapshot = options.live(frozenset(str(stack.name) for stack in named))
    running = running_beside(ingress.stacks, snapshot)
    for stack in running:
        judge.run(stack)
    if ingress.config is None:
        own = interlock_config(snapshot, options.version)
        ingress = ingress._replace(config=own, version=own.version if own else ingress.version)
    ingress = ingress._replace(routes=(*read_routes(running).routes, *ingress.routes))
    for stack in named:
        judge.run(beside(stack, ingress, snapshot))
    return ingress


def _of_files(hits: Iterable[tuple[Rule, Hit]]) -> list[tuple[Rule, Hit]]:
    """The hits but for those on services that run already, and on the config that Interlock runs with."""
    return [(rule, hit) for rule, hit in hits if not hit.place.file.startswith(RUNNING)]


class _Judge:
    """Runs the rules of a subject's type, as `--select` and `--ignore` choose them, and keeps their hits."""

    def __init__(self, options: Options) -> None:
        self.select = options.select
        self.ignore = options.ignore
        self.by_type: dict[type, list[Rule]] = {}
        self.hits: list[tuple[Rule, Hit]] = []
        if self.select or self.ignore:
            known = rules.ids()
            for name in sorted(self.select | self.ignore):
                if name not in known:
                    raise UnknownRuleError(name)

    def apart(self) -> _Judge:
        """A judge with the same rules and no hits yet."""
        other = _Judge(Options())
        other.select, other.ignore, other.by_type = self.select, self.ignore, self.by_type
        return other

    def run(self, subject: object) -> None:
        for rule in self.rules_on(type(subject)):
            self.hits.extend((rule, hit) for hit in rule.check(subject))

    def rules_on(self, kind: type) -> list[Rule]:
        """The chosen rules on subjects of a type; imports them when they are first asked for."""
        chosen = self.by_type.get(kind)
        if chosen is None:
            chosen = [
                rule
                for rule in rules.of(kind)
                if (not self.select or rule.id in self.select) and rule.id not in self.ignore
            ]
            self.by_type[kind] = chosen
        return chosen


def _without_broken(ingress: Ingress, hits: Iterable[tuple[Rule, Hit]]) -> Ingress:
    """The ingress without the routes of services that have an error: their trial would only say it again."""
    broken = {
        (hit.place.file, *hit.place.path[:2])
        for rule, hit in hits
        if (hit.severity or rule.severity) is Severity.ERROR and (hit.breaks or rule.breaks) is not Breaks.NOTHING
    }
    return _without(ingress, broken)


def _without(ingress: Ingress, broken: Collection[tuple[str | int, ...]]) -> Ingress:
    """The ingress without the routes of some services, each by its file and the two keys that lead to it."""
    if not broken:
        return ingress
    routes = tuple(
        route
        for route in ingress.routes
        if not any((file, "services", route.service.key) in broken for file in route.stack.files)
    )
    return ingress._replace(routes=routes)


def _without_echoes(hits: Sequence[tuple[Rule, Hit]], stacks: Iterable[Stack]) -> list[tuple[Rule, Hit]]:
    """The hits without what a later stage of the deploy would say of a value that the client refuses to read at all,
    or that lacks a variable where the file is checked."""
    known = {
        (hit.place.file, hit.place.path)
        for rule, hit in hits
        if rule.stage is None and rule.breaks is Breaks.DEPLOY and (hit.severity or rule.severity) is Severity.ERROR
    }
    for stack in stacks:
        known |= {(f.place.file, f.place.path) for f in stack.faults if f.kind == "interpolation.unset"}
    return [(rule, hit) for rule, hit in hits if rule.stage is None or (hit.place.file, hit.place.path) not in known]


def _findings(
    hits: Iterable[tuple[Rule, Hit]], sources: Mapping[str, Source], stacks: Iterable[Stack]
) -> list[Finding]:
    names = {file: stack.name for stack in stacks for file in stack.files}
    found: dict[tuple[object, ...], Finding] = {}
    for rule, hit in hits:
        place = hit.place
        source = sources.get(place.file)
        position = source.position(place) if source is not None else Position(1, 1, 1, 1)
        breaks = hit.breaks or rule.breaks
        said = rule.consequence if breaks is rule.breaks else rules.CONSEQUENCES[breaks]
        finding = Finding(
            file=place.file,
            position=position,
            rule=rule.id,
            severity=hit.severity or rule.severity,
            breaks=breaks,
            message=hit.message,
            consequence=said,
            help=hit.help,
            path=place.path,
            stack=names.get(place.file),
            service=_service(place),
        )
        found.setdefault((finding.file, position, rule.id, hit.message), finding)
    return sorted(found.values(), key=lambda f: (f.file, f.position, -f.severity, f.rule, f.message))


def _service(place: Place) -> str | None:
    path = place.path
    return str(path[1]) if len(path) > 1 and path[0] == "services" else None
