"""The last line of the text report, and the line above each file's findings: what would break, and for how many."""

from __future__ import annotations

import pytest
from stacks import BAD, GOOD

from lblint.interlock import read_routes
from lblint.lint import Result, check_stacks, make_options
from lblint.proxy import trial
from lblint.proxy.running_config import existing
from lblint.report import render_text
from lblint.report.github import render_github
from lblint.source import read
from lblint.swarm.snapshot_json import from_json

ELSEWHERE = "and all others behind it"


def stack(hosts: str, cluster: str = "", more: str = "") -> str:
    """A stack whose service asks for these hosts, behind the proxy of a service cluster."""
    text = GOOD.replace("shop.example.com", hosts)
    label = f"com.docker.lb.service_cluster: {cluster}\n        com.docker.lb.port"
    return (text.replace("com.docker.lb.port", label) if cluster else text) + more


def run(*texts: str, **options: object) -> Result:
    """A run over files 0.yml, 1.yml and so on."""
    sources = [[read(text.encode(), f"{at}.yml")] for at, text in enumerate(texts)]
    return check_stacks(sources, make_options(env={}, **options))  # type: ignore[arg-type]


def last(result: Result) -> str:
    """What the last line says would break, the same for people and on GitHub."""
    line = render_text(result).splitlines()[-1]
    assert render_github(result).splitlines()[-1] == line
    return line.partition(": ")[2]


URL = "http://bad.example.com"


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        pytest.param([stack(URL)], f"the proxy for the one host here {ELSEWHERE}", id="one"),
        pytest.param([stack(f"a.example.com,{URL}")], f"the proxy for both hosts here {ELSEWHERE}", id="two"),
        pytest.param([stack(URL), stack("b.example.com,c.example.com")],
                     f"the proxy for all 3 hosts here {ELSEWHERE}", id="those of other files"),
        pytest.param([stack(f"A.example.com,{URL}"), stack("a.example.com")],
                     f"the proxy for both hosts here {ELSEWHERE}", id="a host in two cases is one"),
        pytest.param([stack(URL, "prod"), stack("b.example.com", "prod")],
                     f"the proxy for both hosts here {ELSEWHERE}", id="one cluster"),
        pytest.param([stack(URL, "prod"), stack("b.example.com", "test")],
                     f"the proxy of service cluster prod for the one host here {ELSEWHERE}", id="one of two clusters"),
        pytest.param([stack(URL), stack("b.example.com", "test")],
                     f"the proxy of the default service cluster for the one host here {ELSEWHERE}", id="the default"),
        pytest.param([stack(URL, "prod"), stack(f"b.example.com,{URL}", "test"), stack("c.example.com", "dev")],
                     "the proxies of service cluster prod (1 host) and service cluster test (2 hosts)", id="two"),
    ],
)  # fmt: skip
def test_how_many_hosts_go_down_with_the_proxy(texts: list[str], said: str) -> None:
    assert last(run(*texts)) == f"deploying this would take down {said}"


def test_hosts_of_a_proxy_that_runs_count() -> None:
    served = run(stack("one.example.com,two.example.com")).checked.ingress
    assert served is not None
    running = (existing(trial(served).text.encode(), "nginx.conf"),)
    assert last(run(stack(URL), running=running)).endswith(f"the proxy for all 3 hosts here {ELSEWHERE}")
    several = run(stack(URL, "prod"), stack("b.example.com", "test"), running=running)
    assert last(several).endswith("of service cluster prod for the one host here and all others behind it")


def test_with_the_managers_asked_all_hosts_are_known() -> None:
    def live(others: int) -> Result:
        labels = [{"com.docker.lb.hosts": f"{at}.example.com", "com.docker.lb.port": "80"} for at in range(others)]
        services = [{"name": f"other_{at}", "labels": labels[at]} for at in range(others)]
        snapshot = from_json({"services": services})
        return run(stack(URL), stack_name="shop", live=lambda names: snapshot)

    assert last(live(13)) == "deploying this would take down the proxy for all 14 hosts"
    assert last(live(0)) == "deploying this would take down the proxy for the one host"


REFUSED = GOOD.replace("image:", "imagee:")
UNPORTED = GOOD.replace('"8080"', '"8080x"')


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        pytest.param([REFUSED], "the stack would not deploy", id="deploy"),
        pytest.param([REFUSED, GOOD], "1 of 2 stacks would not deploy", id="one of two deploys"),
        pytest.param([REFUSED, "a: b: c\n", GOOD], "2 of 3 stacks would not deploy", id="two of three deploys"),
        pytest.param([REFUSED, BAD], f"deploying this would take down the proxy for both hosts here {ELSEWHERE}, "
                     "1 of 2 stacks would not deploy", id="the proxy before the deploy"),
    ],
)  # fmt: skip
def test_other_errors_have_other_words(texts: list[str], said: str) -> None:
    texts = [text.replace("shop.example.com", f"{at}.example.com") for at, text in enumerate(texts)]
    assert last(run(*texts)) == said


def test_files_that_are_merged_are_one_deploy() -> None:
    sources = [read(REFUSED.encode(), "a.yml"), read(b"services: {web: {deploy: {replicas: 2}}}\n", "b.yml")]
    assert last(check_stacks([sources], make_options(env={}))) == "the stack would not deploy"


def test_findings_of_several_files_stand_under_a_line_for_each() -> None:
    shown = render_text(run(stack(URL), stack("b.example.com"), REFUSED.replace("shop.example", "c.example")))
    heads = [line for line in shown.splitlines() if line.startswith(("0.yml: ", "1.yml: ", "2.yml: "))]
    assert heads == ["0.yml: 1 error, 2 infos: would take down the proxy", "1.yml: 2 infos",
                     "2.yml: 2 errors, 2 infos: would not deploy"]  # fmt: skip
    order = [line.partition(":")[0] for line in shown.splitlines() if line[:1].isdigit() and ".yml:" in line]
    assert order == sorted(order)


def test_one_file_needs_no_line_of_its_own() -> None:
    assert render_text(run(stack(URL), GOOD.replace("shop.example.com", "b.example.com"))).count("0.yml: ") == 1
    assert "0.yml: " not in render_text(run(stack(URL)))


def test_a_hostile_cluster_reaches_no_terminal() -> None:
    texts = [stack(URL, '"\\e[2J"'), stack("b.example.com", "test"), stack(URL, "x" * 5000)]
    shown = render_text(run(*texts))
    assert "\x1b" not in shown
    assert len(shown.splitlines()[-1]) < 3000


def test_a_run_without_routes_still_says_whom_it_hits() -> None:
    result = run(stack(URL))
    assert result.checked.ingress is not None
    assert last(result._replace(checked=result.checked._replace(ingress=read_routes(())))).endswith(
        "the proxy and all routes behind it"
    )
