"""A variable without braces swallows what stands behind it.

`$FOO-bar` is not the value of FOO followed by `-bar`: docker reads the dash as that of a default, and the rest of the
text, up to the next `}`, as the default itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Hit, Severity
from lblint.rules import rule
from lblint.stack import Stack


@rule(
    on=Stack,
    severity=Severity.WARNING,
    consequence="the value is another one than it looks",
    needs=("interpolation.unbraced-default",),
)
def check(stack: Stack) -> Iterator[Hit]:
    for fault in stack.faults:
        if fault.kind == "interpolation.unbraced-default":
            name, text = str(fault.facts["variable"]), str(fault.facts["expression"])
            from lblint.rules._mend import write

            braced = "${" + name + "}" + text[len(name) + 1 :]
            role = "the message of an error" if "?" in str(fault.facts["mark"]) else "the default"
            yield Hit(
                fault.place,
                f'"{text}" is all one variable: {name}, with "{fault.facts["rest"]}" as {role}',
                braced,
                fixes=write(fault.place, braced, safe=False) if fault.place.chars else (),
            )
