"""The options and arguments of every command, each declared once.

`lblint.cli.commands` makes click's parameters from this table; `lblint.cli.check_arguments` reads the arguments of
`lblint check` by it, without click.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lblint.records import NamedTuple

TEXT = "text"
SECONDS = "seconds"
"""A number from 0 on."""
NUMBER = "number"
"""A whole number from 0 on."""
FOLDER = "folder"
"""A folder that exists."""
GO_BOOL = "go-bool"
"""A boolean as docker takes it: with a value behind `=`, or none for true."""


class Option(NamedTuple):
    """An option of a command; one without `names` is an argument that is given by its position.

    `parameter` is the parameter of the command's function that gets the value. `names`: a short name comes before the
    long one. `choices`: all values that there are, or a function that returns them where another module has them.
    `multiple`: it may be repeated, and its value is a tuple. `flag`: it takes no value. `optional_value` is its value
    where it is given without one. `show_default`: whether help shows the default, or another text in its place.
    `ordered`: its place among the other ordered options counts, and the function gets all of them as `reports`.
    `group` is the heading that help shows it under.
    `completion` is the function of `lblint.cli.completion` that completes it.
    """

    parameter: str
    names: tuple[str, ...] = ()
    metavar: str = ""
    help: str = ""
    kind: str = TEXT
    choices: tuple[str, ...] | Callable[[], tuple[str, ...]] = ()
    default: str | float | None = None
    show_default: bool | str = False
    required: bool = False
    multiple: bool = False
    flag: bool = False
    optional_value: str = ""
    ordered: bool = False
    completion: str = ""
    group: str = ""

    @property
    def unset(self) -> Any:
        """The value where it is not given."""
        return () if self.multiple else False if self.flag else self.default

    def all_choices(self) -> tuple[str, ...]:
        """Return all values that the option may have; none where any text is one."""
        return self.choices() if callable(self.choices) else self.choices


def in_group(group: str, *options: Option) -> tuple[Option, ...]:
    """Return the options with a heading for help."""
    return tuple(option._replace(group=group) for option in options)


def severities() -> tuple[str, ...]:
    """Return the names of the severities, the worst first."""
    from lblint.finding import SEVERITIES

    return SEVERITIES


def formats() -> tuple[str, ...]:
    """Return the formats of a check's findings."""
    from lblint.report import FORMATS

    return FORMATS


def route_formats() -> tuple[str, ...]:
    """Return the formats of routes: those of a table, and pictures."""
    from lblint.report import PICTURES

    return (*TABLE_FORMATS, *PICTURES)


def shells() -> tuple[str, ...]:
    """Return the shells that there is a completion script for."""
    from lblint.cli.completion import SCRIPTS

    return tuple(SCRIPTS)


TABLE_FORMATS = ("text", "json")
DEFAULT_FAIL_ON = "error"
"""The severity that counts where neither `--fail-on` nor the settings name one."""
DEFAULT_MAX_FINDINGS = 100
"""So many findings of one rule in one file are listed where neither `--max-findings` nor the settings say it."""

# Which stacks are read, and how.
FILES = Option("files", metavar="[FILE]...", multiple=True, completion="stack_files")
COMPOSE_FILES = Option(
    "compose_files", ("-c", "--compose-file"), "FILE",
    "Merge these files into one stack, as docker stack deploy does (repeatable).",
    multiple=True, completion="stack_files",
)  # fmt: skip
STACK_NAME = Option(
    "stack_name",
    ("-n", "--stack-name"),
    "NAME",
    "The name of the stack; by default inferred from the labels if they allow only one.",
)
CLIENT = Option(
    "client", ("--client",), "VERSION",
    "The version of the docker client that will deploy, such as 20.10 or 28.2.2; default: the newest "
    "known.", default="",
)  # fmt: skip
STACKS = (FILES, COMPOSE_FILES, STACK_NAME, CLIENT)

# lblint's own settings.
CONFIG = Option(
    "config", ("--config",), "FILE",
    "A settings file for all files; default: the .lblint.yml in the folder of each file or above it.",
    default="", completion="files",
)  # fmt: skip
NO_CONFIG = Option("no_config", ("--no-config",), help="Do not use any .lblint.yml.", flag=True)
SETTINGS = (CONFIG, NO_CONFIG)

# Which proxies there are, and what their config is tried with.
INTERLOCK_CONFIG = Option(
    "interlock_config", ("--interlock-config",), "FILE",
    "Interlock's config.toml: the service clusters and the settings of their proxies.",
    default="", completion="configs",
)  # fmt: skip
INTERLOCK_VERSION = Option(
    "interlock_version", ("--interlock-version",), "VERSION",
    "The version of UCP or MKE, such as 3.2.3; default: that of the images in the config. If it is unknown, only what "
    "breaks in all versions is an error.", default="",
)  # fmt: skip
INTERLOCK = (INTERLOCK_CONFIG, INTERLOCK_VERSION)
NGINX = Option(
    "nginx", ("--nginx",), "[BINARY]",
    "If there are no errors, also test the trial config with this nginx (-t). It runs in an empty folder, without "
    "privileges, and opens no other file.", default="", optional_value="nginx",
)  # fmt: skip
RUNNING = Option(
    "running", ("--with",), "NGINX.CONF",
    "The nginx.conf of a running proxy, or the output of `docker config inspect` for it: its hosts and sizes count "
    "as well (repeatable).", multiple=True, completion="files",
)  # fmt: skip

# Whom to ask.
LIVE = Option(
    "live", ("--live",),
    help="Compare with a Swarm manager: what exists, what is in use, and what its proxies serve.", flag=True,
)  # fmt: skip
CLUSTER = (
    Option("host", ("-H", "--host"), "HOST", "The daemon's address, as for docker -H."),
    Option("context", ("--context",), "NAME", "The docker context, as for docker --context."),
)

# Which findings count, and what may silence them.
FAIL_ON = Option(
    "fail_on",
    ("--fail-on",),
    help="Exit 1 for findings of this severity or worse.",
    choices=severities,
    show_default=DEFAULT_FAIL_ON,
)
MAX_FINDINGS = Option(
    "max_findings", ("--max-findings",), "N",
    "List so many findings of one rule in one file, and say how many more there are; 0 lists all. All of them count.",
    kind=NUMBER, show_default=str(DEFAULT_MAX_FINDINGS),
)  # fmt: skip
EXIT_ZERO = Option(
    "exit_zero", ("--exit-zero",), help="Exit 0 even if there are findings; still 2 if something could not be checked.",
    flag=True,
)  # fmt: skip
SELECT = Option(
    "select", ("--select",), "RULE",
    "Run only these rules: names, patterns (invalid-*) or topics (see lblint rules); repeatable, or separated by "
    "commas.",
    multiple=True, completion="rule_ids",
)  # fmt: skip
IGNORE = Option(
    "ignore", ("--ignore",), "RULE", "Do not run these rules: names, patterns or topics, as for --select.",
    multiple=True, completion="rule_ids",
)  # fmt: skip
ON_FAILURE = Option(
    "on_failure", ("--on-failure",),
    help="What happens to a call that cannot be checked. auto: it is refused if the service has labels of Interlock.",
    choices=("auto", "deny", "allow"), default="auto", show_default=True,
)  # fmt: skip
SUPPRESS = Option(
    "suppress", ("--suppress",),
    help="What comments, a baseline and the rules in .lblint.yml may silence: all findings, own ones (not those that "
    "affect "
    "other teams, such as a broken proxy or a taken host), or none.",
    choices=("all", "own", "none"), default="all", show_default=True,
)  # fmt: skip
BASELINE = Option(
    "baseline", ("--baseline",), "FILE", "Report only findings that are not in this file.",
    default="", completion="files",
)  # fmt: skip
WRITE_BASELINE = Option(
    "write_baseline", ("--write-baseline",), "FILE", "Record the findings in this file, for --baseline, and exit 0.",
    default="", completion="files",
)  # fmt: skip
SHOW_SUPPRESSED = Option(
    "show_suppressed",
    ("--show-suppressed",),
    help="Also show the findings that comments and the baseline silence.",
    flag=True,
)

# What is written.
FORMAT = Option(
    "format_", ("--format",), help="The output format.",
    choices=TABLE_FORMATS, default=TABLE_FORMATS[0], show_default=True,
)  # fmt: skip
WATCH = Option("watch", ("--watch",), help="Redraw the terminal every 5 seconds, until Ctrl-C.", flag=True)
REPORT_FORMAT = Option(
    "format_", ("--format",),
    help="The format of the report; default: text (repeatable: all but one need a file).",
    choices=formats, multiple=True, ordered=True,
)  # fmt: skip
REPORT_FILE = Option(
    "output", ("-o", "--output"), "FILE",
    "Write the report of the preceding --format to a file; text still goes to the terminal (repeatable).",
    multiple=True, ordered=True, completion="files",
)  # fmt: skip
OUTPUT = Option(
    "file", ("-o", "--output"), "FILE", "Write to a file instead of the terminal.", default="", completion="files"
)
STATISTICS = Option(
    "statistics", ("--statistics",),
    help="Show the number of findings of each rule instead of the findings; only for the format text.",
    flag=True,
)  # fmt: skip
COLOR = Option(
    "color", ("--color",),
    help="Use colour. auto: on a terminal, unless NO_COLOR, TERM=dumb or CLICOLOR=0 is set, and always with "
    "FORCE_COLOR or "
    "CLICOLOR_FORCE.",
    choices=("auto", "always", "never"), default="auto", show_default=True,
)  # fmt: skip
QUIET = Option(
    "quiet", ("-q", "--quiet"),
    help="Show only findings at or above --fail-on and what could not be checked, without summary and progress; only "
    "for "
    "the format text.", flag=True,
)  # fmt: skip
VERBOSE = Option(
    "verbose", ("-v", "--verbose"),
    help="Show on stderr which files were read or skipped, the names of the stacks and where they come from, and "
    "timings.", flag=True,
)  # fmt: skip

# What is changed.
FORCE_EXCLUDE = Option(
    "force_exclude", ("--force-exclude",),
    help="Skip files that a folder search would skip (exclude in .lblint.yml, hidden files, files of other tools), "
    "even if they are named, as pre-commit names them; read no link that leads out of the repository.", flag=True,
)  # fmt: skip
FIX = Option("fix", ("--fix",), help="Apply the safe fixes to the files, and report what remains.", flag=True)
UNSAFE_FIXES = Option(
    "unsafe_fixes", ("--unsafe-fixes",), help="With --fix or --diff: also apply fixes that may change what is meant.",
    flag=True,
)  # fmt: skip
DIFF = Option(
    "diff", ("--diff",),
    help="Show what --fix would change without writing it; exit 1 if it would change anything.", flag=True,
)  # fmt: skip

STACK = Option("stack", metavar="STACK", required=True)
TIMEOUT = Option(
    "timeout", ("--timeout",), "SECONDS", "Stop waiting after this time.",
    kind=SECONDS, default=300, show_default=True,
)  # fmt: skip

DOCKER_DEPLOY = (
    Option("prune", ("--prune",), "[=BOOL]", "Remove services that the files no longer have.", GO_BOOL),
    Option(
        "with_registry_auth", ("--with-registry-auth",), "[=BOOL]", "Send the registry's login to the nodes.", GO_BOOL
    ),
    Option(
        "resolve_image", ("--resolve-image",),
        help="When to ask the registry for digests; docker's default is always.",
        choices=("always", "changed", "never"),
    ),
    Option(
        "detach", ("-d", "--detach"), "[=BOOL]", "Do not wait for the services; =false makes docker wait.", GO_BOOL
    ),
    Option("quiet", ("-q", "--quiet"), "[=BOOL]", "No progress from docker.", GO_BOOL),
)  # fmt: skip
"""The options of `docker stack deploy` that it gets as they were given, if they were."""

CONFIG_FILE = Option("file", metavar="FILE", required=True, completion="configs")
CORE_SERVICE = Option(
    "service", ("--service",), "NAME",
    "The service of Interlock's core; default: ucp-interlock, or the one that mounts a config object of that name.",
    default="",
)  # fmt: skip

OF_A_SERVICE = (
    *SETTINGS, IGNORE,
    FAIL_ON._replace(
        help="Refuse services with findings of this severity or worse, not only what breaks the proxy or affects "
        "others.", show_default=False,
    ),
    ON_FAILURE,
)  # fmt: skip
"""How a service is checked that a client sends to the managers."""
GUARD_SOCKET = Option(
    "socket", ("--socket",), "PATH", "The socket that dockerd calls.", default="/run/docker/plugins/lblint.sock",
    show_default=True,
)  # fmt: skip

OPTIONS: dict[str, tuple[Option, ...]] = {
    "check": (
        *in_group("Files", *STACKS, *SETTINGS, FORCE_EXCLUDE),
        *in_group("Proxies and managers", *INTERLOCK, NGINX, RUNNING, LIVE, *CLUSTER),
        *in_group(
            "Findings", FAIL_ON, EXIT_ZERO, SELECT, IGNORE, SUPPRESS, BASELINE, WRITE_BASELINE, SHOW_SUPPRESSED
        ),
        *in_group("Fixes", FIX, UNSAFE_FIXES, DIFF),
        *in_group("Output", REPORT_FORMAT, REPORT_FILE, MAX_FINDINGS, STATISTICS, COLOR, QUIET, VERBOSE),
    ),
    "completion": (Option("shell", choices=shells, required=True),),
    "config": (
        *STACKS, *SETTINGS,
        Option(
            "skip_interpolation", ("--skip-interpolation",), help="Leave the variables in the file as they are.",
            flag=True,
        ),
    ),
    "deploy": (
        STACK,
        *in_group(
            "docker stack deploy",
            COMPOSE_FILES._replace(help="A stack file, or - for stdin (repeatable, or with commas): they are merged."),
            *DOCKER_DEPLOY,
        ),
        *in_group("Docker client", *CLUSTER),
        *in_group(
            "Check before the deploy", *SETTINGS,
            CLIENT._replace(help="Check for this version of the docker client; default: the one that deploys."),
            *INTERLOCK, NGINX._replace(metavar="[=BINARY]"), RUNNING,
            FAIL_ON._replace(help="Do not deploy if there are findings of this severity or worse."),
            IGNORE, SUPPRESS._replace(default="own"),
            Option("offline", ("--offline",), help="Check only the files; do not read the cluster.", flag=True),
        ),
        *in_group(
            "Deploy",
            Option("dry_run", ("--dry-run",), help="Check and show what would change; deploy nothing.", flag=True),
            Option(
                "wait_", ("--wait",), help="After the deploy, wait until the services and proxies are stable.",
                flag=True,
            ),
            TIMEOUT._replace(parameter="wait_timeout", names=("--wait-timeout",), help="Wait at most this long."),
            COLOR,
        ),
    ),
    "explain": (
        Option("words", metavar="RULE|TOPIC|MESSAGE", required=True, multiple=True, completion="rule_or_topic"),
    ),
    "gate": (
        Option("command", metavar="-- COMMAND [ARG]...", required=True, multiple=True),
        *in_group("Docker client", *CLUSTER),
        *in_group("Check of each service", *OF_A_SERVICE),
    ),
    "guard install": (
        Option("print_", ("--print",), help="Print the files; lblint writes none of them.", flag=True),
        Option("options", metavar="[-- OPTION...]", multiple=True),
    ),
    "guard run": (
        *in_group(
            "Plugin",
            GUARD_SOCKET,
            Option(
                "listen", ("--listen",), "HOST:PORT", "Serve TLS at this address instead of a socket.", default="",
            ),
            Option("tls_cert", ("--tls-cert",), "FILE", "The certificate for --listen.", default=""),
            Option("tls_key", ("--tls-key",), "FILE", "Its key.", default=""),
            Option("tls_ca", ("--tls-ca",), "FILE", "The CA of dockerd's client certificate.", default=""),
        ),
        *in_group("Managers", *CLUSTER, Option(
            "max_age", ("--max-age",), "SECONDS", "Read the managers again after this time, even if they tell of no "
            "change.", kind=SECONDS, default=30, show_default=True,
        )),
        *in_group(
            "Check of each service", *OF_A_SERVICE,
            Option("audit", ("--audit",), help="Refuse nothing; log what would be refused.", flag=True),
            TIMEOUT._replace(
                help="Stop checking a call after this time, and do what --on-failure says.", default=2,
            ),
        ),
        *in_group(
            "Output",
            Option(
                "log", ("--log",), "FILE", "Append a line of JSON for each call that is refused or could not be "
                "checked; - is stderr.", default="-", show_default=True,
            ),
            Option("metrics", ("--metrics",), "HOST:PORT", "Serve metrics for Prometheus there.", default=""),
        ),
    ),
    "guard status": (GUARD_SOCKET, FORMAT),
    "init": (
        Option("folder", metavar="[FOLDER]", kind=FOLDER, default="."),
        Option("force", ("--force",), help="Overwrite an existing file.", flag=True),
        Option(
            "schema", ("--schema",), help="Also write the JSON Schema of the settings, and refer to it for "
            "editors.", flag=True
        ),
    ),
    "interlock show": (*CLUSTER, CORE_SERVICE, FORMAT),
    "interlock diff": (CONFIG_FILE, *CLUSTER, CORE_SERVICE, FORMAT),
    "interlock apply": (
        CONFIG_FILE,
        *in_group("Docker client", *CLUSTER, CORE_SERVICE),
        *in_group(
            "Check before the change",
            FAIL_ON._replace(help="Change nothing if there are findings of this severity or worse."), IGNORE, *SETTINGS,
        ),
        *in_group(
            "Change",
            Option("dry_run", ("--dry-run",), help="Check and show what would change; change nothing.", flag=True),
            Option(
                "prune", ("--prune",), help="Remove the services of extensions that the config no longer has, once "
                "the core runs with it.", flag=True,
            ),
            Option("yes", ("-y", "--yes"), help="Do not ask before the change.", flag=True),
            TIMEOUT, COLOR,
        ),
    ),
    "interlock new": (
        *in_group(
            "Config",
            Option(
                "clusters", ("--clusters",), "NAME,...",
                "The service clusters, one extension each; default names the one for services without the label "
                "service_cluster. Without it, the extensions stay as they are.", default="",
            ),
            Option(
                "host_mode", ("--host-mode",),
                help="Publish the ports on the nodes of the proxies (PublishMode host), and keep the proxies on nodes "
                "with labels.", flag=True,
            ),
            Option(
                "ports", ("--port",), "[CLUSTER=]HTTP[:TLS]",
                "The published ports of a service cluster, or of the only one (repeatable).", multiple=True,
            ),
            Option("replicas", ("--replicas",), "N", "How many proxies each service cluster has."),
        ),
        *in_group(
            "Source",
            Option("base", ("--from",), "FILE", "Begin with this file instead of the running config.", default="",
                   completion="configs"),
            Option(
                "default", ("--default",), help="Begin with the config that UCP writes; needs --interlock-version.",
                flag=True,
            ),
            INTERLOCK_VERSION._replace(help="The version of UCP or MKE for --default, such as 3.2.3."),
            *CLUSTER, CORE_SERVICE,
        ),
        *in_group("Output", OUTPUT),
    ),
    "labels": (Option("key", metavar="[KEY]", completion="label_keys"), FORMAT),
    "probe": (
        *in_group("Routes", *STACKS, *SETTINGS, INTERLOCK_CONFIG),
        *in_group("Managers, without a file", *CLUSTER),
        *in_group(
            "Proxies",
            Option(
                "proxies", ("--proxy",), "[CLUSTER=]ADDRESS[:PORT[:TLS-PORT]]",
                "Where the proxy of a service cluster is (repeatable); default: loopback, for the default cluster.",
                multiple=True,
            ),
            Option("ca", ("--ca",), "FILE", "Trust the CAs in this file instead of the system's.", default=""),
            TIMEOUT._replace(help="Wait at most this long for one answer.", default=10),
        ),
        *in_group(
            "Findings", IGNORE,
            FAIL_ON._replace(choices=lambda: (*severities(), "never"), default=DEFAULT_FAIL_ON, show_default=True),
        ),
        *in_group("Output", FORMAT, COLOR),
    ),
    "render": (*STACKS, *SETTINGS, *INTERLOCK),
    "rm": (
        STACK, *CLUSTER,
        Option(
            "detach_proxy", ("--detach-proxy",),
            help="Detach the proxies from the stack's networks instead of waiting for Interlock.", flag=True,
        ),
        Option("yes", ("-y", "--yes"), help="Do not ask before the proxies are detached.", flag=True),
        TIMEOUT,
    ),
    "routes": (
        *STACKS, *SETTINGS, *INTERLOCK,
        FORMAT._replace(
            help="A table, its rows for programs, or a picture with what is broken in red.", choices=route_formats
        ),
        OUTPUT, COLOR,
    ),
    "rules": (FORMAT,),
    "status": (
        *CLUSTER, FORMAT,
        FAIL_ON._replace(
            choices=lambda: (*severities(), "never"), default=DEFAULT_FAIL_ON, show_default=True
        ),
        IGNORE, WATCH, COLOR,
    ),
}  # fmt: skip
"""The options of each command that has some, in the order in which help shows them."""

ENVIRONMENT = (
    ("LBLINT_DEBUG", "Set to 1, an error in lblint itself shows its traceback."),
    ("NO_COLOR, FORCE_COLOR, CLICOLOR, CLICOLOR_FORCE", "Whether output is coloured (see check --color)."),
    ("DOCKER_HOST, DOCKER_CONTEXT, DOCKER_CONFIG", "The daemon and its settings, as for docker."),
)
"""The environment variables that lblint reads, but for those in stack files, and what each does."""
