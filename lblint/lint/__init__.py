"""The pipeline: files -> readers -> rules -> findings. An error on the way keeps a route out of the trial config."""

from __future__ import annotations

from collections.abc import Sequence

from lblint.interlock import read_routes
from lblint.lint.findings import findings
from lblint.lint.judge import Judge, UnknownRuleError
from lblint.lint.known import ask_nginx, beside_what_runs, config_of, known_to
from lblint.lint.look import is_config, look
from lblint.lint.options import Options, Result
from lblint.lint.sound import of_files, without_broken, without_echoes
from lblint.source import Source
from lblint.spread import processors, spread
from lblint.stack import Stack

__all__ = ["Options", "Result", "UnknownRuleError", "check_stacks", "known_to"]


def check_stacks(files: Sequence[Sequence[Source]], options: Options = Options()) -> Result:  # noqa: B008
    """Check stacks that share one ingress; each is given as the files that docker would merge, in order.

    A TOML file stands alone: it is a config of Interlock, to be checked for itself.

    Raises `UnknownRuleError` where `options` names a rule that does not exist; never raises on what files hold.
    """
    judge = Judge(options)
    sources = {source.name: source for merged in files for source in merged}
    shared = len(sources) < sum(map(len, files))  # what one process has read, another one would read again
    processes = 1 if shared else options.processes or processors()
    rest = [] if options.interlock is None else [options.interlock]
    looked = list(spread(lambda merged: look(merged, options, judge), files, processes))
    known = {rule.id: rule for kind in (Source, Stack) for rule in judge.by_type.get(kind, ())}
    judge.hits.extend((known[rule], hit) for one in looked for rule, hit in one.hits)
    unchecked = list(dict.fromkeys(said for one in looked for said in one.unreadable))
    for source in rest:
        sources[source.name] = source
        judge.run(source)
        unchecked += [(source.name, source.unchecked)] if source.unchecked else []
    unchecked += [(running.file, running.unchecked) for running in options.running if running.unchecked]
    for source in sources.values():
        if is_config(source):
            judge.run(config_of(source, options.version))
    stacks = [one.stack for one in looked if one.stack is not None]
    unchecked += [(stack.files[0], stack.unchecked) for stack in stacks if stack.unchecked]
    ingress = known_to(read_routes(stacks), options)
    ingress = ingress._replace(running=options.running)
    ingress = beside_what_runs(ingress, judge, options, unchecked)
    judge.run(ingress)
    sound = without_broken(ingress, judge.hits)
    if sound.routes:
        from lblint.proxy import trial

        judge.run(trial(sound))
        if options.nginx:
            unchecked.extend(ask_nginx(without_broken(sound, judge.hits), judge, options.nginx))
    hits = without_echoes(of_files(judge.hits), stacks)
    found = tuple(findings(hits, sources, stacks))
    return Result(found, tuple(unchecked), sources, tuple(stacks), ingress, whole=options.live is not None)
