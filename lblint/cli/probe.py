"""`lblint probe`: the routes of stack files, or of services that run, asked for at the proxies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lblint import UncheckedError
from lblint.cli import cluster_connection, output
from lblint.cli.check import split_names
from lblint.cli.config_render import read_ingress
from lblint.cli.exit_codes import EXIT_FINDINGS, EXIT_UNCHECKED
from lblint.cli.inputs import config_of, one_ingress, read_runs, with_interlock, with_rules
from lblint.finding import Severity
from lblint.interlock import Ingress, read_routes
from lblint.lint import Result, known_to, make_options
from lblint.lint.service_check import check_probed
from lblint.probe.client import Address, Client
from lblint.probe.questions import Probed, Unasked, clusters, questions
from lblint.proxy.settings import configured
from lblint.records import NamedTuple

LOOPBACK = "127.0.0.1"


class Given(NamedTuple):
    """An address of --proxy; a port is 0 where it is not given."""

    host: str
    http: int = 0
    https: int = 0


def probe(
    files: tuple[str, ...],
    compose_files: tuple[str, ...],
    stack_name: str | None,
    client: str,
    config: str,
    no_config: bool,
    interlock_config: str,
    host: str | None,
    context: str | None,
    proxies: tuple[str, ...],
    ca: str,
    timeout: float,
    ignore: tuple[str, ...],
    fail_on: str,
    format_: str,
    color: str,
) -> int:
    """Ask the proxies for each route: by HTTP, TLS and as a websocket, with the host of the labels.

    The routes are those of the stack files, or, without a file, those of the services that run (--stack-name: of one
    stack). Requests go to loopback, or where --proxy says, and nowhere else; nothing is followed. The table shows what
    came back; findings are on routes that are not served as the labels say.

    Exit code: 0, 1 findings at or above --fail-on, 2 if a host or a service cluster was not asked for.
    """
    options = with_rules(make_options(stack_name, client=client), (), split_names(ignore))
    if files or compose_files:
        options = with_interlock(options, interlock_config, "")
        run = one_ingress(read_runs(files, compose_files, options, config_of(config, no_config)))
        ingress, code = read_ingress(run)
        if code:
            return code
        sources = {source.name: source for merged in run.stacks for source in merged}
        ingress, options = known_to(ingress, run.options), run.options
    else:
        ingress, sources = _running(host, context, stack_name), {}
    probed, unasked = ask(ingress, _addresses(proxies), timeout, ca)
    return _shown(probed, unasked, check_probed(probed, ingress, sources, options), fail_on, format_, color)


def ask(
    ingress: Ingress, addresses: Mapping[str, Given], seconds: float, ca: str
) -> tuple[list[Probed], list[Unasked]]:
    """Ask all proxies; what they answer, and what could not be asked for.

    Raises `UncheckedError` for a file of CAs that cannot be read.
    """
    probed: list[Probed] = []
    unasked: list[Unasked] = []
    for cluster in clusters(ingress):
        asked, left = questions(ingress, cluster)
        unasked += left
        given = addresses.get(cluster) or (Given(LOOPBACK) if not cluster else None)
        if given is None:
            unasked.append(Unasked(f"service cluster {cluster}", f"give its proxy: --proxy {cluster}=ADDRESS:PORT"))
            continue
        http, https = _published(ingress, cluster)
        address = Address(given.host, given.http or http, given.https or https)
        try:
            client = Client(address, seconds, ca)
        except OSError as error:
            raise UncheckedError(f"{ca} cannot be read as a file of CAs: {error.strerror or error}") from None
        probed.append(Probed(cluster, str(address), client.unknown(), client.ask(asked)))
    return probed, unasked


def _published(ingress: Ingress, cluster: str) -> tuple[int, int]:
    """The ports for HTTP and TLS that the proxies of a service cluster publish, by Interlock's config or by default."""
    settings = configured(ingress.config.extension(cluster) if ingress.config else None)
    return settings.published_port, settings.published_ssl_port


def _addresses(values: Sequence[str]) -> dict[str, Given]:
    """What is given by `--proxy [CLUSTER=]ADDRESS[:HTTP[:TLS]]`, by service cluster. Raises `UncheckedError`."""
    result: dict[str, Given] = {}
    for value in values:
        cluster, equals, place = value.rpartition("=")
        end = place.find("]") + 1 if place.startswith("[") else 0  # an address of IPv6
        name, *numbers = place[end:].split(":")
        host = place[1 : end - 1] if end else name
        if not host or (end and name) or len(numbers) > 2 or not all(_is_port(number) for number in numbers):
            raise UncheckedError(f"--proxy {value!r} is no address: write [CLUSTER=]ADDRESS[:PORT[:TLS-PORT]]")
        result["" if cluster == "default" and equals else cluster] = Given(host, *map(int, numbers))
    return result


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdecimal() and 0 < int(text[:6]) < 65536


def _running(host: str | None, context: str | None, stack: str | None) -> Ingress:
    """The routes of the services that run. Raises `UncheckedError` where the managers do not tell them."""
    from lblint.swarm.comparison import interlock_config, running_beside
    from lblint.swarm.snapshot import snapshot

    with cluster_connection.open_swarm(context, host) as swarm:
        live = snapshot(swarm, ())
    kept = tuple(service for service in live.services if stack is None or service.stack == stack)
    if stack is not None and not kept:
        raise UncheckedError(f"there is no stack {stack} among the services that run")
    ingress = read_routes(running_beside([], live._replace(services=kept)))
    return ingress._replace(config=interlock_config(live))


def _shown(
    probed: Sequence[Probed], unasked: Sequence[Unasked], result: Result, fail_on: str, format_: str, color: str
) -> int:
    from lblint.report.probe import render_probe, render_probe_json

    if format_ == "json":
        output.write(render_probe_json(probed, unasked, result))
    else:
        output.write(output.shown(render_probe(probed, unasked)))
        from lblint.report import render_text

        output.write(render_text(result, output.colored(color), output.width()))
    if not probed and not unasked:
        output.say("there is no route to ask for: no service has labels of Interlock")
    for left in unasked if format_ != "json" else ():
        output.say(f"not asked for: {left.host}: {left.reason}")
    if fail_on != "never" and any(finding.severity >= Severity[fail_on.upper()] for finding in result.findings):
        return EXIT_FINDINGS
    return EXIT_UNCHECKED if unasked else 0
