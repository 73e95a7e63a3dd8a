"""lblint: the gate in front of a shared Docker Swarm ingress."""

from __future__ import annotations

TYPE_CHECKING = False
"""As typing has it, whose import comes later: until `lblint.cli.script` runs, Ctrl-C gives a traceback."""

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Mapping

    from lblint.finding import Breaks, Finding, Severity
    from lblint.swarm.model import Snapshot

__version__ = "0.1.0"
__all__ = ["Breaks", "Finding", "Severity", "UncheckedError", "__version__", "check", "check_spec", "snapshot"]


class UncheckedError(Exception):
    """Something could not be checked; the text says what and why. Whether it is sound is not known.

    `files` are the files that are the cause, each as often as lines of the text are about it; none where it is no file.
    """

    def __init__(self, text: str, *files: str) -> None:
        super().__init__(text)
        self.files = files


def check(
    *files: str | os.PathLike[str],
    compose_files: Iterable[str | os.PathLike[str]] = (),
    stack_name: str | None = None,
    client: str = "",
    env: Mapping[str, str] | None = None,
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
    nginx: str = "",
    running: Iterable[str | os.PathLike[str]] = (),
    interlock_config: str | os.PathLike[str] = "",
    interlock_version: str = "",
    suppress: str = "all",
    baseline: str | os.PathLike[str] = "",
    config: str | os.PathLike[str] | None = "",
) -> list[Finding]:
    """Check stack files, and configs of Interlock (`.toml`), as `lblint check` does; return its findings in order.

    Each of `files` is a stack of its own (a folder: every stack file below it); `compose_files` are merged into one
    stack. All that lie under the same `.lblint.yml`, or under none, share one ingress. `stack_name` is the name that
    one stack will be deployed as, `client` the version of the docker client that will deploy it ("" is the newest
    known), `env` the environment for interpolation (None: that of the process), `select` and `ignore` are ids of
    rules, patterns of them (`invalid-*`) or topics. `nginx` is a
    program to try the proxy's config with (`lblint check --nginx`), "" for none; `running` are the configs of proxies
    that run (`--with`). `interlock_config` is Interlock's own config.toml, `interlock_version` the version of UCP or
    MKE; "" where they are not known. `suppress` says what comments in the files may silence: "all", "own" (nothing that
    affects others) or "none"; `baseline` is a file with findings that do not count. `config` is a `.lblint.yml` for
    all files, "" for the one that each lies under, None for none; what is given here comes before what stands there.

    Raises `UncheckedError` for a file that cannot be read or checked and for a rule that does not exist, so that an
    empty list always means: nothing was found.
    """
    from os import fspath

    from lblint.cli.inputs import check_runs, read_runs, with_baseline, with_interlock, with_rules, with_running
    from lblint.lint import make_options

    names, merged = ([fspath(name) for name in paths] for paths in (files, compose_files))
    options = with_rules(make_options(stack_name, env, client, nginx=nginx, suppress=suppress), select, ignore)
    options = with_interlock(options, fspath(interlock_config), interlock_version)
    options = with_running(options, [fspath(name) for name in running])
    runs = read_runs(names, merged, options, None if config is None else fspath(config), configs=True)
    result = check_runs(with_baseline(runs, fspath(baseline)))
    if result.unchecked:
        raise UncheckedError("; ".join(f"{file}: {reason}" for file, reason in result.unchecked))
    return list(result.findings)


def check_spec(
    spec: Mapping[str, object],
    live: Snapshot | None = None,
    *,
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
    config: str | os.PathLike[str] | None = None,
) -> list[Finding]:
    """Check one service as a client asks the managers for it; return the findings in order.

    `spec` is the body of `POST /services/create` or `/services/ID/update`, as JSON reads it. `live` is what runs
    beside it (`snapshot`); without it the service is judged alone. Judged is what the proxy makes of the labels and
    networks; whether the managers take the spec is theirs to say. A finding's `file` is `service NAME` and its `path`
    a path into the spec; its position lies in the spec as indented JSON. `select` and `ignore` are ids of rules,
    patterns of them or topics; `config` is a `.lblint.yml`, None for none.

    Raises `UncheckedError` for what is no spec of a service, for a list that the managers did not show in `live`, and
    for a rule that does not exist.
    """
    from os import fspath

    from lblint.cli.inputs import with_rules
    from lblint.cli.settings import load, options_under
    from lblint.lint import Options
    from lblint.lint.service_check import findings_on
    from lblint.swarm.model import Snapshot

    options = with_rules(Options(), select, ignore)
    if config is not None:
        options = options_under(load(fspath(config)), options, [])
    return findings_on(spec, live or Snapshot(), options)


def snapshot(host: str | None = None, context: str | None = None) -> Snapshot:
    """Return what the managers have now: services, networks, secrets' and configs' names, nodes, proxies.

    `host` is the address of a daemon and `context` the name of a docker context; without both it is the daemon that
    the docker client would ask. Raises `UncheckedError` where none answers, or one that is not a manager.
    """
    from lblint.cli.cluster_connection import reader
    from lblint.swarm.errors import SwarmError

    try:
        return reader(context, host)(frozenset())
    except SwarmError as error:
        raise UncheckedError(str(error)) from None


def __getattr__(name: str) -> object:
    if name in ("Breaks", "Finding", "Severity"):
        from lblint import finding

        return getattr(finding, name)
    raise AttributeError(f"module 'lblint' has no attribute {name!r}")
