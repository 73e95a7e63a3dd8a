"""`lblint explain MESSAGE`: messages of docker, managers, nginx and tasks lead to their page."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lblint import rules
from lblint.cli import main
from lblint.interlock import LABELS
from lblint.interlock.config_keys import CORE, EXTENSION, NGINX
from lblint.report import message_search, word_search
from lblint.report.message_search import parse, templates
from lblint.report.topic_page import topic_ids

DAEMON = "Error response from daemon:"
RPC = f"{DAEMON} rpc error: code = InvalidArgument desc ="
MESSAGES = {
    # nginx, in the log of a proxy
    'nginx: [emerg] host not found in upstream "up-a.example.org:8080" in /etc/nginx/nginx.conf:80': "invalid-host",
    '2026/11/21 [emerg] 1#1: invalid port in upstream "10.0.0.5:http" in /etc/nginx/nginx.conf:120': "invalid-port",
    "[emerg] no servers are inside upstream in /etc/nginx/nginx.conf:55": "no-tasks-to-route-to",
    "could not build server_names_hash, you should increase server_names_hash_bucket_size: 64": "host-too-long",
    "nginx: [emerg] could not build map_hash, you should increase map_hash_bucket_size: 64": "host-too-long",
    "nginx: [emerg] a duplicate default server for 0.0.0.0:8080": "second-default-backend",
    'nginx: [emerg] duplicate upstream "up-blog.example.org"': "host-in-two-cases",
    'no "ssl_certificate_key" is defined for the "ssl" directive': "label-needs-another",
    'ngx_slab_alloc() failed: no memory in upstream zone "up-x"': "too-many-servers",
    'invalid parameter "max_fails=often"': "invalid-fail-limit",
    'ucp-interlock-proxy.1.x9f3@node4    | nginx: [emerg] invalid number of arguments in "upstream" directive in '
    "/etc/nginx/nginx.conf:77": "invalid-host",
    'nginx: [emerg] invalid number of arguments in "ssl_certificate" directive': "invalid-tls-secret",
    'nginx: [emerg] invalid location modifier "/admin" in /etc/nginx/nginx.conf:99': "invalid-path",
    '[emerg] 7#7: pcre2_compile() failed: missing closing parenthesis in "^/shop(v/(.*)" at "" in /x:3': "invalid-path",
    "2026/11/30 08:15:01 [error] 31#31: *1204 connect() failed (111: Connection refused) while connecting to upstream"
    ', client: 10.255.0.2, server: shop.acme.example, request: "GET / HTTP/1.1"': "outage",
    "2026/11/30 08:15:01 [error] 31#31: *9 upstream timed out (110: Connection timed out) while connecting to upstream"
    ", client: 10.255.0.3": "outage",
    "2026/11/30 08:15:01 [error] 31#31: *77 no live upstreams while connecting to upstream, client: 10.0.0.9": "outage",
    "[error] 8#8: *5 upstream prematurely closed connection while reading response header from upstream": "outage",
    "[error] 8#8: *5 client intended to send too large body: 73400320 bytes": "outage",
    "nginx: [emerg] bind() to 0.0.0.0:443 failed (98: Address already in use)": "outage",
    'nginx: [warn] conflicting server name "shop.acme.example" on 0.0.0.0:80, ignored': "outage",
    'nginx: [emerg] cannot load certificate "/run/secrets/acme.cert": BIO_new_file() failed (SSL: error:02001002)':
        "outage",
    'nginx: [emerg] SSL_CTX_use_PrivateKey("/run/secrets/acme.key") failed (SSL: error:0B080074:x509 certificate '
    "routines:X509_check_private_key:key values mismatch)": "outage",
    # the client
    'service web: undefined network "backend"': "undeclared-network",
    'service api: undefined secret "db_password"': "undeclared-secret",
    'service api: undefined volume "pgdata"': "undeclared-volume",
    'network "dmz" is declared as external, but could not be found. You need to create a swarm-scoped network before '
    "the stack is deployed": "external-network-missing",
    'network "br0" is declared as external, but it is not in the right scope: "local" instead of "swarm"':
        "external-network-local",
    "service api: secret not found: acme_tls_2026": "external-file-missing",
    "service api: config not found: acme-nginx-conf": "external-file-missing",
    "services.blog Additional property profiles is not allowed": "unknown-key",
    "(root) Additional property servces is not allowed": "unknown-key",
    "Ignoring unsupported options: network_mode, restart": "ignored-key",
    "unsupported Compose file version: 2.4": "version-unsupported",
    "labels.com.docker.lb.ip_hash must be a string, number or null": "wrong-type",
    'yaml: unmarshal errors:\n  line 41: mapping key "environment" already defined at line 12': "duplicate-key",
    "yaml: line 3: found a tab character that violates indentation": "tab-indent",
    "yaml: line 18: mapping values are not allowed in this context": "yaml-syntax",
    'invalid interpolation format for services.api.environment.PW: "a$1b"; you may need to escape any $ with another $':
        "invalid-interpolation",
    "invalid image reference for service api: invalid reference format": "invalid-image",
    "invalid reference format": "invalid-image",
    "version mismatched between two composefiles : 3.8 and 3.7": "version-mismatch",
    "open /builds/acme/shop/api.env: no such file or directory": "env-file-unreadable",
    "services.api.healthcheck.interval Does not match format 'duration'": "value-refused",
    # managers
    "network blog_default has active endpoints": "networks",
    f"failed to create service blog_web: {DAEMON} network blog_default not found": "network-half-removed",
    f"{DAEMON} network acme_front is ambiguous (2 matches found on name)": "network-name-taken",
    f"failed to create network acme_front: {DAEMON} network with name acme_front already exists": "network-name-taken",
    f"failed to update service acme_web: {DAEMON} rpc error: code = Unknown desc = update out of sequence": "outage",
    f"failed to update config acme_conf: {RPC} only updates to Labels are allowed": "config-content-changed",
    f"failed to create service acme_web: {RPC} port '8443' is already in use by service 'blog_web' (x9f3) as an ingress"
    " port": "port-taken-by-service",
    f"{RPC} EndpointSpec: port published with ingress mode can't be used with dnsrr mode": "ingress-port-with-dnsrr",
    "rpc error: code = Unimplemented desc = service mode change is not allowed": "service-mode-changed",
    f"{RPC} ContainerSpec: duplicate mount point: /var/lib/data": "mount-target-twice",
    f"failed to create service acme_shop.web: {RPC} name must be valid as a DNS name component": "service-name-invalid",
    f'{RPC} invalid RestartCondition: "always"': "restart-condition-unknown",
    f"{RPC} invalid memory value 1048576: Must be at least 4MiB": "resources-below-minimum",
    "update paused due to failure or early termination of task x9f3k": "outage",
    '"No such image: acme/web:1.4@sha256:0a"': "outage",
    "task: non-zero exit (137)": "outage",
    # tasks, and the logs of nodes
    "failed to allocate network IP for task k2j3h": "networks",
    'dockerd[812]: time="2026-11-30T10:00:00Z" level=error msg="Failed allocation for service y2gu" error="could not '
    'find an available IP while allocating VIP" module=node': "subnet-too-small",
    '"invalid mount config for type "bind": bind source path does not exist: /srv/acme/conf"':
        "relative-bind-on-every-node",
    "starting container failed: OCI runtime create failed: sethostname: invalid argument: unknown": "hostname-too-long",
    "Pool overlaps with other one on this address space": "subnet-taken",
    "no suitable node (insufficient resources on 3 nodes)": "reservation-no-node-has",
    "invalid mount target, must be an absolute path: data": "mount-target-relative",
    "no suitable node (host-mode port already in use on 3 nodes)": "host-port-without-node",
}  # fmt: skip

UNRELATED = (
    "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock",
    "write /var/lib/docker/tmp/GetImageBlob: no space left on device",
    "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
    "pull access denied for acme/shop, repository does not exist or may require 'docker login'",
    "manifest for acme/shop:1 not found: manifest unknown",
    "net/http: TLS handshake timeout",
    "ModuleNotFoundError: No module named 'yaml'",
    "fatal: not a git repository (or any of the parent directories): .git",
    "npm ERR! code ELIFECYCLE",
    "toomanyrequests: You have reached your pull rate limit",
    'psql: FATAL: password authentication failed for user "acme"',
    "x509: certificate signed by unknown authority",
    "java.lang.OutOfMemoryError: Java heap space",
    "Error: No such container: acme_web",
    "failed to create service acme_web: Error response from daemon: context deadline exceeded",
    "it is not allowed to park here",
    "Error: ENOENT: no such file or directory, open 'package.json'",
    "The service is not available",
    "psql: could not connect to server: Connection refused",
    "Permission denied (publickey)",
    "error: RPC failed; HTTP 413 curl 22 The requested URL returned error: 413",
    'kubectl: error: the server doesn\'t have a resource type "pod"',
)
WORDS = {
    "proxy flapping": "outage",
    "outage": "outage",
    "502": "outage",
    "new route does not appear": "outage",
    "docker stack rm hangs": "outage",
    "hosts answer 503 after the upgrade to UCP 3": "hrm",
    "redirect loops": "redirect-loop",
    "sticky session": "invalid-cookie",
    "slow deploys": "networks",
    "host too long": "host-too-long",
    "network_mode": "host-mode",
    "container_name": "ignored-key",
    "depends_on": "dropped-key",
    "server_names_hash": "host-too-long",
}


def first(words: str, capsys: pytest.CaptureFixture[str]) -> str:
    """The page that `lblint explain` names first."""
    assert main(["explain", words]) == 0
    return capsys.readouterr().out.partition(" (")[0]


@pytest.mark.parametrize(("message", "page"), MESSAGES.items())
def test_a_message_leads_to_its_page(message: str, page: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert first(message, capsys) == page


def test_the_table_has_enough_messages() -> None:
    assert len(MESSAGES) >= 60
    assert set(MESSAGES.values()) <= {*rules.load(), *topic_ids()}


@pytest.mark.parametrize("message", UNRELATED)
def test_no_page_explains_a_message_of_something_else(message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", message]) == 2
    assert "no page explains this" in capsys.readouterr().err


@pytest.mark.parametrize(("words", "page"), WORDS.items())
def test_a_few_words_lead_to_a_page(words: str, page: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", words]) == 0
    assert capsys.readouterr().out.lower().startswith((f"{page} (", page))


@pytest.mark.parametrize(("words", "title"), [
    ("host mode", "HOST MODE"), ("Host-Mode", "HOST MODE"), ("service cluster", "SERVICE CLUSTERS"),
    ("service_clusters", "SERVICE CLUSTERS"), ("undeclared network", "undeclared-network (error"),
])  # fmt: skip
def test_a_name_may_be_written_with_spaces(words: str, title: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", words]) == 0
    assert capsys.readouterr().out.startswith(title)


def test_labels_have_a_page(capsys: pytest.CaptureFixture[str]) -> None:
    for name, spec in LABELS.items():
        assert main(["explain", spec.key]) == 0
        page = capsys.readouterr().out
        assert page.startswith(f"{spec.key}\n")
        assert main(["explain", name]) == 0
        assert capsys.readouterr().out == page


def test_keys_of_the_config_have_a_page(capsys: pytest.CaptureFixture[str]) -> None:
    for known in (CORE, EXTENSION, NGINX):
        for key in known.values():
            assert main(["explain", key.name]) == 0
            page = capsys.readouterr().out
            assert page.startswith(f"{key.name}\n")
            assert key.kind in page
    assert main(["explain", "publishmode"]) == 0
    assert "\n  default:  ingress\n" in capsys.readouterr().out


def test_what_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "network", "shop_default", "has", "active", "endpoints"]) == 0
    head, quoted, *_, last = capsys.readouterr().out.splitlines()
    assert head.startswith("networks (topic): Which networks the proxy joins")
    assert quoted == "  has active endpoints"
    assert last == "Read one with: lblint explain networks"


def test_a_message_may_have_several_lines(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "network\nshop_default has\r\n active endpoints"]) == 0
    assert capsys.readouterr().out.startswith("networks ")
    assert main(["explain", " networks\n"]) == 0
    assert main(["explain", "x" * 100_000]) == 2
    assert len(capsys.readouterr().err) < 200


def test_a_message_is_found_in_a_log(capsys: pytest.CaptureFixture[str]) -> None:
    log = "\n".join(f"10.0.0.{n} - - GET /cart HTTP/1.1 200" for n in range(40))
    log = f"{log}\nnginx: [emerg] no servers are inside upstream in /x:1\n{log}"
    assert first(log, capsys) == "no-tasks-to-route-to"


def test_nothing_is_found_where_nothing_is_known(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "qqq", "zzz"]) == 2
    assert "no page explains this" in capsys.readouterr().err
    assert main(["explain", " "]) == 2


def test_names_in_a_template_are_open() -> None:
    words = [(token.word, token.optional) for token in parse('service a: undefined network "back"')]
    assert words == [("undefined", False), ("network", False), ("back", True)]
    words = [token.word for token in parse("docker: services.web.x Additional property y is not allowed")
             if not token.optional]  # fmt: skip
    assert words == ["additional", "property", "is", "not", "allowed"]


def test_every_template_is_found_by_its_own_text() -> None:
    lost = []
    for template in templates():
        words = [token for token in template.tokens if not token.optional]
        found = message_search.search(template.text, most=99)
        if len(words) > 2 and template.page not in [one.id for one in found]:
            lost.append((template.page, template.text))
    assert lost == []


@settings(deadline=None, max_examples=25)
@given(st.text(max_size=300))
def test_any_text_finds_pages_that_exist(text: str) -> None:
    known = {*rules.load(), *topic_ids()}
    for found in (*message_search.search(text), *word_search.search(text)):
        assert found.id in known
        assert found.score > 0
