"""Keys of the Compose specification that `docker stack deploy` does not accept, and what to do instead."""

from __future__ import annotations

from collections.abc import Mapping

from lblint.finding import Fault, Fix, Path, Place, of_kind
from lblint.rules import _fixes
from lblint.stack import Stack
from lblint.stack.faults import IgnoredKey, UnknownKey, WrongType

_SERVICE = {
    "annotations": "remove it, or use labels: Swarm has no annotations",
    "attach": "remove it: only `docker compose up` uses it",
    "blkio_config": "remove it: Swarm cannot limit disk input and output",
    "cpu_count": "use deploy.resources.limits.cpus instead",
    "cpu_percent": "use deploy.resources.limits.cpus instead",
    "cpu_period": "use deploy.resources.limits.cpus instead",
    "cpu_rt_period": "remove it: Swarm has no real-time scheduling",
    "cpu_rt_runtime": "remove it: Swarm has no real-time scheduling",
    "cpus": "move it to deploy.resources.limits.cpus, as a quoted string",
    "develop": "remove it: only `docker compose watch` uses it",
    "device_cgroup_rules": "remove it: Swarm services cannot use devices",
    "gpus": "use deploy.resources.reservations.generic_resources instead",
    "group_add": "remove it: Swarm cannot add groups; set user, or add the groups in the image",
    "label_file": "write the labels into the stack file",
    "mem_reservation": "move it to deploy.resources.reservations.memory",
    "mem_swappiness": "remove it: Swarm cannot set it",
    "models": "remove it: only docker compose uses it",
    "oom_kill_disable": "remove it: Swarm cannot set it",
    "pids_limit": "move it to deploy.resources.limits.pids (from version 3.9)",
    "platform": "use deploy.placement.constraints with node.platform.os or node.platform.arch",
    "post_start": "remove it, and do it in the image",
    "pre_stop": "remove it, and do it in the image",
    "profiles": "move the service to a file of its own, and add that file with a second -c",
    "provider": "remove it: only docker compose uses it",
    "pull_policy": "remove it; `docker stack deploy --resolve-image` decides when images are looked up",
    "runtime": "remove it, and set the default runtime of the daemons on the nodes",
    "scale": "move it to deploy.replicas",
    "storage_opt": "remove it: Swarm cannot set it",
    "tmpfs_size": "use a volume with type: tmpfs, and set its tmpfs.size",
    "use_api_socket": "use a bind mount of /var/run/docker.sock instead",
    "uts": "remove it: Swarm cannot set it",
}
_TOP = {
    "include": "remove it, and add the other file with a second -c",
    "models": "remove it: only docker compose uses it",
    "name": "remove it; the name of a stack is an argument: `docker stack deploy -c FILE NAME`",
}
_NETWORK = {
    "enable_ipv4": "remove it: overlay networks have IPv4",
    "enable_ipv6": "create the network with `docker network create --ipv6`, and declare it with external: true",
}
_IPAM = {
    "gateway": "remove it: Swarm assigns the gateway, and a stack sets only subnet",
    "ip_range": "remove it: a stack sets only subnet",
    "aux_addresses": "remove it: a stack sets only subnet",
    "options": "remove it: a stack sets only driver and config",
}
_PORT = {
    "app_protocol": "remove it: ports of a stack do not have it",
    "host_ip": "remove it: Swarm publishes ports on every address of every node",
    "name": "remove it: ports of a stack have no names",
}
_BUILD = "remove it: a deploy builds no images; build and push them first"
_ATTACHMENT = {
    "priority": "remove it: networks of a service have no order in Swarm",
    "gw_priority": "remove it: networks of a service have no order in Swarm",
    "mac_address": "remove it: Swarm cannot set it",
    "link_local_ips": "remove it: Swarm cannot set it",
    "interface_name": "remove it: Swarm cannot set it",
}


def instead(key: str, path: Path) -> str:
    """Return what to do about a key of docker compose at its path; "" where it is not such a key."""
    if len(path) == 1:
        return _TOP.get(key, "")
    if path[0] == "services":
        return _of_service(key, path[2:])
    if path[0] == "networks":
        return (_IPAM if "ipam" in path[2:-1] else _NETWORK).get(key, "")
    if path[0] == "secrets" and key == "environment":
        return "write the value to a file, and set file to its path"
    if path[0] == "configs" and key in ("content", "environment"):
        return "write the value to a file, and set file to its path"
    return ""


def _of_service(key: str, below: Path) -> str:
    if len(below) == 1:
        return _SERVICE.get(key, "")
    if below[0] == "build":
        return _BUILD
    if below[0] == "ports":
        return _PORT.get(key, "")
    if below[0] == "networks":
        return _ATTACHMENT.get(key, "")
    if below[0] == "deploy" and key == "devices":
        return "use generic_resources instead"
    if below[0] == "env_file":
        return "write each file as a plain string: its path"
    return ""


_FEWEST = 2
"""So many different keys of docker-compose alone make a file one for docker compose."""


def compose_keys(stack: Stack) -> Mapping[Place, tuple[str, tuple[Fix, ...]]]:
    """Return the keys that docker compose alone knows, if docker refuses the file for one and there are two or more.

    The places are those of the keys, in the order of the faults, each with what to do about it and its fixes. None
    where there are fewer: then each is a mistake of its own.
    """
    keys: dict[Place, tuple[str, tuple[Fix, ...]]] = {}
    for fault in stack.faults:
        help_and_fixes = _compose_key(fault)
        if help_and_fixes is not None:
            keys[fault.place.on_key()] = help_and_fixes
    if not keys:
        return {}
    for ignored in of_kind(stack.faults, IgnoredKey):
        service = next(
            (service for service in stack.services if ignored.place.path[:2] == ("services", service.key)), None
        )
        if ignored.key == "build" and service is not None and not service.config.get("image"):
            keys[ignored.place] = ("build and push the image before the deploy, and write `image`", ())
    return keys if len({place.path[-1] for place in keys}) >= _FEWEST else {}


def _compose_key(fault: Fault) -> tuple[str, tuple[Fix, ...]] | None:
    if isinstance(fault, UnknownKey):
        help = instead(fault.key, fault.place.path)
        return (help, ()) if help else None
    if isinstance(fault, WrongType) and fault.place.path[-1:] == ("depends_on",) and isinstance(fault.value, dict):
        fixes = _fixes.write(fault.place, list(fault.value), safe=False, title="write the names as a list")
        return "write the names of the services as a list, which docker ignores", fixes
    return None


def is_driver_option(fault: UnknownKey) -> bool:
    """Whether a key is an option of a volume's driver that is written outside of `driver_opts`."""
    path = fault.place.path
    return path[0] == "volumes" and len(path) == 3 and fault.key in ("type", "o", "device")
