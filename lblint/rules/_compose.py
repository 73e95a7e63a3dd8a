"""Keys of the Compose specification that `docker stack deploy` never accepted, and what to do instead."""

from __future__ import annotations

from lblint.finding import Path

_SERVICE = {
    "annotations": "nothing: Swarm has no annotations; labels are the nearest",
    "attach": "nothing: it is for `docker compose up`",
    "blkio_config": "nothing: Swarm cannot limit disk input and output",
    "cpu_count": "deploy.resources.limits.cpus",
    "cpu_percent": "deploy.resources.limits.cpus",
    "cpu_period": "deploy.resources.limits.cpus",
    "cpu_rt_period": "nothing: Swarm has no real-time scheduling",
    "cpu_rt_runtime": "nothing: Swarm has no real-time scheduling",
    "cpus": "deploy.resources.limits.cpus, as text in quotes",
    "develop": "nothing: it is for `docker compose watch`",
    "device_cgroup_rules": "nothing: Swarm gives no devices to services",
    "gpus": "deploy.resources.reservations.generic_resources",
    "group_add": "nothing: Swarm cannot add groups; set `user`, or do it in the image",
    "label_file": "the labels themselves",
    "mem_reservation": "deploy.resources.reservations.memory",
    "mem_swappiness": "nothing: Swarm cannot set it",
    "models": "nothing: it is for docker compose",
    "oom_kill_disable": "nothing: Swarm cannot set it",
    "pids_limit": "deploy.resources.limits.pids (from 3.9)",
    "platform": "deploy.placement.constraints with node.platform.os or node.platform.arch",
    "post_start": "nothing: do it in the image",
    "pre_stop": "nothing: do it in the image",
    "profiles": "the service in a file of its own, given with a second -c",
    "provider": "nothing: it is for docker compose",
    "pull_policy": "nothing: `docker stack deploy --resolve-image` says when images are looked up",
    "runtime": "nothing: set the default runtime of the nodes' daemons",
    "scale": "deploy.replicas",
    "storage_opt": "nothing: Swarm cannot set it",
    "tmpfs_size": "volumes with type: tmpfs, and tmpfs.size",
    "use_api_socket": "a bind mount of /var/run/docker.sock",
    "uts": "nothing: Swarm cannot set it",
}
_TOP = {
    "include": "nothing: give the other file with a second -c",
    "models": "nothing: it is for docker compose",
    "name": "nothing: the name of a stack is an argument, `docker stack deploy -c FILE NAME`",
}
_NETWORK = {
    "enable_ipv4": "nothing: overlay networks have IPv4",
    "enable_ipv6": "external: true, and `docker network create --ipv6` once",
}
_IPAM = {
    "gateway": "nothing: Swarm assigns the gateway; only subnet is read",
    "ip_range": "nothing: only subnet is read",
    "aux_addresses": "nothing: only subnet is read",
    "options": "nothing: only driver and config are read",
}
_PORT = {
    "app_protocol": "nothing: stacks do not have it",
    "host_ip": "nothing: Swarm publishes on every address",
    "name": "nothing: ports have no names here",
}
_BUILD = "nothing: a deploy builds no images, build and push them before it"
_ATTACHMENT = {
    "priority": "nothing: Swarm has no order of networks",
    "gw_priority": "nothing: Swarm has no order of networks",
    "mac_address": "nothing: Swarm cannot set it",
    "link_local_ips": "nothing: Swarm cannot set it",
    "interface_name": "nothing: Swarm cannot set it",
}


def instead(key: str, path: Path) -> str:
    """What to write instead of a key of docker-compose at its path; nothing where it is none."""
    if len(path) == 1:
        return _TOP.get(key, "")
    if path[0] == "services":
        return _of_service(key, path[2:])
    if path[0] == "networks":
        return (_IPAM if "ipam" in path[2:-1] else _NETWORK).get(key, "")
    if path[0] == "secrets" and key == "environment":
        return "`file` with the path of a file that holds it"
    if path[0] == "configs" and key in ("content", "environment"):
        return "`file` with the path of a file that holds it"
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
        return "generic_resources"
    if below[0] == "env_file":
        return "the paths alone, as text"
    return ""
