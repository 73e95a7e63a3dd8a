"""What a run's errors would break, and for how many: the end of its last line, and of each file's first."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from lblint.finding import Breaks, Finding, Severity
from lblint.lint import Result

Errors = Sequence[Finding]


def worst(findings: Collection[Finding]) -> tuple[Breaks, Errors]:
    """The worst that the errors among the findings do, and those that do it; `NOTHING` where there is none."""
    for breaks in (Breaks.PROXY, Breaks.DEPLOY, Breaks.ROUTE):
        guilty = errors_of(findings, breaks)
        if guilty:
            return breaks, guilty
    return Breaks.NOTHING, []


def errors_of(findings: Collection[Finding], breaks: Breaks) -> Errors:
    """Return the errors among the findings that break the proxy, the deploy or a route."""
    return [finding for finding in findings if finding.severity is Severity.ERROR and finding.breaks is breaks]


def of_run(result: Result) -> str:
    """Return what deploying all of the run would break, the worst first; "" if nothing."""
    parts = {
        Breaks.PROXY: lambda guilty: f"deploying this would take down {_proxies(result, guilty)}",
        Breaks.DEPLOY: lambda guilty: _deploys(result, guilty),
        Breaks.ROUTE: _routes,
    }
    guilty = {breaks: errors_of(result.findings, breaks) for breaks in parts}
    return ", ".join(part(guilty[breaks]) for breaks, part in parts.items() if guilty[breaks])


def of_file(findings: Collection[Finding]) -> str:
    """What deploying one file would break; "" if nothing."""
    breaks, guilty = worst(findings)
    if breaks is Breaks.PROXY:
        return "would take down the proxy"
    if breaks is Breaks.DEPLOY:
        return "would not deploy"
    return _routes(guilty) if breaks is Breaks.ROUTE else ""


def _proxies(result: Result, guilty: Errors) -> str:
    """The proxies that the errors hit, each with the hosts that the run knows behind it. Each service cluster has a
    proxy of its own; what a running config serves counts where there is only one."""
    hosts = _hosts(result)
    hit = _clusters_hit(result, guilty, hosts)
    if len(hosts) > 1 and len(hit) > 1:
        named = [f"{_named(name, result)} ({_counted(len(hosts[name]))})" for name in hit]
        return f"the proxies of {_listed(named)}"
    known = hosts[hit[0]] if hit else set()
    proxy = f"the proxy of {_named(hit[0], result)}" if len(hosts) > 1 else "the proxy"
    if not known:
        return f"{proxy} and all routes behind it"
    hosts_behind = {1: "the one host", 2: "both hosts"}.get(len(known), f"all {len(known)} hosts")
    return f"{proxy} for {hosts_behind}" + ("" if result.checked.whole else " here and all others behind it")


def _hosts(result: Result) -> dict[str, set[str]]:
    """The hosts behind the proxy of each service cluster that has a route."""
    hosts: dict[str, set[str]] = {}
    if result.checked.ingress is None:
        return hosts
    for route in result.checked.ingress.routes:
        hosts.setdefault(route.cluster, set()).update(host.name.lower() for host in route.hosts)
    for known in hosts.values() if len(hosts) == 1 else ():
        known.update(name for running in result.checked.ingress.running for name in running.hosts if name != "_")
    return hosts


def _clusters_hit(result: Result, guilty: Errors, hosts: Mapping[str, object]) -> list[str]:
    """The service clusters of the errors' services; all where an error is of none that has a route."""
    routes = result.checked.ingress.routes if result.checked.ingress is not None else ()
    clusters = {(file, route.service.key): route.cluster for route in routes for file in route.stack.files}
    hit = {clusters.get((finding.file, str(finding.service))) for finding in guilty}
    return sorted(name for name in hosts if None in hit or name in hit)


def _named(cluster: str, result: Result) -> str:
    from lblint.report.escape import said

    if result.checked.values:
        from lblint.lint import redaction

        cluster = redaction.of_run(result.checked).text(cluster)
    return f"service cluster {said(cluster)}" if cluster else "the default service cluster"


def _deploys(result: Result, guilty: Errors) -> str:
    """Count the stacks that docker or the managers refuse; files that are merged are one stack."""
    first = {file: stack.files[0] for stack in result.checked.stacks for file in stack.files}
    deploys = {first.get(name, name) for name, source in result.checked.sources.items() if source.dialect != "toml"}
    refused = {first.get(finding.file, finding.file) for finding in guilty} & deploys
    if len(deploys) < 2 or not refused:
        return "the stack would not deploy"
    return f"{len(refused)} of {len(deploys)} stacks would not deploy"


def _routes(guilty: Errors) -> str:
    services = {(finding.file, finding.service) for finding in guilty}
    return "1 route would not work" if len(services) == 1 else f"{len(services)} routes would not work"


def _counted(hosts: int) -> str:
    return "1 host" if hosts == 1 else f"{hosts} hosts"


def _listed(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}"
