"""Rules on the settings in Interlock's config.toml."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from lblint.finding import Breaks, Hit, Severity, of_kind
from lblint.interlock.config import InterlockConfig
from lblint.interlock.config_faults import ConfigKeyFault
from lblint.interlock.proxy_options.values import directives
from lblint.interlock.proxy_options.verdict import judge_format
from lblint.interlock.version import INTERLOCK_3, reached
from lblint.proxy.settings import ONCE, PARTS
from lblint.rules import rule
from lblint.rules._interlock import named, option_problems, own_problems, problem_hit, proxy_problems, sure


@rule(
    on=InterlockConfig,
    severity=Severity.ERROR,
    breaks=Breaks.DEPLOY,
    consequence="Interlock's core or the manager refuses the value, and the config has no effect until it is fixed",
)
def interlock_setting_invalid(config: InterlockConfig) -> Iterator[Hit]:
    """A value of Interlock's core or of an extension is not valid.

    Durations need a unit (`3s`), images are named as docker names them, ports are 1 to 65535. A value that the core
    cannot read keeps it from starting. Others are passed on, and the manager refuses the service.
    """
    for setting, place, problem in own_problems(config):
        if sure(problem):
            yield problem_hit(setting, place, problem)


@rule(
    on=InterlockConfig,
    severity=Severity.WARNING,
    breaks=Breaks.PROXY,
    consequence="the proxy may not run or answer as intended",
)
def interlock_setting_doubtful(config: InterlockConfig) -> Iterator[Hit]:
    """A value of Interlock's config is accepted, but is hardly intended.

    With 0 replicas, 0 worker processes, a timeout of 0 seconds, or port 0, for which the manager chooses a port, no
    request reaches a service. It is not documented what Interlock does with a `PublishMode` other than `ingress` and
    `host`, or, since version 3.0, with a wrong `HTTPVersion`.
    """
    refused = "http-version" if reached(config.version, INTERLOCK_3) is False else ""
    for setting, place, problem in chain(own_problems(config), proxy_problems(config)):
        if not sure(problem) and problem.kind != refused and not setting.key.name.endswith("LogFormat"):
            hit = problem_hit(setting, place, problem)
            yield hit._replace(severity=problem.severity) if problem.severity is Severity.INFO else hit


@rule(on=InterlockConfig, severity=Severity.ERROR, breaks=Breaks.PROXY)
def nginx_refuses_setting(config: InterlockConfig) -> Iterator[Hit]:
    """nginx refuses a setting of the proxy, or reads it as something else.

    Interlock writes the values of `Config` into nginx.conf as they are. nginx does not start with a unit that it does
    not know (`32mb`, `75sec`), a comma in place of a space (`TLSv1.2,TLSv1.3`), or a version that it does not support.
    All routes of the proxy depend on it. Since Interlock 3.0 (UCP 3.2.3) a wrong `HTTPVersion` no longer reaches nginx.
    """
    before_3 = reached(config.version, INTERLOCK_3) is False
    for setting, place, problem in proxy_problems(config):
        if sure(problem) or (before_3 and problem.kind == "http-version"):
            yield problem_hit(setting, place, problem)
    for extension in config.extensions:
        lines = extension.config.get("httpoptions")
        for name in ("mainlogformat", "tracelogformat") if not extension.haproxy else ():
            log_format = extension.config.get(name)
            for problem in judge_format(log_format.value, lines.value if lines else ()) if log_format else ():
                assert log_format
                yield problem_hit(log_format, log_format.place, problem)
    for _, _, setting, judged in option_problems(config):
        if judged.problem.kind == "refused":
            problem = judged.problem._replace(start=0, end=0, write="")
            yield problem_hit(setting, setting.place.child(judged.line), problem)


@rule(
    on=InterlockConfig,
    severity=Severity.WARNING,
    breaks=Breaks.NOTHING,
    consequence="the access log of the proxy is not written as intended, or not at all",
)
def log_format_incomplete(config: InterlockConfig) -> Iterator[Hit]:
    """A log format lacks its own quotes or its own semicolon.

    The template writes `log_format main` and the value, and adds neither quotes nor a semicolon. Without the semicolon
    the next directive becomes a part of the format: nginx starts, writes it into each line of the log, and does not
    apply it. After `TraceLogFormat` that directive is the access log itself. Without quotes, nginx drops the spaces
    between the words.
    """
    for setting, place, problem in proxy_problems(config):
        if setting.key.name.endswith("LogFormat") and not sure(problem):
            yield problem_hit(setting, place, problem)


@rule(on=InterlockConfig, severity=Severity.ERROR, breaks=Breaks.PROXY)
def proxy_option_twice(config: InterlockConfig) -> Iterator[Hit]:
    """An option repeats a directive of the template or of another option.

    `GlobalOptions` and `HTTPOptions` are added to what the template writes into nginx.conf. Most directives are allowed
    only once; for a second one nginx does not start ("directive is duplicate"). If the directive has a key in `Config`,
    set that.
    """
    for extension, name, setting, judged in option_problems(config):
        problem = judged.problem
        if problem.kind == "twice":
            line = str(setting.value[judged.line])
            directive = next(directives([line[problem.start :]]), "")
            own = directive in ONCE[PARTS[name]]
            yield Hit(
                setting.place.child(judged.line),
                f"{name} sets {directive}, which {'the template' if own else 'another option'} already sets",
                f"remove it, and set {problem.says} in [Extensions.{extension.name}.Config]"
                if problem.says
                else "remove it"
                if own
                else f"remove this {directive} or the earlier one",
            )


@rule(
    on=InterlockConfig,
    severity=Severity.WARNING,
    breaks=Breaks.PROXY,
    consequence="if nginx refuses the option, the proxy does not start",
)
def proxy_option_unchecked(config: InterlockConfig) -> Iterator[Hit]:
    """lblint cannot check an option of the proxy.

    Interlock writes `GlobalOptions`, `HTTPOptions` and `TCPOptions` into nginx.conf as they are. lblint knows the
    directives of nginx 1.22 and their usual values. It does not check directives of other modules, of NGINX Plus or of
    other versions, files that nginx opens, and whole `server` blocks. Test those with the nginx of the proxy.
    """
    for _, name, setting, judged in option_problems(config):
        if judged.problem.kind == "unchecked":
            message = f"{name}: {judged.problem.says}, so this option is not checked"
            yield Hit(setting.place.child(judged.line), message, "test it with the nginx of the proxy (--nginx)")


@rule(on=InterlockConfig, severity=Severity.INFO, breaks=Breaks.NOTHING)
def proxy_template_unknown(config: InterlockConfig) -> Iterator[Hit]:
    """The proxy's config is rendered from a custom template, which lblint does not see.

    With `Template` the extension renders nginx.conf from the Docker config of that name. lblint tests the config that
    the template published by Docker renders. What the custom template does differently is not tested, and lblint may
    refuse values that the custom template quotes or leaves out. An older template may also lack what the file uses,
    such as `$reqid` in a log format.
    """
    for extension in config.extensions:
        if extension.value("Template"):
            yield Hit(
                extension.at("Template"),
                f"{named(extension)} has a custom template, but lblint tests the config that Docker's own template "
                "renders",
            )


@rule(on=InterlockConfig, severity=Severity.INFO, breaks=Breaks.NOTHING)
def proxy_restarted_by_updates(config: InterlockConfig) -> Iterator[Hit]:
    """Every change of a route restarts the proxy.

    Since Interlock 3.0 (UCP 3.2.3 and 3.1.11) the proxy can load a new config without a restart, with
    `HitlessServiceUpdate = true`. Without it each change of a route replaces the proxies one by one, which closes the
    open connections of all routes. A new network or secret restarts them in any case.
    """
    if not reached(config.version, INTERLOCK_3):
        return
    mistyped = {
        fault.place.path[:2] for fault in of_kind(config.faults, ConfigKeyFault) if fault.key == "HitlessServiceUpdate"
    }
    for extension in config.extensions:
        if not extension.value("HitlessServiceUpdate") and extension.place.path not in mistyped:
            yield Hit(
                extension.at("HitlessServiceUpdate"),
                f"every change of a route restarts the proxies of {named(extension)}",
                "set HitlessServiceUpdate = true",
            )
