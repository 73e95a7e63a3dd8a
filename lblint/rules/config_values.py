"""Rules on the settings in Interlock's config.toml."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from lblint.finding import Breaks, Hit, Severity, of_kind
from lblint.interlock.config import InterlockConfig
from lblint.interlock.faults import ConfigKeyFault
from lblint.interlock.nginx_options import judge_format
from lblint.interlock.nginx_values import directives
from lblint.interlock.version import INTERLOCK_3, reached
from lblint.proxy.settings import ONCE, PARTS
from lblint.rules import rule
from lblint.rules._interlock import named, option_problems, own_problems, problem_hit, proxy_problems, sure


@rule(
    on=InterlockConfig,
    severity=Severity.ERROR,
    breaks=Breaks.DEPLOY,
    consequence="the core, or the manager behind it, does not take the value: the config has no effect until it is put "
    "right",
)
def interlock_setting_invalid(config: InterlockConfig) -> Iterator[Hit]:
    """A value of Interlock's core or of an extension that cannot be what it says.

    Durations are written with a unit (`3s`), images as docker names them, ports are 1 to 65535. What the core cannot
    read stops it; what it hands on is refused by the manager when the service is made.
    """
    for setting, place, problem in own_problems(config):
        if sure(problem):
            yield problem_hit(setting, place, problem)


@rule(
    on=InterlockConfig,
    severity=Severity.WARNING,
    breaks=Breaks.PROXY,
    consequence="the proxy is not there, or does not answer, as it was meant to",
)
def interlock_setting_doubtful(config: InterlockConfig) -> Iterator[Hit]:
    """A value of Interlock's config that is allowed, but does what nobody means.

    No replicas, no worker processes, a timeout of 0 seconds, a port 0, for which a manager picks one: all of that is
    taken, and no request arrives. What Interlock makes of a `PublishMode` other than `ingress` and `host`, or since
    version 3.0 of a wrong `HTTPVersion`, is not documented.
    """
    refused = "http-version" if reached(config.version, INTERLOCK_3) is False else ""
    for setting, place, problem in chain(own_problems(config), proxy_problems(config)):
        if not sure(problem) and problem.kind != refused and not setting.key.name.endswith("LogFormat"):
            hit = problem_hit(setting, place, problem)
            yield hit._replace(severity=problem.severity) if problem.severity is Severity.INFO else hit


@rule(on=InterlockConfig, severity=Severity.ERROR, breaks=Breaks.PROXY)
def nginx_refuses_setting(config: InterlockConfig) -> Iterator[Hit]:
    """A setting of the proxy that nginx refuses, or takes for something else.

    Interlock puts the values of `Config` into nginx.conf as they are. A unit that nginx does not know (`32mb`,
    `75sec`), a comma where it wants spaces (`TLSv1.2,TLSv1.3`) or a version that it does not speak stops it at its next
    start, for everybody. Since Interlock 3.0 (UCP 3.2.3) a wrong `HTTPVersion` no longer reaches nginx.
    """
    before_3 = reached(config.version, INTERLOCK_3) is False
    for setting, place, problem in proxy_problems(config):
        if sure(problem) or (before_3 and problem.kind == "http-version"):
            yield problem_hit(setting, place, problem)
    for extension in config.extensions:
        lines = extension.config.get("httpoptions")
        for name in ("mainlogformat", "tracelogformat") if not extension.haproxy else ():
            held = extension.config.get(name)
            for problem in judge_format(held.value, lines.value if lines else ()) if held else ():
                assert held
                yield problem_hit(held, held.place, problem)
    for _, _, setting, judged in option_problems(config):
        if judged.problem.kind == "refused":
            problem = judged.problem._replace(says=f"{judged.problem.says}: nginx does not start", start=0, end=0)
            yield problem_hit(setting, setting.place.child(judged.line), problem._replace(write="", hint=problem.help))


@rule(
    on=InterlockConfig,
    severity=Severity.WARNING,
    breaks=Breaks.NOTHING,
    consequence="the proxy's access log is not what was meant, or is lost",
)
def log_format_incomplete(config: InterlockConfig) -> Iterator[Hit]:
    """A log format without its own quotes or its own semicolon.

    The template writes `log_format main` and the value, and adds nothing. Without the semicolon at its end the next
    directive becomes a part of the format: nginx starts, writes that text into each line of its log, and does not have
    the directive, which is the access log itself behind `TraceLogFormat`. Without quotes the spaces between the words
    are lost.
    """
    for setting, place, problem in proxy_problems(config):
        if setting.key.name.endswith("LogFormat") and not sure(problem):
            yield problem_hit(setting, place, problem)


@rule(on=InterlockConfig, severity=Severity.ERROR, breaks=Breaks.PROXY)
def proxy_option_twice(config: InterlockConfig) -> Iterator[Hit]:
    """An option repeats a directive that the template writes itself, or that another option has.

    `GlobalOptions` and `HTTPOptions` are put into nginx.conf beside what the template has there already. Most
    directives may stand once only: "directive is duplicate", and nginx does not start. Where the directive has a key in
    `Config`, set that.
    """
    for extension, name, setting, judged in option_problems(config):
        problem = judged.problem
        if problem.kind == "twice":
            line = str(setting.value[judged.line])
            directive = next(directives([line[problem.start :]]), "")
            own = directive in ONCE[PARTS[name]]
            yield Hit(
                setting.place.child(judged.line),
                f"{name}: {directive} stands twice: {'the template' if own else 'another option'} has it already, and "
                "nginx does not start",
                f"remove it, and set {problem.says} in [Extensions.{extension.name}.Config]"
                if problem.says
                else "remove it"
                if own
                else "remove one of the two",
            )


@rule(
    on=InterlockConfig,
    severity=Severity.WARNING,
    breaks=Breaks.PROXY,
    consequence="if the proxy's nginx refuses the option, it does not start",
)
def proxy_option_unchecked(config: InterlockConfig) -> Iterator[Hit]:
    """An option of the proxy that lblint cannot check.

    `GlobalOptions`, `HTTPOptions` and `TCPOptions` are put into nginx.conf as they are. lblint knows nginx's own
    directives and the values that options commonly hold. Directives of other modules, of NGINX Plus or of other
    versions, files that nginx opens and whole `server` blocks are not checked: try them with the proxy's own nginx.
    """
    for _, name, setting, judged in option_problems(config):
        if judged.problem.kind == "unchecked":
            says = f"{name}: not checked: {judged.problem.says}"
            yield Hit(setting.place.child(judged.line), says, "try it with the proxy's nginx (--nginx)")


@rule(on=InterlockConfig, severity=Severity.INFO, breaks=Breaks.NOTHING)
def proxy_template_unknown(config: InterlockConfig) -> Iterator[Hit]:
    """The proxy's config comes from a template of one's own, which lblint does not see.

    With `Template` the extension renders nginx.conf from a Docker config of that name. The trial config is made after
    the template that Docker publishes: what one's own does otherwise is not tried, and values that it quotes or leaves
    out may be refused here without need. A template of an older version may lack what the file names, such as `$reqid`
    in a log format.
    """
    for extension in config.extensions:
        if extension.value("Template"):
            yield Hit(
                extension.at("Template"),
                f"the config of {named(extension)} is rendered from a template of its own: it is tried as Docker's "
                "template would render it",
            )


@rule(on=InterlockConfig, severity=Severity.INFO, breaks=Breaks.NOTHING)
def proxy_restarted_by_updates(config: InterlockConfig) -> Iterator[Hit]:
    """Every change of a route restarts the proxy.

    Since Interlock 3.0 (UCP 3.2.3 and 3.1.11) the proxy can load a new config without a restart: `HitlessServiceUpdate
    = true`. Without it every change replaces the proxies one by one, and cuts the connections of everybody. A new
    network or secret restarts them in any case.
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
                f"without HitlessServiceUpdate every change of a route restarts the proxies of {named(extension)}",
                "HitlessServiceUpdate = true",
            )
