"""Services that run already, judged by the same rules."""

from __future__ import annotations

from lblint.finding import Breaks, Hit
from lblint.interlock import Ingress
from lblint.lint.filters import without_broken
from lblint.lint.options import Checked, Options, Result
from lblint.lint.runner import Judge, findings


def check_running(ingress: Ingress, options: Options = Options()) -> Result:  # noqa: B008
    """Check services that run already, each of which `ingress` has as a stack of its own. As they are deployed, nothing
    is said of what could keep them from that.

    Raises `UnknownRuleError` where `options` names a rule that does not exist.
    """
    from lblint.source import read
    from lblint.swarm.service_as_stack import as_text

    judge = Judge(options)
    for stack in ingress.stacks:
        judge.run(stack)
    judge.run(ingress)
    sound = without_broken(ingress, judge.hits)
    if sound.routes:
        from lblint.proxy import trial

        judge.run(trial(sound))
    hits = [(rule, _in_text(hit)) for rule, hit in judge.hits if (hit.breaks or rule.breaks) is not Breaks.DEPLOY]
    touched = {hit.place.file for _, hit in hits}
    texts = {stack.files[0]: as_text(stack) for stack in ingress.stacks if stack.files[0] in touched}
    sources = {file: read(text.encode("utf-8", "replace"), file) for file, text in texts.items()}
    return Result(tuple(findings(hits, sources, ingress.stacks)), (), Checked(sources, ingress.stacks))


def _in_text(hit: Hit) -> Hit:
    """The hit with its places in the texts that stand for the services: no files of the user's lie beside them."""
    place, *related = (place._replace(file=str(place.file)) for place in (hit.place, *hit.related))
    return hit._replace(place=place, related=tuple(related))
