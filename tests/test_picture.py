"""Pictures of an ingress: what they show, and that no text of a stack file becomes anything but text in them."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

import flowchart
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pictures import HOSTILE, STACKS, SVG, TOWNS, Page, mapped, of_fixture, pictures, svg, texts, without_drawings

from lblint.finding import Breaks, Finding, Position, Severity
from lblint.lint import Options, Result, check_stacks, make_options
from lblint.report import PICTURES
from lblint.report.diagram import picture, render_picture
from lblint.report.diagram.html import render_html
from lblint.report.diagram.mermaid import fits, quoted, render_mermaid
from lblint.report.diagram.model import OF_STACK, WARNED, Note, Notes, Picture
from lblint.report.diagram.svg import fit, render_svg, wrap
from lblint.report.escape import columns
from lblint.source import read
from lblint.source.toml import read_toml

FEW = settings(max_examples=40, deadline=None)
EVERY = [pytest.param(path, id=path.name if path.is_dir() else path.parent.name) for path in (*STACKS, *TOWNS)]
ENDINGS = {"mermaid": "mmd", "svg": "svg", "html": "html"}


def drawn(name: str, result: Result) -> str:
    assert result.checked.ingress is not None
    return render_picture(name, result.checked.ingress, result)


def of(result: Result) -> Picture:
    assert result.checked.ingress is not None
    return picture(result.checked.ingress, result)


def body(page: str) -> str:
    """What of a page depends on the stacks."""
    return page[page.index("<body>") : page.index("<script>")] + "</body>\n"


@pytest.mark.parametrize("name", PICTURES)
@pytest.mark.parametrize("path", EVERY)
def test_fixture_gives_its_golden_picture(path: Path, name: str, update: bool) -> None:
    text = drawn(name, of_fixture(path))
    text = body(text) if name == "html" else text
    golden = (path if path.is_dir() else path.parent) / f"routes.{ENDINGS[name]}"
    if update:
        golden.write_text(text, "utf-8")
    assert text == golden.read_text("utf-8")


def check(*stacks: str, interlock: str = "") -> Picture:
    """The picture of stacks, called a.yml, b.yml …, under a config of Interlock."""
    config = read_toml(interlock.encode(), "interlock.toml") if interlock else None
    sources = [[read(text.encode(), f"{chr(97 + at)}.yml")] for at, text in enumerate(stacks)]
    return of(check_stacks(sources, make_options(interlock=config, stack_name="shop")))


STACK = """\
version: "3.8"
services:
  {0}:
    image: example/{0}:1
    networks: [front]
    deploy:
      labels:
        com.docker.lb.hosts: {1}
        com.docker.lb.port: "{2}"
        com.docker.lb.network: front
        {3}
networks:
  front: {{external: true}}
"""


def stack(service: str, hosts: str, port: str = "8080", more: str = "") -> str:
    return STACK.format(service, hosts, port, more)


DOUBTFUL = "com.docker.lb.ssl_only: 'true'"


def broken(shown: Picture) -> set[str]:
    return {backend.service for backend in shown.backends if backend.errors}


def test_an_error_breaks_its_route_and_what_it_stops() -> None:
    shown = check(
        stack("web", "a.example.org"),
        stack("api", "b.example.org", port="http"),
        stack("dev", "c.example.org", more="com.docker.lb.service_cluster: dev"),
    )
    assert broken(shown) == {"shop_api"}
    assert [(proxy.cluster, [note.finding.rule for note in proxy.notes]) for proxy in shown.proxies] == [
        ("", ["invalid-port"]), ("dev", []),
    ]  # fmt: skip
    assert shown.summary == "3 hosts, 3 services, 3 stacks; 1 service broken"


def test_a_refused_stack_breaks_all_its_routes_and_no_other() -> None:
    refused = stack("web", "a.example.org") + "volumes: 7\n"
    shown = check(refused, stack("api", "b.example.org"))
    assert broken(shown) == {"shop_web"}
    assert not any(proxy.notes for proxy in shown.proxies)


def test_a_stack_that_one_service_makes_docker_refuse_is_broken_as_a_whole() -> None:
    two = stack("web", "a.example.org").replace("networks:\n  front:", "  db: {imagee: x}\nnetworks:\n  front:")
    shown = check(two, stack("api", "b.example.org"))
    assert broken(shown) == {"shop_web"}
    assert not any(proxy.notes for proxy in shown.proxies)
    own = check(stack("web", "a.example.org").replace("image:", "imagee:"))
    assert broken(own) == {"shop_web"}
    assert not any(proxy.notes for proxy in own.proxies)


@pytest.mark.parametrize("breaks", Breaks)
def test_of_what_no_service_has_only_a_failing_deploy_breaks_routes(breaks: Breaks) -> None:
    shown = check_stacks([[read(stack("web", "a.example.org").encode(), "a.yml")]], Options())
    assert shown.checked.ingress is not None
    (route,) = shown.checked.ingress.routes
    found = Finding("a.yml", Position(1, 1, 1, 1), "r", Severity.ERROR, breaks, "m", "", "", (), None, None)
    note = Note(1, found)
    assert Notes([note]).on_route(route) == ((note,) if breaks is Breaks.DEPLOY else ())
    assert Notes([Note(1, found._replace(severity=Severity.WARNING))]).on_route(route) == ()
    assert Notes([Note(1, found._replace(service="other"))]).on_route(route) == ()


def test_of_many_errors_of_a_stack_some_are_told_at_each_route() -> None:
    wrong = "".join(f"  db{at}: {{imagee: x}}\n" for at in range(9))
    shown = check(stack("web", "a.example.org").replace("networks:\n  front:", f"{wrong}networks:\n  front:"))
    (backend,) = shown.backends
    assert len(backend.errors) == OF_STACK < sum(note.error for note in shown.notes)


def test_warnings_break_nothing() -> None:
    shown = check(stack("web", "a.example.org", more=DOUBTFUL))
    assert {str(note.finding.severity) for note in shown.notes} >= {"warning"}
    assert broken(shown) == set()
    assert shown.summary.endswith("; no route is broken, 1 with warnings")
    both = check(stack("web", "a.example.org", more=DOUBTFUL), stack("api", "b.example.org", port="http"))
    assert both.summary.endswith("; 1 service broken, 1 with warnings")


def test_warnings_are_shown_at_their_route() -> None:
    """The first few with their message, and how many more there are."""
    shown = check(stack("web", "a.example.org", more=DOUBTFUL))
    (backend,) = shown.backends
    (note,) = backend.warnings
    message = " ".join(f"▲ {note.finding.message}".split())
    assert message in " ".join(text.text or "" for text in svg(render_svg(shown)).iter(SVG + "text"))
    chart = flowchart.parse(render_mermaid(shown))
    assert chart.nodes["s1"][1] == "warned"
    assert chart.nodes[f"s1f{note.number}"][1] == "warning"
    assert not any(edge.broken for edge in chart.edges)
    assert ("a", f"▲ {note.finding.message}") in Page(render_html(shown)).texts
    many = shown._replace(proxies=tuple(
        proxy._replace(ways=tuple(way._replace(backends=(backend._replace(notes=(note,) * (WARNED + 3)),))
                                  for way in proxy.ways)) for proxy in shown.proxies))  # fmt: skip
    assert "▲ 3 more warnings" in {text.text for text in svg(render_svg(many)).iter(SVG + "text")}
    assert ("a", "▲ 3 more warnings") in Page(render_html(many)).texts


def test_warnings_of_the_config_are_shown_at_its_proxy() -> None:
    web = stack("web", "a.example.org", more="com.docker.lb.service_cluster: dev")
    shown = check(web, interlock=DEV.replace("ProxyReplicas = 2\nPublishedPort", "ProxyReplicas = 0\nPublishedPort")
                  .replace('"huge"', '"1m"'))  # fmt: skip
    assert {proxy.cluster: len(proxy.warnings) for proxy in shown.proxies} == {"dev": 1, "": 0}
    assert not any(proxy.notes for proxy in shown.proxies)
    assert "▲ 1 warning" in {text.text for text in svg(render_svg(shown)).iter(SVG + "text")}


def test_routes_come_before_the_findings() -> None:
    """Above the first route, a page names at most five errors, each in one line."""
    shown = check(*(stack(f"s{at}", f"s{at}.example.org", port="http") for at in range(24)))
    assert sum(note.error for note in shown.notes) >= 24
    page = Page(render_html(shown))
    first = next(at for at, (name, _) in enumerate(page.elements) if name == "section")
    above = [(name, attributes) for name, attributes in page.elements[:first] if name in ("li", "details")]
    assert [name for name, _ in above] == ["li"] * 5
    cards = [attributes["id"] for name, attributes in page.elements[first:] if name == "li"]
    assert cards == [f"f{note.number}" for note in shown.notes]


def test_proxies_are_those_of_the_config() -> None:
    config = '[Extensions.dev]\nServiceCluster = "dev"\nProxyServiceName = "dev-proxy"\nPublishedPort = 8081\n'
    more = "com.docker.lb.service_cluster: {}"
    shown = check(
        stack("web", "a.example.org", more=more.format("dev")),
        stack("api", "b.example.org", more=more.format("gone")),
        interlock=config,
    )
    assert [(proxy.name, proxy.cluster, len(list(proxy.backends))) for proxy in shown.proxies] == [
        ("dev-proxy", "dev", 1), ("", "gone", 1),
    ]  # fmt: skip
    assert shown.proxies[0].facts[0].startswith("ports 8081")
    assert shown.proxies[1].facts == ("no proxy serves it",)
    assert broken(shown) == {"shop_api"}


DEV = """\
[Extensions.dev]
ServiceCluster = "dev"
ServiceName = "dev"
ProxyServiceName = "dev-proxy"
ConfigServiceName = "dev-config"
ProxyReplicas = 2
PublishedPort = 8081
PublishedSSLPort = 8444
[Extensions.dev.Config]
ClientMaxBodySize = "huge"
[Extensions.b]
ProxyReplicas = 2
"""


def test_an_error_of_the_config_hits_its_proxy() -> None:
    web = stack("web", "a.example.org", more="com.docker.lb.service_cluster: dev")
    shown = check(web, interlock=DEV)
    assert {proxy.cluster: bool(proxy.notes) for proxy in shown.proxies} == {"dev": True, "": False}
    assert broken(shown) == set()
    shown = check(web, interlock=DEV.replace("ProxyReplicas = 2\n", ""))  # the core itself does not start
    assert {proxy.cluster: bool(proxy.notes) for proxy in shown.proxies} == {"dev": True, "": True}


def test_an_error_of_no_route_is_counted() -> None:
    """A service that asks for a route, but names no host, has none."""
    shown = check(stack("web", '""'), stack("api", "b.example.org"))
    assert shown.summary == "1 host, 1 service, 2 stacks; 1 error outside of them"


def test_services_that_share_a_host_stand_together() -> None:
    shown = check(
        stack("web", "m.example.org"), stack("one", "b.example.org"),
        stack("api", "m.example.org,a.example.org", more="com.docker.lb.context_root: /api"),
        stack("rest", "", more='com.docker.lb.default_backend: "true"'),
    )  # fmt: skip
    assert [backend.service for backend in shown.backends] == ["shop_api", "shop_web", "shop_one", "shop_rest"]


def test_redirects_are_told_at_their_host() -> None:
    pairs = "http://b.example.org,https://b.example.org; http://old.example.org,https://a.example.org"
    (backend,) = check(stack("web", "a.example.org,b.example.org", more=f"com.docker.lb.redirects: {pairs}")).backends
    assert {address.host: address.redirected for address in backend.addresses} == {
        "a.example.org": ("http://old.example.org → https://a.example.org",), "b.example.org": ("http → https",),
    }  # fmt: skip


def test_an_ingress_without_routes_is_a_picture_too() -> None:
    result = check_stacks([[read(b"services: {web: {image: 'example/web:1'}}\n", "a.yml")]], Options())
    assert "asks for a route" in drawn("html", result)
    assert svg(drawn("svg", result)).tag == SVG + "svg"
    assert list(flowchart.parse(drawn("mermaid", result)).nodes) == ["none"]


# Text is text.

SVG_PARTS = {"svg", "style", "title", "desc", "g", "rect", "path", "text"}
SVG_WORDS = re.compile(r"[a-z0-9 -]*")
ANYTHING_IN = {"title", "desc", "text"}


@FEW
@given(pictures())
def test_svg_has_the_elements_of_a_drawing_whatever_texts_say(shown: Picture) -> None:
    root = svg(render_svg(shown))
    for element in root.iter():
        name = element.tag.removeprefix(SVG)
        assert name in SVG_PARTS
        assert not (element.text or "").strip() or name in ANYTHING_IN | {"style"}
        for key, value in element.items():
            assert key in {"id", "class", "x", "y", "width", "height", "rx", "d", "text-anchor", "transform", "viewBox",
                           "role", "aria-roledescription", "aria-labelledby", "aria-describedby", "data-b"}  # fmt: skip
            assert re.fullmatch(r"[A-Za-z0-9 ().-]*", value)
    assert len(root.findall(f".//{SVG}g[@data-b]")) == len(list(shown.backends))
    (style,) = root.findall(f"{SVG}style")
    assert "url(" not in (style.text or "")


@FEW
@given(pictures())
def test_svg_texts_end_above_the_lower_edge_of_their_box(shown: Picture) -> None:
    assert cut_below(shown) == []


def cut_below(shown: Picture) -> list[str | None]:
    """The texts that the lower edge of their box cuts."""
    return [text.text for box in svg(render_svg(shown)).iter(SVG + "svg") if box.get("class") == "in"
            for text in box.iter(SVG + "text") if int(text.get("y", "")) > int(box.get("height", "")) - 3]  # fmt: skip


@pytest.mark.parametrize("hosts", range(1, 40))
def test_the_name_of_a_tall_proxy_is_never_cut(hosts: int) -> None:
    """It is repeated down the box, and not where its lower edge would cut it."""
    web = stack("web", ",".join(f"h{at}.example.org" for at in range(hosts)), more="com.docker.lb.service_cluster: dev")
    shown = check(web, interlock=DEV.replace('"huge"', '"1m"'))
    assert cut_below(shown) == []


@FEW
@given(pictures())
def test_svg_texts_are_as_wide_as_there_is_room(shown: Picture) -> None:
    for text in svg(render_svg(shown)).iter(SVG + "text"):
        assert columns(text.text or "") <= 170
        assert len(text.text or "") <= 340


def same_shape(shown: Picture) -> Picture:
    """The picture with plain texts that are sorted as its own are."""
    kept = {"", "*", "?"}
    plain = {text: f"t{at:03}" for at, text in enumerate(sorted(texts(shown) - kept))}
    return mapped(shown, lambda text: plain.get(text, text))  # type: ignore[no-any-return]


@FEW
@given(pictures())
def test_the_page_has_the_same_elements_whatever_texts_say(shown: Picture) -> None:
    page, plain = (Page(without_drawings(render_html(one))) for one in (shown, same_shape(shown)))
    assert page.elements == plain.elements
    assert page.comments == []


@FEW
@given(pictures())
def test_every_text_of_the_page_is_there_to_be_read(shown: Picture) -> None:
    page = render_html(shown)
    assert page.isascii()
    read_back = {data.strip() for _, data in Page(page).texts}
    for backend in shown.backends:
        for address in backend.addresses:
            if address.host.isprintable() and address.host.strip():
                assert address.host[:300].strip() in read_back


@FEW
@given(pictures())
def test_the_page_asks_for_nothing(shown: Picture) -> None:
    page = Page(render_html(shown))
    targets = {attributes["id"] for _, attributes in page.elements if "id" in attributes}
    assert len(targets) == sum("id" in attributes for _, attributes in page.elements)
    for name, attributes in page.elements:
        assert not {"src", "srcset", "style", "action", "background"} & set(attributes)
        assert not [key for key in attributes if key.startswith("on")]
        link = attributes.get("href")
        assert link is None or link == "data:," or (link.startswith("#") and link[1:] in targets), name
        for key in ("aria-labelledby", "aria-describedby"):
            assert key not in attributes or attributes[key] in targets


@FEW
@given(pictures())
def test_the_policy_allows_one_style_sheet_and_one_script(shown: Picture) -> None:
    text = render_html(shown)
    page = Page(text)
    (policy,) = (meta["content"] or "" for meta in page.named("meta") if "http-equiv" in meta)
    assert policy.startswith("default-src 'none'; ")
    for name in ("style", "script"):
        (inside,) = re.findall(f"<{name}>(.*?)</{name}>", text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        assert f"{name}-src 'sha256-{digest}'" in policy
        assert len(page.named(name)) == 1


@FEW
@given(pictures())
def test_mermaid_keeps_its_grammar_whatever_texts_say(shown: Picture) -> None:
    chart = flowchart.parse(render_mermaid(shown))
    services = [lines for name, (lines, _) in chart.nodes.items() if re.fullmatch("s[0-9]+", name)]
    assert len(services) == len(list(shown.backends))
    for backend in shown.backends:
        assert (chart.nodes[f"s{backend.number}"][1] == "broken") is bool(backend.errors)
        ((_, _, _, red),) = [edge for edge in chart.edges if edge.end == f"s{backend.number}"]
        assert red is bool(backend.errors)


@given(st.lists(st.one_of(st.sampled_from(HOSTILE), st.text()), min_size=1, max_size=3))
def test_a_mermaid_label_says_its_text(lines: list[str]) -> None:
    label = quoted(*lines)
    assert re.fullmatch(r'"(?:[A-Za-z0-9 ,/]|#[0-9]+;|<br/>)+"', label)
    assert "".join(flowchart.shown(label[1:-1])) == ("".join(lines).replace("\ufb02", "fl") or " ")


def test_many_hosts_still_make_a_chart_that_renderers_draw() -> None:
    """As they refuse more than 500 lines and 50,000 characters, hosts of one service share a node where it must be."""
    stacks = [stack(f"s{at}", ",".join(f"h{at}-{n}.example.org" for n in range(8))) for at in range(80)]
    shown = of(check_stacks([[read(text.encode(), f"{at}.yml")] for at, text in enumerate(stacks)], Options()))
    text = render_mermaid(shown)
    chart = flowchart.parse(text)
    assert fits(text)
    assert len(chart.edges) == 161
    assert any(len(lines) == 8 for lines, _ in chart.nodes.values())
    few = shown._replace(proxies=tuple(p._replace(ways=tuple(w._replace(backends=w.backends[:9]) for w in p.ways))
                                       for p in shown.proxies))  # fmt: skip
    assert len(flowchart.parse(render_mermaid(few)).edges) == 9 * 8 + 9 + 1


@example("0000" + 7 * "\u0300", 5)
@given(st.one_of(st.sampled_from(HOSTILE), st.text()), st.integers(4, 60))
def test_fit_keeps_within_its_width(text: str, width: int) -> None:
    shown = fit(text, width)
    assert columns(shown) <= width
    assert len(shown) <= 2 * width + 2
    assert shown.isprintable() or not text.isprintable()
    if text.isascii() and text.isprintable() and len(text) <= width:
        assert shown == text


@given(st.one_of(st.sampled_from(HOSTILE), st.text()), st.integers(8, 60), st.integers(1, 4))
def test_wrap_keeps_within_its_width(text: str, width: int, most: int) -> None:
    lines = wrap(text, width, most)
    assert len(lines) <= most
    assert all(columns(line) <= width for line in lines)
    if text.isascii() and text.isprintable() and len(text) <= width:
        assert " ".join(lines) == " ".join(text.split())


def test_fit_keeps_both_ends() -> None:
    assert fit("shop_production_frontend", 15) == "shop_pr…rontend"
    assert wrap("one two three four", 9, 2) == ["one two", "three fo…"]
