"""The trial read back: words, crossplane, the comparison, and limits that need no nginx to be seen."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nginx import kinds
from proxy_cases import CASES
from routes import ingress, place, route

from lblint.finding import Place, of_kind
from lblint.interlock.routes import Route
from lblint.interlock.running_proxy import Running, Served
from lblint.interlock.version import parse_version
from lblint.parallel import map_items
from lblint.proxy import DEFAULT, Line, capacity, readback, server_names, start_refusals, trial
from lblint.proxy.crossplane_reader import origin, parse
from lblint.proxy.directive import Directive, lines, user
from lblint.proxy.faults import ConfigLarge, ConfigTooLarge
from lblint.proxy.readback import Difference, differences
from lblint.proxy.template import meant

READ = [
    pytest.param("a.example.org", True, id="host"),
    pytest.param("/a/b?c=1&d#e", True, id="path"),
    pytest.param("$x", True, id="variable"),
    pytest.param("a'b\"c", True, id="quotes-inside"),
    pytest.param("a\\.b", True, id="backslash-that-stays"),
    pytest.param("bücher", True, id="non-ascii"),
    pytest.param("", False, id="empty"),
    pytest.param(" a", False, id="space"),
    pytest.param("a\tb", False, id="tab"),
    pytest.param("a\nb", False, id="line-break"),
    pytest.param("a\rb", False, id="carriage-return"),
    pytest.param("a\x00b", False, id="nul"),
    pytest.param("a\x0bb", False, id="vertical-tab"),
    pytest.param("a\x85b", False, id="next-line"),
    pytest.param("a\u00a0b", False, id="no-break-space"),
    pytest.param("a\u2028b", False, id="line-separator"),
    pytest.param("a\ud800b", False, id="surrogate"),
    pytest.param("a;b", False, id="semicolon"),
    pytest.param("a{b", False, id="brace"),
    pytest.param("${a}", False, id="brace-of-a-variable"),
    pytest.param("a}b", False, id="closing-brace"),
    pytest.param("#a", False, id="comment"),
    pytest.param("'a'", False, id="single-quotes"),
    pytest.param('"a"', False, id="double-quotes"),
    pytest.param("a\\tb", False, id="backslash-t"),
    pytest.param("a\\\\b", False, id="two-backslashes"),
    pytest.param('a\\"b', False, id="backslash-quote"),
    pytest.param("a\\", False, id="backslash-at-the-end"),
    pytest.param("a\\;b", False, id="backslash-semicolon"),
]


@pytest.mark.parametrize(("text", "good"), READ)
def test_which_texts_read_as_themselves(text: str, good: bool) -> None:
    assert readback.reads_as_itself(text) is good


@pytest.mark.parametrize(
    ("text", "odd"),
    [
        pytest.param("", "", id="empty"),
        pytest.param("'a'", "'", id="quote"),
        pytest.param("a b;", " ", id="the-first"),
        pytest.param("up-a\\t", "\\", id="backslash"),
        pytest.param("é\ud800 b", "\ud800", id="first-surrogate"),
        pytest.param("a\udfff b", "\udfff", id="last-surrogate"),
        pytest.param("é\uffff b", " ", id="no-surrogate"),
    ],
)
def test_what_is_odd_about_a_text(text: str, odd: str) -> None:
    assert readback.odd_part(text) == odd


def tree(value: str) -> list[Directive]:
    label = place("web", "hosts")
    name = Directive("server_name", (user(value, label),), None, label)
    after = Directive("return", ("503",))
    return [Directive("events", (), ()), Directive("http", (), (Directive("server", (), (name, after)),))]


def found(value: str) -> list[Difference]:
    wanted = tree(value)
    return list(differences(wanted, parse(list(lines(wanted))).tree))


def test_equal_trees_have_no_difference() -> None:
    assert found("a.example.org") == []


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("a.org b.org", id="a-second-word"),
        pytest.param("a.org; listen 81", id="a-second-directive"),
        pytest.param("a.org;} server { server_name b.org", id="a-second-block"),
        pytest.param("a.org\n", id="a-line-break"),
        pytest.param("a.org {}", id="a-block"),
        pytest.param("'a.org'", id="quotes"),
        pytest.param("a.org #", id="a-comment"),
        pytest.param("a.org;", id="a-semicolon"),
        pytest.param("", id="nothing"),
    ],
)
def test_an_injection_is_a_difference_at_its_label(value: str) -> None:
    assert found(value)[0].place == place("web", "hosts")


def test_what_follows_a_difference_in_its_block_is_not_told() -> None:
    assert len(found("a.org; listen 81")) == 1


def test_the_word_that_is_odd_is_told_and_nothing_else() -> None:
    tried = trial(ingress(route(hosts="a.example.org;} server { listen 81"), route("b", hosts="b.org")))
    (fault,) = tried.faults
    assert type(fault).__name__ == "BrokenWord"
    assert fault.place == place("web", "hosts")._replace(chars=(0, 0))
    assert (fault.value, fault.odd, fault.directive) == ("a.example.org;} server { listen 81", ";", "upstream")


@pytest.fixture
def bold(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the check of single words: crossplane and the comparison stand alone."""
    monkeypatch.setattr(readback, "misread_values", lambda _: iter(()))


@pytest.mark.usefixtures("bold")
@pytest.mark.parametrize(
    ("label", "value", "kind"),
    [
        pytest.param("port", "80; server 10.9.9.9:1", "BrokenTree", id="a-second-server"),
        pytest.param("port", "80 backup", "BrokenTree", id="an-option"),
        pytest.param("context_root", "/a {} location /b", "BrokenTree", id="a-second-location"),
        pytest.param("hosts", "a.org;} server { listen 81", "BrokenSyntax", id="balanced-in-one-place"),
        pytest.param("hosts", "a.org b.org", "BrokenSyntax", id="two-words"),
        pytest.param("hosts", "a.org;", "BrokenSyntax", id="semicolon"),
        pytest.param("hosts", "a{", "BrokenSyntax", id="open"),
        pytest.param("hosts", "a}", "BrokenSyntax", id="close"),
        pytest.param("hosts", "'a", "BrokenSyntax", id="quote"),
    ],
)
def test_the_comparison_finds_what_the_words_would_have(label: str, value: str, kind: str) -> None:
    tried = trial(ingress(route(**{"hosts": "a.org", label: value}), route("b", hosts="b.org")))
    assert type(tried.faults[0]).__name__ == kind
    assert tried.faults[0].place.path == place("web", label).path


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("a.org", "b.org"),
        ("a'", "b'"),
        ("a{", "b}"),
        ("a}", "b{"),
        ("a;", "b"),
        ("a #", "b"),
        ('"a', 'b"'),
        ("a", "b\\"),
    ],
)
@pytest.mark.usefixtures("bold")
def test_in_parts_it_is_found_as_at_once(first: str, last: str, monkeypatch: pytest.MonkeyPatch) -> None:
    between = [route(f"s{number}", hosts=f"h{number}.org") for number in range(30)]
    routes = ingress(route("first", hosts=first), *between, route("last", hosts=last))
    whole = trial(routes)
    sound = []
    monkeypatch.setattr(readback, "LARGE", 1)
    monkeypatch.setattr(readback, "processors", lambda: 3)
    monkeypatch.setattr(readback, "map_items", lambda *of, **how: sound.extend(map_items(*of, **how)) or sound)
    assert trial(routes).faults == whole.faults
    assert len(sound) == 12
    assert all(sound) == (whole.faults == ())
    assert (first == "a.org") <= all(sound)


def test_the_parts_are_the_whole() -> None:
    tree = meant(ingress(*[route(f"s{number}", hosts=f"h{number}.org") for number in range(30)]).routes)
    for count in (1, 2, 7, 12, 1000):
        rest, *others = readback.parts(tree, count)
        (http,) = [directive for directive in tree if directive.name == "http"]
        assert [block for (part,) in others for block in part.block or ()] == list(http.block or ())
        assert [directive for directive in rest if directive.name != "http"] == [d for d in tree if d is not http]
        assert len(others) <= max(1, count - 1)


PIECES = st.sampled_from(["a", "b", ";", "{", "}", "'", '"', "#", " ", "\\", "listen 81", "$x", "="])


@given(st.lists(st.lists(PIECES, max_size=5).map("".join), min_size=1, max_size=4))
def test_what_is_parsed_once_is_as_sound_as_all_of_it(hosts: list[str]) -> None:
    """Values without the check of single words, several times the same."""
    tree = meant(ingress(*[route(f"s{at}", hosts=host or "x") for at, host in enumerate([*hosts, *hosts])]).routes)
    shorter = readback.distinct(tree)
    whole, once = (parse(lines(of)) for of in (tree, shorter))
    sound = not whole.errors and next(readback.differences(tree, whole.tree), None) is None
    assert sound == (not once.errors and next(readback.differences(shorter, once.tree), None) is None)


def test_each_line_of_the_template_is_parsed_once() -> None:
    tree = meant(ingress(*[route(f"s{number}", hosts=f"h{number}.org") for number in range(50)]).routes)
    texts = [line.text.strip() for line in lines(readback.distinct(tree))]
    assert texts.count("stub_status on;") == 1
    names = [text for text in texts if text.startswith("server_name h")]
    assert sorted(names) == sorted(f"server_name h{number}.org;" for number in range(50))
    size, whole = (sum(len(line.text.strip()) for line in lines(of)) for of in (readback.distinct(tree), tree))
    assert size < whole * 0.75


@pytest.mark.usefixtures("bold")
def test_braces_too_deep_for_crossplane() -> None:
    assert kinds(trial(ingress(route(hosts="{" * 5000))).faults)[0] == "BrokenSyntax"


def test_a_line_of_crossplane_leads_back_to_the_label() -> None:
    one, two = Place("one.yml"), Place("two.yml")
    text = [Line("a", None), Line("b\nc", one), Line("d", two)]
    assert [origin(text, number) for number in (1, 2, 3, 4, 5)] == [None, one, one, two, None]


OPENED: list[str] = []


def test_no_include_is_opened(tmp_path: Path) -> None:
    if not OPENED:
        sys.addaudithook(lambda event, args: OPENED.append(str(args[0])) if event == "open" else None)
    bait = tmp_path / "bait.conf"
    bait.write_text("worker_processes 1;")
    parse([])
    OPENED.clear()
    parsed = parse([Line(f"include {bait};", None), Line(f"include {tmp_path}/*.conf;", None)])
    assert parsed.errors == ()
    assert OPENED
    assert not [name for name in OPENED if "bait" in name]


def test_a_temporary_folder_where_there_is_no_memory_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delattr("os.memfd_create", raising=False)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert trial(ingress(*CASES["tls"])).faults == ()
    assert list(tmp_path.iterdir()) == []


def test_letters_beyond_ascii_keep_their_case() -> None:
    """nginx compares bytes; ngx_tolower knows those of ASCII alone."""
    assert server_names.lower("Shop.É.ORG") == "shop.É.org"
    assert server_names.keys("É.org") != server_names.keys("é.org")
    assert kinds(trial(ingress(route(hosts="É.org"), route("b", hosts="é.org"))).faults) == []


def test_the_largest_bucket_sizes() -> None:
    assert [server_names.longest(bucket) for bucket in (64, 128, 256)] == [46, 110, 238]
    assert server_names.bucket_for(["a" * 110]) == 128
    assert server_names.bucket_for(["a" * 111]) == 256


@pytest.mark.parametrize(
    ("name", "good"),
    [
        pytest.param("a.org", True, id="plain"),
        pytest.param("*.a.org", True, id="star-first"),
        pytest.param("a.*", True, id="star-last"),
        pytest.param(".a.org", True, id="dot-first"),
        pytest.param("a.org.", True, id="dot-last"),
        pytest.param("_", True, id="underscore"),
        pytest.param("*", False, id="star"),
        pytest.param("*.", False, id="star-dot"),
        pytest.param("a.*.b", False, id="star-in-the-middle"),
        pytest.param("*.*", False, id="two-stars"),
        pytest.param("a..b", False, id="two-dots"),
        pytest.param(".", False, id="dot"),
        pytest.param("", False, id="empty"),
    ],
)
def test_which_names_nginx_takes(name: str, good: bool) -> None:
    assert server_names.valid(name) is good


@pytest.mark.parametrize(
    ("pattern", "good"),
    [
        pytest.param(r"^/app/(.*)", True, id="rewrite"),
        pytest.param(r"^/a\.b/(.*)", True, id="escape"),
        pytest.param(r"^(www|api)[0-9]+\.a$", True, id="group"),
        pytest.param(r"(", False, id="open"),
        pytest.param(r"[", False, id="bracket"),
        pytest.param(r"*", False, id="nothing-to-repeat"),
        pytest.param(r"(?<n>a)", False, id="undecided-named"),
        pytest.param(r"a{2}", False, id="undecided-count"),
        pytest.param(r"\Q", False, id="undecided-escape"),
        pytest.param(r"[[:foo:]]", False, id="undecided-class"),
        pytest.param(r"^a[.]b[.]c$", True, id="set-of-a-dot"),
        pytest.param(r"[.a.]", False, id="undecided-collating"),
        pytest.param("(" * 300 + ")" * 300, False, id="too-deep"),
        pytest.param("a" * 3000, False, id="too-long"),
    ],
)
def test_which_patterns_surely_compile(pattern: str, good: bool) -> None:
    assert server_names.compiles(pattern) is good


def test_an_undecided_pattern_is_no_error() -> None:
    assert kinds(server_names.faults("(?<n>a)", Place(""))) == ["UndecidedRegex"]
    assert kinds(server_names.faults("(", Place(""))) == ["InvalidRegex"]
    assert kinds(server_names.faults("(" * 20, Place(""))) == ["InvalidRegex"]
    assert kinds(server_names.faults("(" * 21, Place(""))) == ["UndecidedRegex"], "too deep to be tried"


def test_a_billion_replicas_are_counted_and_not_written() -> None:
    tried = trial(ingress(route(hosts="a.example.org", targets=10**9)))
    (fault,) = tried.faults
    assert (fault.servers, fault.fit, fault.kilobytes, fault.length) == (10**9, 64, 64, 15)
    assert len(tried.lines) < 300


def test_a_config_too_large_to_be_tried() -> None:
    made = route(hosts=[f"h{i}" for i in range(5000)], websocket_endpoints=[f"/w{i}" for i in range(5000)])
    tried = trial(ingress(made))
    assert kinds(tried.faults) == ["UndecidedSize"]
    assert tried.lines == ()


def test_many_hosts_of_a_service_with_many_targets() -> None:
    made = route(hosts=[f"h{i}.org" for i in range(500)], targets=56)
    tried = trial(ingress(made))
    assert kinds(tried.faults) == []
    assert sum("server 10." in line.text for line in tried.lines) == 1000


def test_the_pages_of_a_zone() -> None:
    assert [capacity.pages(kilobytes) for kilobytes in (32, 64, 128, 1024)] == [7, 15, 31, 254]


def test_the_other_place_is_named() -> None:
    tried = trial(ingress(route("a", hosts="a.org"), route("b", hosts="A.org")))
    (fault,) = tried.faults
    assert fault.place == place("a", "hosts")._replace(chars=(0, 0))
    assert fault.other == place("b", "hosts")._replace(chars=(0, 0))


@pytest.mark.parametrize("path", ["= /x", "=/x", "~/x", "^~/x", "@x"])
def test_a_location_with_a_modifier_is_not_decided(path: str) -> None:
    assert kinds(trial(ingress(route(hosts="a.org", context_root=path))).faults) == ["UndecidedLocation"]


def test_each_fault_is_told_once_for_its_label() -> None:
    made = route(hosts="a.org,b.org,c.org", port="0", targets=5, max_fails="x")
    assert kinds(trial(ingress(made)).faults) == ["InvalidPort", "InvalidMaxFails"]


def test_faults_of_another_cluster_stay_there() -> None:
    a, b = route("a", hosts="a.org"), route("b", hosts="A.org", cluster="dev")
    assert trial(ingress(a, b)).faults == ()


def test_the_size_of_a_config_is_that_of_its_text() -> None:
    """Byte for byte, with all that a route can have in it."""
    routes = (
        route("a", hosts="a.org,café.org", websocket_endpoints="/ws,/live", targets=3, max_fails="2", port="8080"),
        route("b", hosts="b.org", ssl_cert="c", ssl_key="k", context_root="/b", context_root_rewrite=True),
        route("c", hosts="c.org", ssl_passthrough=True, redirects=[("http://c.org", "https://c.org")]),
        route("d", default_backend=True, sticky_session_cookie="sid"),
    )
    settings = DEFAULT._replace(http_options=("gzip on", "map $host $x { default 1; }"))
    tried = trial(ingress(*routes), settings)
    ((_, tree),) = tried.trees
    sizes: Counter[int | None] = Counter()
    capacity.measure(tree, 0, None, {("stack.yml", one.service.key): at for at, one in enumerate(routes)}, sizes)
    assert sum(sizes.values()) == len(tried.text.encode())
    assert all(sizes[at] > 200 for at in range(len(routes)))
    alone = len(trial(ingress(*routes[:3]), settings).text) - len(trial(ingress(*routes[:2]), settings).text)
    assert sizes[2] == alone


def test_tasks_that_share_a_line_count_each() -> None:
    """Only some servers of an upstream are written out; the others have lines in the proxy's config all the same."""
    settings = DEFAULT._replace(upstream_zone_size=1_000_000)
    few, many = (trial(ingress(route(hosts="a.org", targets=n)), settings) for n in (100, 100_000))
    assert few.text == many.text
    (fault,) = of_kind(many.faults, ConfigTooLarge)
    assert fault.limit == 1024000
    assert 100_000 * 20 < fault.size < 100_000 * 50


WIDE = {"hosts": [f"h{n}.org" for n in range(100)], "websocket_endpoints": [f"/ws{n}" for n in range(20)]}
"""Labels of a service that takes more than half of a config."""


def size_faults(
    *routes: Route, running: Sequence[Running] = (), version: str = ""
) -> list[ConfigTooLarge | ConfigLarge]:
    made = ingress(*routes)._replace(running=tuple(running), version=parse_version(version))
    return [fault for fault in trial(made).faults if isinstance(fault, ConfigTooLarge | ConfigLarge)]


def test_the_service_that_adds_most_comes_first() -> None:
    small, large = route("small", hosts="s0.org,s1.org"), route("large", **WIDE)
    (fault,) = size_faults(small, large)
    assert type(fault).__name__ == "ConfigLarge"
    assert fault.place.path[1] == "large"
    services = fault.services
    assert [place.path[1] for place, _ in services] == ["large", "small"]
    assert sum(size for _, size in services) < fault.size


def test_engines_of_ucp_take_half_as_much() -> None:
    assert [type(fault).__name__ for fault in size_faults(route(**WIDE), version="3.2.3")] == ["ConfigTooLarge"]
    assert [type(fault).__name__ for fault in size_faults(route(**WIDE), version="3.4.1")] == ["ConfigLarge"]


def test_a_config_that_runs_counts_with_its_own_size() -> None:
    """And of the run only what is not served yet."""
    served = {"a.org": Served("a.org", 1)}
    large = Running("nginx.conf", served, size=1_023_900)
    (fault,) = size_faults(route(hosts="a.org,b.org"), running=[large])
    assert type(fault).__name__ == "ConfigTooLarge"
    assert 1_023_900 < fault.size < 1_024_400
    assert size_faults(route(hosts="A.org"), running=[large]) == []
    assert size_faults(route(hosts="b.org"), running=[large._replace(cluster="other")]) == []
    assert size_faults(route(hosts="b.org"), running=[large._replace(size=400_000)]) == []


@pytest.mark.parametrize("label", ["hosts", "port", "context_root", "ssl_key", "max_fails", "fail_timeout"])
@pytest.mark.parametrize(
    "text", ["", "\x00", "\ud800", "{" * 3000, "}" * 3000, "'" * 99, "\\", "a" * 10**6, "é" * 5000]
)
def test_nothing_raises(label: str, text: str) -> None:
    labels: dict[str, Any] = {"hosts": "a.org", "ssl_cert": "cert", "ssl_key": "key", label: text}
    assert trial(ingress(route(**labels), *CASES["hosts"])).faults


def test_limits_alone_on_a_sound_tree() -> None:
    assert list(start_refusals.faults(meant(CASES["tls"]), DEFAULT)) == []


@pytest.mark.parametrize("own_check", [True, False])
def test_what_was_read_back_before_hides_nothing(own_check: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is sound is read once, what is not each time, and what is new among what is known is seen."""
    if not own_check:
        monkeypatch.setattr(readback, "misread_values", lambda _: iter(()))
    before = readback.ReadBack()
    sound = [route(str(at), hosts=f"h{at}.org") for at in range(3)]
    broken = route("bad", hosts="bad.org", context_root="/x }")
    assert trial(ingress(*sound), before=before).faults == ()
    known = set(before.keys)
    assert known
    for _ in range(2):
        assert trial(ingress(*sound, broken), before=before).faults == trial(ingress(*sound, broken)).faults != ()
        assert before.keys == known
    assert trial(ingress(*sound, route("new", hosts="new.org")), before=before).faults == ()
    assert before.keys > known
