"""Which YAML files belong to another tool, whatever they are called: told by their keys at the top."""

from __future__ import annotations

import re
from collections.abc import Sequence

_FULL_NAME = r"[a-z_]+\.[a-z_]+\.[a-z_]+"
"""A module of Ansible, like ansible.builtin.copy."""

STRONG: tuple[tuple[str, frozenset[str]], ...] = tuple(
    (tool, frozenset(keys.split()))
    for tool, keys in (
        ("a Kubernetes manifest", "apiVersion kind"),
        ("a Helm chart", "apiVersion name version"),
        ("an AWS CloudFormation template", "AWSTemplateFormatVersion"),
        ("an AWS CloudFormation template", "Transform Resources"),
        ("functions for OpenFaaS or Serverless", "provider functions"),
        ("functions for Serverless", "service provider"),
        ("a GitHub workflow", "on jobs"),
        ("an OpenAPI description", "openapi info"),
        ("an OpenAPI description", "openapi paths"),
        ("an OpenAPI description", "swagger paths"),
        ("an OpenAPI description", "swagger info"),
        ("an AsyncAPI description", "asyncapi info"),
        ("an AsyncAPI description", "asyncapi channels"),
        ("a configuration of MkDocs", "site_name nav"),
        ("a configuration of MkDocs", "site_name theme"),
        ("a configuration of MkDocs", "site_name docs_dir"),
        ("a configuration of MkDocs", "site_name plugins"),
        ("a configuration of Haskell Stack", "resolver packages"),
        ("a configuration of Haskell Stack", "resolver extra-deps"),
        ("a configuration of Haskell Stack", "snapshot packages"),
        ("a configuration of Haskell Stack", "snapshot extra-deps"),
        ("a GitLab pipeline", "stages variables"),
        ("a GitLab pipeline", "stages default"),
        ("a GitLab pipeline", "stages image"),
        ("a GitLab pipeline", "stages include"),
        ("a GitLab pipeline", "stages services"),
        ("a GitLab pipeline", "before_script"),
        ("an Azure pipeline", "trigger pool"),
        ("an Azure pipeline", "trigger steps"),
        ("an Azure pipeline", "trigger stages"),
        ("an Azure pipeline", "trigger jobs"),
        ("a CircleCI pipeline", "jobs workflows"),
        ("a Drone or Woodpecker pipeline", "steps services"),
        ("a Drone pipeline", "kind type steps"),
        ("a Bitbucket pipeline", "image pipelines"),
        ("a Travis pipeline", "language script"),
        ("a Travis pipeline", "language services"),
        ("a Concourse pipeline", "resources jobs"),
        ("a Heat template", "heat_template_version"),
        ("a TOSCA template", "tosca_definitions_version"),
        ("a configuration of Kong", "_format_version"),
        ("a configuration of Prometheus", "scrape_configs"),
        ("a configuration of Alertmanager", "route receivers"),
        ("a configuration of OpenTelemetry", "receivers exporters"),
        ("an app of DigitalOcean", "name region services"),
        ("a JSON Schema", "$schema properties"),
        ("a JSON Schema", "$schema definitions"),
    )
)
"""Keys that a tool's files have together and that no stack file has."""

WEAK: tuple[tuple[str, frozenset[str]], ...] = tuple(
    (tool, frozenset(keys.split()))
    for tool, keys in (
        ("a configuration of MkDocs", "site_name"),
        ("a configuration of Haskell Stack", "resolver"),
        ("a GitLab pipeline", "stages"),
        ("a Bitbucket pipeline", "pipelines"),
        ("an Azure pipeline", "pool steps"),
        ("an Azure pipeline", "pool stages"),
        ("a GitHub action", "name runs"),
        ("a GitHub action", "inputs runs"),
        ("a Cloud Build pipeline", "steps images"),
        ("a Cloud Build pipeline", "steps substitutions"),
        ("a CodeBuild pipeline", "version phases"),
        ("a CodeDeploy application", "version os hooks"),
        ("a CodeDeploy application", "version Resources"),
        ("a Conda environment", "channels dependencies"),
        ("a Dart package", "name environment dependencies"),
        ("a Taskfile", "version tasks"),
        ("a configuration of pre-commit", "repos"),
        ("a configuration of Dependabot", "version updates"),
        ("a Pulumi project", "name runtime"),
        ("a configuration of Traefik", "entryPoints"),
        ("a configuration of Sceptre", "template_path"),
        ("a configuration of Sceptre", "template parameters"),
        ("a configuration of Atmos", "components import"),
        ("a configuration of Atmos", "components vars"),
        ("a Kustomize file", "resources namespace"),
        ("a Kustomize file", "resources namePrefix"),
        ("a Kustomize file", "resources patches"),
        ("requirements of Ansible", "collections roles"),
        ("an Ansible collection", "namespace name version readme"),
        ("an Ansible role", "galaxy_info"),
        ("a Molecule scenario", "driver platforms"),
        ("a configuration of App Engine", "runtime handlers"),
        ("a configuration of App Engine", "runtime entrypoint"),
    )
)
"""The same, but a stack with a mistake in it might have them: they count where nothing else speaks for a stack."""

_GAP = r"[^\n]*\n(?:[ \t]*(?:#[^\n]*)?\n)*[ \t]*"
_PATTERNS = (
    ("an AWS CloudFormation template", "Resources", "Type", r"[ \t\n]Type[ \t]*:[ \t]*[\"']?AWS::"),
    ("services of Symfony", "services", "_defaults:", rf"(?m)^services:{_GAP}_defaults:"),
    ("a blueprint of Render", "services", "- type:",
     rf"(?m)^services:{_GAP}- type: *(?:web|worker|pserv|cron|static|keyvalue|redis)\b"),
    ("an Ansible inventory", "all", "all:", rf"(?m)^all:{_GAP}(?:hosts|children):"),
)  # fmt: skip
"""The same for a key at the top, where a text is found in the file and a regular expression matches."""
_OF_STACKS = ("services", "networks", "volumes", "secrets", "configs")

_PLAYS = frozenset({
    "tasks", "roles", "become", "vars", "gather_facts", "connection", "pre_tasks", "post_tasks", "handlers",
    "vars_files", "vars_prompt", "strategy", "serial", "any_errors_fatal", "remote_user", "collections",
    "environment", "name", "user", "tags",
})  # fmt: skip
_IMPORTS = frozenset({"import_playbook", "ansible.builtin.import_playbook"})
_TASKS = frozenset({
    "include_tasks", "import_tasks", "include_role", "import_role", "set_fact", "register", "notify", "block",
    "when", "with_items", "loop", "become", "listen", "changed_when", "delegate_to",
})  # fmt: skip


def other_tool(text: bytes) -> str:
    """Return whose file a YAML text is, like "a Kubernetes manifest"; "" where it is not certain, or a stack's."""
    text = text.removeprefix(b"\xef\xbb\xbf")
    if text.startswith(b"#cloud-config"):
        return "a configuration of cloud-init"
    lines = text.split(b"\n")
    first = next((line for line in lines if line.strip() and not line.lstrip().startswith((b"#", b"%", b"---"))), b"")
    if first.startswith((b"- ", b"-\t")):
        return _of_list(lines, first)
    keys = set(filter(None, map(_key, lines)))
    for tool, needed in STRONG:
        if needed <= keys:
            return tool
    for tool, key, word, expression in _PATTERNS:
        if key in keys and word.encode() in text and re.search(expression.encode(), text):
            return tool
    weak = next((tool for tool, needed in WEAK if needed <= keys), "")
    return "" if weak and any(map(_like_a_stacks, keys)) else weak


def _key(line: bytes) -> str:
    """Return the key at the beginning of a line that is not indented; "" where there is none."""
    if not line[:1].strip(b" \t\r#-"):
        return ""
    key, colon, value = line.partition(b":")
    if not colon or value[:1].strip(b" \t\r"):
        return ""
    return key.strip().strip(b"\"'").decode("utf-8", "replace")


def _like_a_stacks(key: str) -> bool:
    """Whether a key is one at the top of stack files, or nearly so."""
    from difflib import get_close_matches

    return bool(get_close_matches(key.lower(), _OF_STACKS, 1, 0.75))


def _of_list(lines: Sequence[bytes], first: bytes) -> str:
    """Whose file a list is: a stack file is none, but one that somebody began with a dash is not another tool's."""
    indent = len(first) - len(first[1:].lstrip())
    keys = {_key(line[1:].lstrip() if line[:1] == b"-" else line[indent:]) for line in lines
            if line[:1] == b"-" or not line[:indent].strip()}  # fmt: skip
    if ("hosts" in keys and keys & _PLAYS) or keys & _IMPORTS:
        return "an Ansible playbook"
    if keys & _TASKS or any(re.fullmatch(_FULL_NAME, key) for key in keys):
        return "tasks of Ansible"
    return ""
