"""The kinds of faults in a stack: one class each, for whoever writes a rule.

A fault with words in `docker` makes docker refuse the stack; one without is a trap that docker says nothing about.
Faults of a file's text (lblint.source.faults) that make docker refuse it are passed on among these.
"""

from __future__ import annotations

from collections.abc import Sequence

from lblint.finding import Fault
from lblint.records import NamedTuple

# The version of the file


class MissingVersion(Fault):
    """No version, which clients before 23.0 want; `highest` is the newest that the client knows."""

    highest: str


class UnsupportedVersion(Fault):
    """A `version` that the client does not know, as it was written; `highest` is the newest that it knows."""

    version: object
    highest: str


class VersionMismatch(Fault):
    """A `version` other than that of the `first` file; `written` is false where the file has none."""

    version: str
    first: str
    written: bool


# Keys of a service


class ForbiddenKey(Fault):
    """A key at which docker stops before anything else; `reason` are docker's words on it."""

    key: str
    reason: str


class IgnoredKey(Fault):
    """A key that docker warns of and ignores; clients from `since` on do not, where that is given."""

    key: str
    since: str = ""


class NestedExternalName(Fault):
    """`external: {name: x}` of a network, volume, secret or config (`kind`), which is written `name: x` now."""

    kind: str
    key: str
    name: str


# Variables. The place has the characters of the substitution


class InterpolationFault(Fault):
    """A fault of a variable; `text` is the whole value that it stands in, as written."""

    text: str = ""


class InvalidVariable(InterpolationFault):
    """A `$` that does not begin a variable; docker quotes the whole `template`."""

    template: str


class RequiredVariable(InterpolationFault):
    """`${X:?message}` without a value; docker quotes `template`, which names the variable."""

    template: str


class VariableWithoutValue(InterpolationFault):
    """A variable without a default that becomes an empty string."""

    variable: str


class UnsetVariable(VariableWithoutValue):
    """A variable that is not set."""


class EmptyVariable(VariableWithoutValue):
    """A variable that is set to nothing."""


class UnbracedDefault(InterpolationFault):
    """`$FOO-bar`: docker reads `-bar` as a default (`mark` and `rest`)."""

    variable: str
    expression: str
    mark: str
    rest: str


class RequiredWithDash(InterpolationFault):
    """`${X:?must-set}`: read as a default, so that the variable is never required."""

    expression: str
    default: str


class NestedVariable(InterpolationFault):
    """`${A:-${B}}`: docker knows no nesting, the default is `${B`."""

    expression: str
    default: str


class DollarInDefault(InterpolationFault):
    """`$$` in a default, which stays `$$`."""

    default: str


class LostError(InterpolationFault):
    """An `error` that docker forgets, since a later variable of the text has a value.

    `required`: a required variable is not asked for; else a `$` is dropped.
    """

    error: str
    required: bool


class CastFailure(Fault):
    """A text with variables (`expression`) whose `value` is not a number or boolean (`wanted`)."""

    value: str
    wanted: str
    expression: str


# The schema of the version


class NotAMapping(Fault):
    """A file that is not a mapping, or `empty`."""

    empty: bool


class UnknownKey(Fault):
    """A key that is not allowed here. `elsewhere`: the dotted places that have it; `inner`: the keys of its value."""

    key: str
    allowed: Sequence[str]
    elsewhere: Sequence[str]
    inner: Sequence[str]


class KeyTooNew(Fault):
    """A key of a later version (`since`) of the format than the file's (`version`)."""

    key: str
    since: str
    version: str


class InvalidName(Fault):
    """A name (a key) with characters that the `pattern` does not allow, or an empty one."""

    key: str
    pattern: str


class WrongType(Fault):
    """A value of the type `given` where `expected` are allowed, all in docker's words (`mapping`, `list`, `null`)."""

    expected: Sequence[str]
    given: str
    value: object


class InvalidFormat(Fault):
    """A value that is not a port (`format` "ports") or a duration; `reason` is docker's."""

    value: object
    format: str
    reason: str


class NotAllowed(Fault):
    """A value that is not among those `allowed`."""

    value: object
    allowed: Sequence[object]


class TooSmall(Fault):
    """A number below the `minimum`."""

    value: object
    minimum: object


class DuplicateItem(Fault):
    """An item that its list has already, at the index `first`; `same_text`: before interpolation, too."""

    value: object
    first: int
    same_text: bool = False


class MissingKey(Fault):
    """A mapping without a key that it must have."""

    key: str


class NotFinite(Fault):
    """`.nan` or `.inf`, which JSON does not have; `value` as docker prints it."""

    value: str


# Decoding


class RefusedValue(Fault):
    """A value that docker's decoder refuses: its `reason`, and its `detail`, the whole line.

    `panic`: docker crashes on it.
    """

    reason: str
    detail: str = ""
    panic: bool = False


class IgnoredAddress(Fault):
    """An IP address in a port (`value`), which docker drops with a `warning`."""

    value: object
    warning: str


class IgnoredMountOptions(Fault):
    """Options of a mount in the short form that docker does not know."""

    options: Sequence[str]


class DriveLetter(Fault):
    """`v:/data`: taken for a Windows drive, not for a volume `v`."""

    letter: str
    target: str


class MissingSource(Fault):
    """A bind mount without a source."""


class HomeUnset(Fault):
    """A bind mount from `~` with no HOME in the environment."""

    source: str


class EnvFileFault(Fault):
    """An env file, as it is `written` and as an absolute path (`file`), and docker's `reason`, without what it quotes
    from the file."""

    file: str
    written: str
    reason: str


class UnreadableEnvFile(EnvFileFault):
    """An env file that cannot be read."""


class InvalidEnvFile(EnvFileFault):
    """An env file with a line that docker refuses."""


class SpecialEnvFile(EnvFileFault):
    """A pipe, a device or a huge file, which lblint does not read."""


class ReplacedEnvironment(Fault):
    """An empty value in `environment` that the deployer's environment fills."""

    variable: str


class ExternalConflict(Fault):
    """Two settings that exclude each other: `external` and driver, options or labels; a driver and a file."""


class ExternalVolumeConflict(ExternalConflict):
    """An external volume with driver, options or labels."""


class TwoExternalNames(ExternalConflict):
    """`external.name` and `name`."""


class DriverAndFile(ExternalConflict):
    """A secret or config with a driver and a file."""


# Merging several files. The place is in the later file unless said otherwise


class KeptValue(Fault):
    """A false, 0 or empty string (`value`) that does not undo the earlier file's (`kept`)."""

    key: str
    value: object
    kept: object


class LostEntry(Fault):
    """An entry that another one replaces, since both have the same `value` of a key (`by`), at the lost one's place.

    Ports are told apart by published, mounts by target, secrets and configs by source.
    """

    by: str
    value: object
    kept: object
    lost: object


class AppendedHealthcheck(Fault):
    """A health check `test` that is the earlier file's with this one's behind it."""

    test: Sequence[str]


class LostNetworkOptions(Fault):
    """driver_opts of a service's network in the later file, which are dropped."""


class LostLogOptions(Fault):
    """Logging options where the earlier file has none, which are dropped."""


class ReplacedDefinition(Fault):
    """An entry of a `section` (`networks`) that replaces that of the earlier file; `lost` are the keys that go."""

    section: str
    key: str
    lost: Sequence[str]


class DroppedExtension(Fault):
    """A top-level `x-` key of a later file."""

    key: str


class RefusedMerge(Fault):
    """Two values that docker cannot merge."""


class GrammarError(NamedTuple):
    """The answer of a grammar that does not know the text. `told` holds docker's own words.

    Every function of these modules returns either a value or a GrammarError, and raises nothing.
    """

    told: str
