"""The kinds of faults of the stack reader: one table, for whoever writes a rule.

A fault with words in `told` makes docker refuse the stack; one without is a trap that docker falls into in silence.
"""

from __future__ import annotations

from collections.abc import Mapping

from lblint.records import NamedTuple


class Kind(NamedTuple):
    """One kind: whether docker refuses, where the fault stands, the facts that come with it, and what it means."""

    refuses: bool
    place: str
    facts: tuple[str, ...]
    meaning: str


KINDS: Mapping[str, Kind] = {
    # The version of the file
    "version.missing": Kind(True, "file", ("version", "highest", "client"), "no version, which clients before 23 want"),
    "version.unsupported": Kind(True, "value", ("version", "highest", "client"), "a version that the client lacks"),
    "version.mismatch": Kind(True, "value or file", ("version", "first", "written"), "another than the first file's"),
    # Keys of a service; `said` are docker's words on it
    "forbidden.key": Kind(True, "key", ("key", "said"), "a key that stops docker before anything else"),
    "unsupported.key": Kind(False, "key", ("key",), "a key that docker warns of and ignores"),
    "deprecated.key": Kind(False, "key", ("key", "said"), "a key that docker warns of"),
    "deprecated.external-name": Kind(False, "value", ("kind", "key", "name"), "`external: {name: x}`, now `name: x`"),
    # Variables; the place has `chars` of the substitution. All have `variable` and `expression`
    "interpolation.invalid": Kind(True, "chars", ("template",), "a `$` that begins no variable"),
    "interpolation.required": Kind(True, "chars", ("template",), "`${X:?message}` without a value"),
    "interpolation.unset": Kind(False, "chars", ("variable", "expression"), "no value, no default: becomes nothing"),
    "interpolation.empty": Kind(False, "chars", ("variable", "expression"), "set to nothing, no default"),
    "interpolation.unbraced-default": Kind(
        False, "chars", ("variable", "expression", "mark", "rest"), "`$FOO-bar`: `-bar` is taken for a default"
    ),
    "interpolation.required-with-dash": Kind(
        False, "chars", ("variable", "expression", "default"), "`${X:?must-set}`: read as a default, never required"
    ),
    "interpolation.lost-error": Kind(
        False, "chars", ("error", "reason"), "an error that a later variable of the text hides "
        "(reason invalid: the `$` is dropped; required: it becomes nothing)"
    ),
    "interpolation.default-dollar": Kind(False, "chars", ("default",), "`$$` in a default stays `$$`"),
    "interpolation.nested": Kind(False, "chars", ("default",), "`${A:-${B}}`: no nesting, the default is `${B`"),
    "cast": Kind(True, "value", ("value", "wanted", "expression"), "a variable whose value is no number or boolean"),
    # The schema of the version. All have `version`
    "schema.top-level": Kind(True, "file", ("empty",), "the file is no mapping"),
    "schema.unknown-key": Kind(
        True, "key", ("key", "allowed", "elsewhere", "inner"), "a key unknown here; `elsewhere`: dotted places "
        "that have it; `inner`: the keys of its value"
    ),
    "schema.too-new-key": Kind(True, "key", ("key", "allowed", "since"), "a key of a later version of the format"),
    "schema.name": Kind(True, "key", ("key", "pattern"), "a name with characters that are not allowed, or empty"),
    "schema.type": Kind(True, "value", ("expected", "given", "value"), "a value of the wrong type"),
    "schema.format": Kind(True, "value", ("value", "format", "reason"), "a text that is no port (ports) or duration"),
    "schema.enum": Kind(True, "value", ("value", "allowed"), "a word that is not among those allowed"),
    "schema.minimum": Kind(True, "value", ("value", "minimum"), "a number that is too small"),
    "schema.unique": Kind(
        True, "second item", ("first", "second", "value", "same_text"), "an item that is in its list twice "
        "(`same_text`: before interpolation, too)"
    ),
    "schema.required": Kind(True, "mapping", ("key",), "a key that is missing"),
    "schema.not-finite": Kind(True, "value", ("value",), "`.nan` or `.inf`, which JSON does not have"),
    # Decoding
    "decode.refused": Kind(True, "value", ("reason", "detail", "field"), "a value that docker's decoder refuses"),
    "decode.panic": Kind(True, "value", ("reason",), "a value at which docker crashes"),
    "port.address-ignored": Kind(False, "item", ("warning", "value"), "an IP address in a port, which docker drops"),
    "volume.options-ignored": Kind(False, "item", ("options", "value"), "options of a mount that docker does not know"),
    "volume.drive-letter": Kind(
        False, "item", ("letter", "target", "value"), "`v:/data`: taken for a Windows drive, no volume `v`"
    ),
    "volume.no-source": Kind(True, "item", (), "a bind mount without source"),
    "volume.no-home": Kind(False, "item", ("source",), "`~` with no HOME in the environment"),
    "env-file.missing": Kind(True, "item", ("file", "written", "reason"), "an env file that cannot be read"),
    "env-file.invalid": Kind(True, "item", ("file", "written", "reason"), "an env file with a line that is refused"),
    "env-file.special": Kind(False, "item", ("file", "written", "reason"), "a pipe, a device or a huge file: not read"),
    "environment.replaced": Kind(False, "value", ("variable",), "an empty value that the deployer's environment fills"),
    "external.conflict": Kind(True, "value", ("volume", "key"), "an external volume with driver, options or labels"),
    "external.two-names": Kind(True, "value", ("kind", "key"), "`external.name` and `name`"),
    "external.driver-and-file": Kind(True, "value", ("kind", "key"), "a secret with driver and file"),
    # Merging several files; the place is in the later file unless said otherwise
    "merge.zero-lost": Kind(False, "value", ("key", "value", "kept"), "a false, 0 or empty text that does not undo"),
    "merge.entry-lost": Kind(
        False, "the lost item", ("by", "value", "kept", "lost"), "ports by published, mounts by target, secrets and "
        "configs by source: one of two is lost"
    ),
    "merge.healthcheck-appended": Kind(False, "value", ("test",), "health check tests are strung together"),
    "merge.network-options-lost": Kind(False, "value", (), "driver_opts of an attachment in the later file"),
    "merge.log-options-lost": Kind(False, "value", (), "log options where the earlier file has none"),
    "merge.replaced": Kind(False, "value", ("section", "key", "lost"), "an entry replaced whole; `lost`: its keys"),
    "merge.extension-lost": Kind(False, "key", ("key",), "a top-level `x-` key of a later file: dropped"),
    "merge.refused": Kind(True, "value", ("service", "reason"), "two values that docker cannot merge"),
}  # fmt: skip
"""All kinds. Faults of a file (`yaml.*`, see lblint.source) that make docker refuse are passed on beside them."""
