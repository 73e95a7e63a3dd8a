"""The page of an ingress in a real browser: what is in sight, what the search does, and that nothing leaves it."""

from __future__ import annotations

from pathlib import Path

import pytest
from chromium import DARK, listener, see
from pictures import TOWNS, of_fixture

from lblint.lint import Options, check_stacks
from lblint.report.diagram import render_picture
from lblint.source import read

pytestmark = pytest.mark.needs_chromium

STACK = """\
services:
  web:
    image: example/web:1
    networks: [front]
    deploy:
      labels:
        com.docker.lb.hosts: {0}
        com.docker.lb.port: "8080"
        com.docker.lb.network: front
networks:
  front: {{external: true}}
"""
POLICY = '<meta http-equiv="Content-Security-Policy"'


def drawn(name: str, *stacks: str) -> str:
    result = check_stacks([[read(text.encode(), f"s{at}.yml")] for at, text in enumerate(stacks)], Options())
    assert result.checked.ingress is not None
    return render_picture(name, result.checked.ingress, result)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of four stacks, one of which has an error."""
    result = of_fixture(TOWNS[0])
    assert result.checked.ingress is not None
    file = tmp_path_factory.mktemp("town") / "town.html"
    file.write_text(render_picture("html", result.checked.ingress, result))
    return file


HOSTS = [
    "calls.example.com", "chat.example.com", "https://news.example.com", "prices.example.com", "shop.example.com",
    "www.shop.example.com", "*", "plans.dev.example.com", "wiki.dev.example.com",
]  # fmt: skip


def hosts_in_sight(dom: list[tuple[str, dict[str, str | None]]], texts: list[tuple[str, str]]) -> list[str]:
    """The hosts of the tables whose rows are not hidden."""
    bodies = [attributes for name, attributes in dom if name == "tbody"]
    assert len(bodies) == len(HOSTS)
    return [host for host, body in zip(HOSTS, bodies, strict=True) if "hidden" not in body]


def test_all_hosts_are_in_the_page_and_nothing_is_complained_of(town: Path) -> None:
    seen = see(town)
    assert seen.console == []
    assert [text for _, text in seen.dom.texts if text in HOSTS and text][: len(HOSTS)] != []
    assert set(HOSTS) <= {text for _, text in seen.dom.texts}
    assert hosts_in_sight(seen.dom.elements, seen.dom.texts) == HOSTS
    (form,) = seen.dom.named("form")
    assert "hidden" not in form


def test_a_search_leaves_what_it_finds(town: Path) -> None:
    seen = see(town, fragment="#find=SHOP.example%20web")
    assert seen.console == []
    assert hosts_in_sight(seen.dom.elements, seen.dom.texts) == ["shop.example.com", "www.shop.example.com"]
    assert ("output", "2 of 9 hosts") in seen.dom.texts
    sections = [attributes for attributes in seen.dom.named("section") if attributes.get("class") == "proxy"]
    assert ["hidden" in attributes for attributes in sections] == [False, True]
    dimmed = ["dim" in (group["class"] or "").split() for group in seen.dom.named("g") if "data-b" in group]
    assert dimmed.count(False) == 1
    (finding,) = (item for item in seen.dom.named("li") if item.get("class") == "error")
    assert "hidden" in finding
    (errors,) = (part for part in seen.dom.named("details") if part.get("id") == "broken")
    assert "hidden" in errors


def test_an_anchor_opens_what_it_leads_to(town: Path) -> None:
    (rest,) = (part for part in see(town).dom.named("details") if part.get("id") == "rest")
    assert "open" not in rest
    (rest,) = (part for part in see(town, fragment="#f2").dom.named("details") if part.get("id") == "rest")
    assert "open" in rest


PROBE = """
<script>
const out = [], cut = [];
for (const text of document.querySelectorAll("svg text")) {
  const frame = text.ownerSVGElement, box = text.getBBox();
  const room = frame.classList.contains("in") ? frame.width.baseVal.value : frame.viewBox.baseVal.width;
  if (box.x >= 0 && box.x + box.width <= room) continue;
  if (getComputedStyle(frame).overflow !== "hidden") out.push(text.textContent);
  if (!/[WMw]{9}/.test(text.textContent)) cut.push(text.textContent);
}
document.body.dataset.out = JSON.stringify(out);
document.body.dataset.cut = JSON.stringify(cut);
document.body.dataset.over = document.documentElement.scrollWidth - document.documentElement.clientWidth;
document.body.dataset.paper = getComputedStyle(document.body).backgroundColor;
document.body.dataset.head = getComputedStyle(document.querySelector("thead")).position;
</script>
"""
CROWDED = STACK.format(", ".join(("x" * 80, "w" * 60 + "." + "M" * 60, "日本." * 20 + "org", "http://" + "W" * 300)))


@pytest.mark.parametrize(
    ("width", "options", "paper", "head"),
    [
        pytest.param(1280, [], "rgb(255, 255, 255)", "static", id="light"),
        pytest.param(1280, [DARK], "rgb(20, 24, 29)", "static", id="dark"),
        pytest.param(400, [], "rgb(255, 255, 255)", "absolute", id="narrow"),
    ],
)
def test_nothing_is_wider_than_its_place(tmp_path: Path, width: int, options: list[str], paper: str, head: str) -> None:
    page = drawn("html", CROWDED)
    file = tmp_path / "page.html"
    policy = page[page.index(POLICY) :].partition("\n")[0]  # it would not let the probe in
    file.write_text(page.replace(policy, "").replace("</body>", PROBE + "</body>"))
    seen = see(file, *options, width=width)
    assert seen.told("out") == "[]"
    assert seen.told("cut") == "[]"
    assert seen.told("over") == "0"
    assert (seen.told("paper"), seen.told("head")) == (paper, head)


CALLS = """\
<script>document.title="taken";new Image().src="{0}/a"</script><img src="{0}/b" onerror="document.title='taken'">\
<style>@import "{0}/c"; body {{ background: url({0}/d) }}</style><link rel="stylesheet" href="{0}/e">\
<iframe src="{0}/f"></iframe><video src="{0}/g"></video>"""


def test_a_page_with_hostile_labels_calls_nobody(tmp_path: Path) -> None:
    with listener() as caller:
        call = CALLS.format(f"http://127.0.0.1:{caller.port}")
        stack = STACK.format("'" + (f'a"]]>-->{call}').replace("'", "''") + "'").replace("front", "<b>")
        stack = stack.replace("8080", "<b>").replace("example/web:1", "<i>")
        for name in ("html", "svg"):
            file = tmp_path / f"page.{name}"
            file.write_text(drawn(name, stack))
            if name == "html":
                seen = see(file)
                assert seen.console == []
                assert any(call in text for _, text in seen.dom.texts)
                assert ("title", "taken") not in seen.dom.texts
            else:
                picture = tmp_path / "inside.html"
                picture.write_text(f"<!doctype html>{file.read_text().partition('?>')[2]}")
                assert see(picture).console == []
        assert caller.lines == 0


def test_even_what_gets_into_the_page_calls_nobody(tmp_path: Path) -> None:
    """The content security policy holds by itself; without it, the same page does call."""
    page = drawn("html", STACK.format("a.example.org"))
    policy = page[page.index(POLICY) :].partition("\n")[0]
    with listener() as caller:
        file = tmp_path / "page.html"
        taken = page.replace("<main>", "<main>" + CALLS.format(f"http://127.0.0.1:{caller.port}"))
        file.write_text(taken)
        seen = see(file)
        assert caller.requests == set()
        assert ("title", "taken") not in seen.dom.texts
        assert any("Content Security Policy" in line for line in seen.console)
        file.write_text(taken.replace(policy, ""))
        assert ("title", "taken") in see(file).dom.texts
        assert caller.requests >= {"/a", "/b", "/c", "/e", "/f"}
