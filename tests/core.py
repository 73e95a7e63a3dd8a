"""A stand-in for Interlock's core: it watches the services, renders their routes, and feeds the proxy.

Like the real one it looks at no value: what a label holds goes into nginx.conf, as a config of the proxy's service,
which is updated and joins the networks of the routes.
"""

from __future__ import annotations

import hashlib
import re
import threading
import traceback
from typing import Any

from lblint.interlock import Ingress, Route, read_routes
from lblint.interlock.networks import attached
from lblint.proxy import DEFAULT, trial
from lblint.swarm.comparison import running_beside
from lblint.swarm.connection import connect
from lblint.swarm.model import Snapshot
from lblint.swarm.snapshot import snapshot

NAME = "com.docker.interlock.proxy."
PATH = "/etc/nginx/nginx.conf"
LOAD = "load_module /usr/lib/nginx/modules/ngx_stream_module.so;\n"
_SERVER = re.compile(r"server 10\.(\d+)\.(\d+)\.(\d+):")


class Core(threading.Thread):
    """Looks every half second. A config that was rolled back is not tried again; `idle` stops it for a while."""

    def __init__(self, host: str) -> None:
        super().__init__(daemon=True)
        self.host = host
        self.ended = threading.Event()
        self.idle = False
        self.fed: tuple[str, list[str]] | None = None
        self.said = ""

    def stop(self) -> None:
        """End it; what went wrong last is printed, for the report of a test that fails."""
        print(self.said)
        self.ended.set()
        self.join(30)

    def run(self) -> None:
        swarm = connect(host=self.host)
        while not self.ended.wait(0.5):
            try:
                if self.idle:
                    continue
                self.look(swarm.client, snapshot(swarm))
            except Exception:  # somebody else was faster: at the next look
                self.said = traceback.format_exc()
        swarm.close()

    def look(self, client: Any, now: Snapshot) -> None:
        services = running_beside([], now)
        addresses = {}
        for route in read_routes(services).routes:
            found = _addresses(client, route)
            if found:
                addresses[route.service.name] = found
        routes = tuple(route for route in read_routes(services).routes if route.service.name in addresses)
        text = _SERVER.sub(
            lambda match: _address(match, [addresses[route.service.name] for route in routes]),
            LOAD + trial(Ingress((), routes), DEFAULT).text,
        )
        by_name = {network.name: network.id for network in now.networks}
        joined = {by_name[net.shown] for route in routes for net in attached(route) if net.shown in by_name}
        name = NAME + hashlib.sha256(text.encode()).hexdigest()[:12]
        meant = (name, sorted(joined | {by_name["proxies"]}))
        (proxy,) = now.proxies
        actual = (proxy.config, sorted(at.network for at in proxy.service.networks))
        under_way = proxy.service.update in ("updating", "rollback_started")
        refused = proxy.service.update.startswith("rollback") and meant == self.fed
        if meant != actual and not under_way and not refused:
            self.feed(client, text, *meant)
            self.fed = meant

    def feed(self, client: Any, text: str, name: str, networks: list[str]) -> None:
        known = {config["Spec"]["Name"]: config["ID"] for config in client.configs()}
        if name not in known:
            known[name] = client.create_config(name, text.encode())["ID"]
        proxy = client.inspect_service("ucp-interlock-proxy")
        spec = proxy["Spec"]
        task = spec["TaskTemplate"]
        task["ContainerSpec"]["Configs"] = [{
            "ConfigID": known[name], "ConfigName": name,
            "File": {"Name": PATH, "UID": "0", "GID": "0", "Mode": 0o444},
        }]  # fmt: skip
        task["Networks"] = [{"Target": network} for network in networks]
        client.update_service(
            proxy["ID"], proxy["Version"]["Index"], task_template=task, name=spec["Name"], labels=spec["Labels"],
            mode=spec["Mode"], update_config=spec["UpdateConfig"], rollback_config=spec["RollbackConfig"],
            endpoint_spec=spec["EndpointSpec"],
        )  # fmt: skip


def _addresses(client: Any, route: Route) -> list[str]:
    """The addresses of a service's tasks that run, on the networks of its route."""
    names = {network.shown for network in attached(route)}
    found = []
    for task in client.tasks(filters={"service": route.service.name, "desired-state": "running"}):
        if task["Status"]["State"] == "running":
            for at in task.get("NetworksAttachments", []):
                if at["Network"]["Spec"]["Name"] in names:
                    found += [address.partition("/")[0] for address in at["Addresses"]]
    return sorted(found)


def _address(match: re.Match[str], addresses: list[list[str]]) -> str:
    """A real address in place of a made-up one, which says the route's number and the task's."""
    high, low, number = map(int, match.groups())
    own = addresses[high << 8 | low]
    return f"server {own[(number - 1) % len(own)]}:"
