"""A service's environment: env files, its own variables, and the deployer's for the empty ones.

Source: docker/cli cli/compose/loader/loader.go resolveEnvironment, updateEnvironment.
"""

from __future__ import annotations

from lblint.finding import Fault
from lblint.stack import safe_read
from lblint.stack.context import Context
from lblint.stack.decoder import Node
from lblint.stack.envfile import parse_env_file
from lblint.stack.grammar import GrammarError


def resolve_environment(node: Node, context: Context) -> list[Fault]:
    """env_file and environment into one, and values from the deployer's environment for the empty ones."""
    faults: list[Fault] = []
    out: dict[str, Node] = {}
    files = node.value.get("env_file")
    from_files: dict[str, Node] = {}
    for item in files.value if files is not None else ():
        path = safe_read.absolute(context.base, item.value)
        if context.mode.budget[0] < 0:
            break
        content = safe_read.read(path, safe_read.LARGEST_ENV_FILE)
        if isinstance(content, safe_read.Seen):
            told = "" if content.special else content.error
            if told.startswith("read ") and not context.mode.legacy:
                told = f"invalid env file ({path}): {told}"
            facts = {"file": path, "reason": content.error}
            faults.append(Fault("env-file.special" if content.special else "env-file.missing", item.place, told, facts))
            continue
        variables = parse_env_file(content, path, context.env.get, context.mode.legacy)
        if isinstance(variables, GrammarError):
            facts = {"file": path, "reason": variables.told}
            faults.append(Fault("env-file.invalid", item.place, variables.told, facts))
            continue
        if not context.mode.spend(len(variables)):
            break
        for variable in variables:
            from_files[variable.name] = Node(variable.value, item.place)
    given = node.value.get("environment")
    for variables_of in (from_files, given.value if given is not None else {}):
        for name, entry in variables_of.items():
            known = context.env.get(name)
            if entry.value or known is None:
                out[name] = entry
                continue
            if entry.value == "":
                faults.append(Fault("environment.replaced", entry.place, "", {"variable": name}))
            out[name] = Node(known, entry.place)
    node.value["environment"] = Node(out, given.place if given is not None else node.place)
    return faults
