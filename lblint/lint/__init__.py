"""The pipeline: files -> readers -> rules -> findings. An error on the way keeps a route out of the trial config."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from lblint.interlock import read_routes
from lblint.lint.check_stack import Looked, asked_in, is_config, look
from lblint.lint.filters import of_files, with_causes, without_broken, without_echoes
from lblint.lint.options import Options, StackSettings, make_options
from lblint.lint.result import Checked, Result, Silenced
from lblint.lint.runner import Judge, UnknownRuleError, findings
from lblint.lint.surroundings import ask_nginx, beside_bad_labels, beside_what_runs, config_of, known_to
from lblint.parallel import MIN_FILES, map_items, processors
from lblint.source import Source
from lblint.stack import Stack

if TYPE_CHECKING:
    from lblint.interlock import Ingress
    from lblint.lint.suppressions import Quiet

__all__ = [
    "Checked",
    "Options",
    "Result",
    "Silenced",
    "StackSettings",
    "UnknownRuleError",
    "check_stacks",
    "known_to",
    "make_options",
]


def check_stacks(files: Sequence[Sequence[Source]], options: Options = Options()) -> Result:  # noqa: B008
    """Check stacks that share one ingress; each is given as the files that docker would merge, in order.

    A TOML file stands alone: it is a config of Interlock, to be checked for itself.

    Raises `UnknownRuleError` where `options` names a rule that does not exist; never raises on what files hold.
    """
    judge = Judge(options)
    sources = {source.name: source for merged in files for source in merged}
    shared = len(sources) < sum(map(len, files))  # what one process has read, another one would read again
    many = len(files) >= MIN_FILES
    processes = 1 if shared else options.processes or (processors() if many else 1)
    rest = [] if options.surroundings.interlock is None else [options.surroundings.interlock]
    tell = options.tell

    def check_one(merged: Sequence[Source]) -> Looked:
        done = look(merged, options, judge)
        for source in merged if many else ():
            source.forget()  # most of a run's memory; a finding that needs it has its file read again
        return done

    looked = list(map_items(
        check_one, files, processes,
        lambda done: tell("reading files", done, len(files)),
    ))  # fmt: skip
    known = {rule.id: rule for kind in (Source, Stack) for rule in judge.rules_on(kind)}
    judge.hits.extend((known[rule], hit) for check in looked for rule, hit in check.hits)
    values = {name: value for check in looked if check.stack for name, value in check.stack.values.items()}
    judge.hide(values, sources.values(), (check.stack for check in looked if check.stack))
    unchecked = list(dict.fromkeys(entry for check in looked for entry in check.unreadable))
    for source in rest:
        sources[source.name] = source
        judge.run(source)
        unchecked += [(source.name, source.unchecked)] if source.unchecked else []
    unchecked += [(running.file, running.unchecked) for running in options.surroundings.running if running.unchecked]
    configs = []
    for source in sources.values():
        if is_config(source):
            config = config_of(source, options.surroundings.version)
            judge.run(config)
            configs += [config] if config.sound and source not in rest else []
    stacks = [check.stack for check in looked if check.stack is not None]
    unchecked += [(stack.files[0], stack.unchecked) for stack in stacks if stack.unchecked]
    ingress = known_to(read_routes(stacks), options)
    ingress = ingress._replace(running=options.surroundings.running)
    tell("asking the managers" if options.surroundings.live else "looking at the ingress", 0, 0)
    ingress = beside_what_runs(ingress, judge, options, unchecked, configs)
    judge.run(ingress)
    quiet = _quiet(looked, options, sources)

    def unbroken(ingress: Ingress) -> Ingress:
        return without_broken(ingress, quiet.standing(judge.hits) if quiet else judge.hits, options.rules.severities)

    sound = unbroken(ingress)
    if sound.routes:
        from lblint.proxy import trial

        tell("trying the proxy's config", 0, 0)
        judge.run(trial(sound))
        if options.surroundings.nginx:
            tell("asking nginx", 0, 0)
            unchecked.extend(ask_nginx(unbroken(sound), judge, options.surroundings.nginx))
    beside_bad_labels(ingress, judge, options)
    tell("sorting the findings", 0, 0)
    hits = with_causes(without_echoes(of_files(judge.hits), stacks), stacks)
    current = findings(hits, sources, stacks, options.rules.severities) if quiet is None else []
    ran = tuple(rule.id for chosen in judge.by_type.values() for rule in chosen)
    whole = options.surroundings.live is not None
    unchecked = [(file, judge.shown(sentence)) for file, sentence in unchecked]
    checked = Checked(sources, tuple(stacks), ingress, whole, values)
    result = Result(tuple(current), tuple(unchecked), checked, rules=ran)
    if quiet is None:
        return result
    unread = {file for file, _ in unchecked}
    current, silenced, baseline = quiet.finish(judge, hits, stacks, sound.routes == ingress.routes, unread)
    return result._replace(findings=tuple(current), silenced=tuple(silenced), baseline=baseline)


def _quiet(looked: Sequence[Looked], options: Options, sources: Mapping[str, Source]) -> Quiet | None:
    """What the comments and the baseline silence; None, and nothing is imported, where there is neither."""
    asked = [suppression for done in looked for suppression in done.suppressions]
    if options.surroundings.interlock is not None and options.silencing.suppress != "none":
        asked += asked_in([options.surroundings.interlock])
    baseline = options.silencing.baseline if options.silencing.suppress != "none" else None
    if not asked and baseline is None:
        return None
    from lblint.lint.suppressions import Quiet

    return Quiet(asked, sources, options, baseline)
