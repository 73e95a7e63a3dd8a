"""What readers of the JSON formats demand, in our own words: every key that is written, none beside them. SARIF's
official schema is longer and freer; the same output is read by a library for SARIF as well."""

from __future__ import annotations

from typing import Any

TEXT = {"type": "string", "minLength": 1}
COUNT = {"type": "integer", "minimum": 1}
MESSAGE = {"type": "object", "properties": {"text": TEXT}, "required": ["text"], "additionalProperties": False}


def closed(**keys: Any) -> dict[str, Any]:
    """An object with exactly these keys."""
    return {"type": "object", "properties": keys, "required": list(keys), "additionalProperties": False}


def several(items: Any) -> dict[str, Any]:
    """A list."""
    return {"type": "array", "items": items}


URI = {"type": "string", "pattern": r"\A(file:///)?[A-Za-z0-9._~/%-]+\Z"}
REGION = closed(startLine=COUNT, startColumn=COUNT, endLine=COUNT, endColumn=COUNT)
LEVEL = {"enum": ["error", "warning", "note"]}
RULE = closed(
    id=TEXT,
    shortDescription=MESSAGE,
    fullDescription=MESSAGE,
    help=closed(text=TEXT, markdown=TEXT),
    defaultConfiguration=closed(level=LEVEL),
    properties=closed(tags=several(TEXT)),
)
CHANGE = closed(
    artifactLocation=closed(uri=URI),
    replacements=several(closed(deletedRegion=REGION, insertedContent=closed(text={"type": "string"}))),
)
FIX = closed(description=MESSAGE, artifactChanges={**several(CHANGE), "minItems": 1})
RESULT = closed(
    ruleId=TEXT,
    ruleIndex={"type": "integer", "minimum": 0},
    level=LEVEL,
    message=MESSAGE,
    locations={**several(closed(physicalLocation=closed(artifactLocation=closed(uri=URI), region=REGION))),
               "minItems": 1},
    partialFingerprints=closed(**{"lblint/v1": {"type": "string", "pattern": r"\A[0-9a-f]{32}\Z"}}),
    properties=closed(breaks=TEXT, service={"type": ["string", "null"]}, stack={"type": ["string", "null"]}),
)  # fmt: skip
RESULT["properties"]["relatedLocations"] = {**RESULT["properties"]["locations"], "minItems": 1}
RESULT["properties"]["fixes"] = {**several(FIX), "minItems": 1}
RESULT["properties"]["relatedLocations"] = RESULT["properties"]["locations"]
# 3.35: why a result does not count
SUPPRESSION = closed(kind={"enum": ["inSource", "external"]}, justification={**TEXT, "minLength": 1})
RESULT["properties"]["suppressions"] = {**several(SUPPRESSION), "minItems": 1}
NOTIFICATION = closed(
    level={"const": "error"},
    message=MESSAGE,
    locations=several(closed(physicalLocation=closed(artifactLocation=closed(uri=URI)))),
)
RUN = closed(
    tool=closed(driver=closed(name={"const": "lblint"}, version=TEXT, semanticVersion=TEXT,
                              rules=several({"anyOf": [RULE, closed(id=TEXT)]}))),
    columnKind={"const": "unicodeCodePoints"},
    invocations=several(closed(executionSuccessful={"type": "boolean"},
                               toolExecutionNotifications=several(NOTIFICATION))),
    results=several(RESULT),
)  # fmt: skip
SARIF = closed(**{"$schema": TEXT, "version": {"const": "2.1.0"}, "runs": {**several(RUN), "minItems": 1}})
"""SARIF 2.1.0, what we use of it."""

GITLAB = several(closed(
    description=TEXT,
    check_name=TEXT,
    fingerprint={"type": "string", "pattern": r"\A[0-9a-f]{32}\Z"},
    severity={"enum": ["info", "minor", "major", "critical", "blocker"]},
    location=closed(path={"type": "string", "pattern": r"\A(?!\./)"}, lines=closed(begin=COUNT, end=COUNT)),
))  # fmt: skip
"""GitLab's code quality report (its page on code quality, "Code quality report format")."""

POINT = closed(line=COUNT, column=COUNT)
DIAGNOSTIC = closed(
    message=TEXT,
    location={"anyOf": [closed(path=TEXT, range=closed(start=POINT, end=POINT)), closed(path=TEXT)]},
    severity={"enum": ["ERROR", "WARNING", "INFO"]},
    code=closed(value=TEXT),
)
RANGE = closed(start=POINT, end=POINT)
DIAGNOSTIC["properties"]["suggestions"] = several(closed(range=RANGE, text={"type": "string"}))
RDJSON = closed(source=closed(name={"const": "lblint"}), diagnostics=several(DIAGNOSTIC))
"""A DiagnosticResult of reviewdog (proto/rdf/reviewdog.proto)."""
