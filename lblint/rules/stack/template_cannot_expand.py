"""A Go template in the environment, hostname or mounts cannot expand.

Managers expand `{{…}}` in environment values, the hostname, the source and target of mounts and the labels and options
of volumes, with .Service.ID, .Service.Name, .Service.Labels, .Node.ID, .Node.Hostname, .Node.Platform, .Task.ID,
.Task.Name and .Task.Slot. They try it when the service is created, without labels. Braces that are meant for another
program are read as well.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Path, Severity, Stage
from lblint.rules import rule
from lblint.rules._setting import entries, setting
from lblint.stack import Service, Stack


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_SERVICE)
def check(stack: Stack) -> Iterator[Hit]:
    for service in stack.services:
        for path, text in _texts(stack, service):
            if "{{" not in text:
                continue
            from lblint.stack.gotemplate import Verdict, judge

            template = judge(text)
            if template.verdict is Verdict.REFUSED:
                help = '{{index .Service.Labels "<name>"}}' if "map has no entry" in template.told else (
                    '{{"{{"}} for braces that belong to the program'
                )
                yield Hit(stack.place(*path), f"a manager expands {{{{…}}}} here and fails: {template.told}", help)


def _texts(stack: Stack, service: Service) -> Iterator[tuple[Path, str]]:
    """All texts that managers expand (swarmkit template/expand.go), with their places."""
    config, top = service.config, ("services", service.key)
    for name, value in (setting(config, "environment") or {}).items():
        if value:
            yield (*top, "environment", name), value
    if config.get("hostname"):
        yield (*top, "hostname"), config["hostname"]
    for index, mount in entries(config, "volumes"):
        place = (*top, "volumes", index)
        yield (*place, "target"), mount.get("target") or ""
        source = mount.get("source") or ""
        volume = stack.volumes.get(source) if (mount.get("type") or "volume") == "volume" else None
        if volume is None:
            yield (*place, "source"), source
            continue
        if volume.config.get("name"):
            yield ("volumes", source, "name"), volume.config["name"]
        else:
            yield place, source
        for key in () if volume.external else ("labels", "driver_opts"):
            for name, value in (volume.config.get(key) or {}).items():
                yield ("volumes", source, key, name), value or ""
