"""What docker's structs look like: one table that decoding, merging and printing read.

Source: docker/cli cli/compose/types/types.go. The order of fields is the order in which they are printed.
"""

from __future__ import annotations

from lblint.records import NamedTuple


class Shape(NamedTuple):
    """The shape of a value.

    `kind`: string, bool, int, uint32, uint64, float32, duration, bytes, any, ptr, list, map or struct. `of` is that of
    the elements; `hook` names what docker does to the written value first, `merge` how it is merged if not by kind;
    `go` is the name of Go's type.
    """

    kind: str
    of: Shape | None = None
    fields: tuple[Field, ...] = ()
    hook: str = ""
    merge: str = ""
    go: str = ""


class Field(NamedTuple):
    """A field of a struct: its key in the file, its name in docker's messages, whether it is printed when empty."""

    key: str
    shape: Shape
    name: str
    always: bool = False


STRING = Shape("string", go="string")
BOOL = Shape("bool", go="bool")
INT = Shape("int", go="int64")
UINT32 = Shape("uint32", go="uint32")
UINT64 = Shape("uint64", go="uint64")
FLOAT32 = Shape("float32", go="float32")
DURATION = Shape("duration", hook="duration", go="types.Duration")
BYTES = Shape("bytes", hook="size", go="types.UnitBytes")
ANY = Shape("any")

TEXTS = Shape("list", STRING, go="[]string")
STRING_LIST = Shape("list", STRING, hook="string-list", go="types.StringList")
COMMAND = Shape("list", STRING, hook="command", merge="command", go="types.ShellCommand")
TEXT_MAP = Shape("map", STRING, hook="text-map", go="map[string]string")
PAIRS = Shape("map", STRING, hook="pairs", go="types.Labels")
MAYBE_PAIRS = Shape("map", Shape("ptr", STRING), hook="maybe-pairs", go="types.MappingWithEquals")
HOSTS = Shape("list", STRING, hook="hosts", go="types.HostsList")


def ptr(shape: Shape, merge: str = "") -> Shape:
    """A pointer: absent is another thing than zero."""
    return Shape("ptr", shape, merge=merge, go="*" + shape.go)


def struct(go: str, *fields: Field, hook: str = "", merge: str = "") -> Shape:
    """A struct with these fields, in printing order."""
    return Shape("struct", None, fields, hook, merge, go)


def _field(key: str, shape: Shape = STRING, name: str = "", always: bool = False) -> Field:
    """Without a name of its own a field is called like its key in messages, with a capital."""
    return Field(key, shape, name or (key if "_" in key or "-" in key else key.capitalize()), always)


def _list(shape: Shape, hook: str = "", merge: str = "") -> Shape:
    return Shape("list", shape, hook=hook, merge=merge, go="[]" + shape.go)


_UINT = ptr(UINT64, merge="count")
_DURATION = ptr(DURATION)

_UPDATE = struct(
    "types.UpdateConfig",
    _field("parallelism", _UINT), _field("delay", DURATION), _field("failure_action"), _field("monitor", DURATION),
    _field("max_failure_ratio", FLOAT32), _field("order"),
)  # fmt: skip
_GENERIC = struct("types.DiscreteGenericResource", _field("kind", always=True), _field("value", INT, always=True))
_LIMITS = struct(
    "types.ResourceLimit", _field("cpus", name="cpus"), _field("memory", BYTES, "memory"), _field("pids", INT, "pids")
)
_RESERVATIONS = struct(
    "types.Resource",
    _field("cpus", name="cpus"), _field("memory", BYTES, "memory"),
    _field("generic_resources", _list(struct(
        "types.GenericResource", _field("discrete_resource_spec", ptr(_GENERIC))))),
)  # fmt: skip
DEPLOY = struct(
    "types.DeployConfig",
    _field("mode"), _field("replicas", _UINT), _field("labels", PAIRS),
    _field("update_config", ptr(_UPDATE)), _field("rollback_config", ptr(_UPDATE)),
    _field("resources", struct("types.Resources", _field("limits", ptr(_LIMITS)),
                               _field("reservations", ptr(_RESERVATIONS)))),
    _field("restart_policy", ptr(struct(
        "types.RestartPolicy", _field("condition"), _field("delay", _DURATION), _field("max_attempts", _UINT),
        _field("window", _DURATION)))),
    _field("placement", struct(
        "types.Placement", _field("constraints", TEXTS),
        _field("preferences", _list(struct("types.PlacementPreferences", _field("spread")))),
        _field("max_replicas_per_node", UINT64))),
    _field("endpoint_mode"),
)  # fmt: skip

_BUILD = struct(
    "types.BuildConfig",
    _field("context"), _field("dockerfile"), _field("args", MAYBE_PAIRS), _field("labels", PAIRS),
    _field("cache_from", STRING_LIST), _field("extra_hosts", HOSTS), _field("network"), _field("target"),
    hook="build",
)  # fmt: skip
_HEALTH = struct(
    "types.HealthCheckConfig",
    _field("test", Shape("list", STRING, hook="health-test", go="types.HealthCheckTest")),
    _field("timeout", _DURATION), _field("interval", _DURATION), _field("retries", _UINT),
    _field("start_period", _DURATION), _field("start_interval", _DURATION), _field("disable", BOOL),
)  # fmt: skip
_REFERENCE = (
    _field("source"), _field("target"), _field("uid", name="UID"), _field("gid", name="GID"),
    _field("mode", ptr(UINT32)),
)  # fmt: skip
_NETWORK_USE = struct(
    "types.ServiceNetworkConfig",
    _field("aliases", TEXTS), _field("driver_opts", TEXT_MAP), _field("ipv4_address"), _field("ipv6_address"),
)  # fmt: skip
PORT = struct(
    "types.ServicePortConfig",
    _field("mode"), _field("target", UINT32), _field("published", UINT32), _field("protocol"),
)  # fmt: skip
MOUNT = struct(
    "types.ServiceVolumeConfig",
    _field("type"), _field("source"), _field("target"), _field("read_only", BOOL), _field("consistency"),
    _field("bind", ptr(struct("types.ServiceVolumeBind", _field("propagation")))),
    _field("volume", ptr(struct("types.ServiceVolumeVolume", _field("nocopy", BOOL, "nocopy"),
                                _field("subpath", name="subpath")))),
    _field("image", ptr(struct("types.ServiceVolumeImage", _field("subpath", name="subpath")))),
    _field("tmpfs", ptr(struct("types.ServiceVolumeTmpfs", _field("size", INT)))),
    _field("cluster", ptr(struct("types.ServiceVolumeCluster"))),
    hook="mount",
)  # fmt: skip
_ULIMIT = struct("types.UlimitsConfig", _field("single", INT), _field("soft", INT), _field("hard", INT), hook="ulimit")
_CREDENTIALS = struct("types.CredentialSpecConfig", _field("config"), _field("file"), _field("registry"))
_LOGGING = struct("types.LoggingConfig", _field("driver"), _field("options", TEXT_MAP))

SERVICE = struct(
    "types.ServiceConfig",
    _field("build", _BUILD), _field("cap_add", TEXTS), _field("cap_drop", TEXTS), _field("cgroupns_mode"),
    _field("cgroup_parent"), _field("command", COMMAND),
    _field("configs", _list(struct("types.ServiceConfigObjConfig", *_REFERENCE, hook="source"), merge="source")),
    _field("container_name"), _field("credential_spec", _CREDENTIALS), _field("depends_on", TEXTS),
    _field("deploy", DEPLOY), _field("devices", TEXTS), _field("dns", STRING_LIST, "DNS"),
    _field("dns_search", STRING_LIST), _field("domainname", name="domainname"), _field("entrypoint", COMMAND),
    _field("environment", MAYBE_PAIRS), _field("env_file", STRING_LIST),
    _field("expose", Shape("list", STRING, hook="text-or-number", go="types.StringOrNumberList")),
    _field("external_links", TEXTS), _field("extra_hosts", HOSTS), _field("hostname"),
    _field("healthcheck", ptr(_HEALTH), "HealthCheck"), _field("image"), _field("init", ptr(BOOL)), _field("ipc"),
    _field("isolation", name="isolation"), _field("labels", PAIRS), _field("links", TEXTS),
    _field("logging", ptr(_LOGGING, merge="logging")), _field("mac_address"), _field("network_mode"),
    _field("networks", Shape("map", ptr(_NETWORK_USE, merge="network"), hook="network-list",
                             go="map[string]*types.ServiceNetworkConfig")),
    _field("pid"), _field("ports", _list(PORT, "ports", "published")), _field("privileged", BOOL),
    _field("read_only", BOOL), _field("restart"),
    _field("secrets", _list(struct("types.ServiceSecretConfig", *_REFERENCE, hook="source"), merge="source")),
    _field("security_opt", TEXTS), _field("shm_size"), _field("stdin_open", BOOL),
    _field("stop_grace_period", _DURATION), _field("stop_signal"), _field("sysctls", PAIRS),
    _field("tmpfs", STRING_LIST), _field("tty", BOOL, "tty"),
    _field("ulimits", Shape("map", ptr(_ULIMIT, merge="ulimit"), go="map[string]*types.UlimitsConfig")),
    _field("user"), _field("userns_mode"), _field("volumes", _list(MOUNT, merge="target")), _field("working_dir"),
)  # fmt: skip

_EXTERNAL = struct("types.External", _field("name"), _field("external", BOOL), hook="external")
NETWORK = struct(
    "types.NetworkConfig",
    _field("name"), _field("driver"), _field("driver_opts", TEXT_MAP),
    _field("ipam", struct("types.IPAMConfig", _field("driver"), _field("config", _list(ptr(struct(
        "types.IPAMPool", _field("subnet"))))))),
    _field("external", _EXTERNAL), _field("internal", BOOL), _field("attachable", BOOL), _field("labels", PAIRS),
)  # fmt: skip
_TOPOLOGY = _list(struct("types.Topology", _field("segments", PAIRS)))
_CLUSTER = struct(
    "types.ClusterVolumeSpec",
    _field("group"),
    _field("access_mode", ptr(struct(
        "types.AccessMode", _field("scope"), _field("sharing"),
        _field("mount_volume", ptr(struct("types.MountVolume", _field("fs_type"), _field("mount_flags", TEXTS)))),
        _field("block_volume", ptr(struct("types.BlockVolume")))))),
    _field("accessibility_requirements", ptr(struct(
        "types.TopologyRequirement", _field("requisite", _TOPOLOGY), _field("preferred", _TOPOLOGY)))),
    _field("capacity_range", ptr(struct(
        "types.CapacityRange", _field("required_bytes", BYTES), _field("limit_bytes", BYTES)))),
    _field("secrets", _list(struct("types.VolumeSecret", _field("key"), _field("secret")))),
    _field("availability"),
)  # fmt: skip
VOLUME = struct(
    "types.VolumeConfig",
    _field("name"), _field("driver"), _field("driver_opts", TEXT_MAP), _field("external", _EXTERNAL),
    _field("labels", PAIRS), _field("x-cluster-spec", ptr(_CLUSTER)),
)  # fmt: skip
FILE = struct(
    "types.FileObjectConfig",
    _field("name"), _field("file"), _field("external", _EXTERNAL), _field("labels", PAIRS), _field("driver"),
    _field("driver_opts", TEXT_MAP), _field("template_driver"),
)  # fmt: skip

SECTIONS = {"services": SERVICE, "networks": NETWORK, "volumes": VOLUME, "secrets": FILE, "configs": FILE}
