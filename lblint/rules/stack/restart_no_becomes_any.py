"""`restart: "no"` makes a service that is restarted for ever.

Docker sends no restart policy for "no", and Swarm's default is to restart a task whatever happens. A task that ends on
purpose is started again and again.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Hit, Severity
from lblint.rules import rule
from lblint.rules._setting import setting
from lblint.stack import Stack


@rule(
    on=Stack,
    severity=Severity.WARNING,
    consequence="tasks that end are started again, without limit",
    needs=("restart",),
)
def check(stack: Stack) -> Iterator[Hit]:
    for service in stack.services:
        restart = str(service.config.get("restart") or "")
        if restart.partition(":")[0] == "no" and setting(service.config, "deploy", "restart_policy") is None:
            from lblint.finding import Edit, Fix, Place

            place = stack.place("services", service.key, "restart")
            policy = Place(place.file, (*place.path[:2], "deploy", "restart_policy"))
            edit = Edit("insert", policy, "none", "condition")
            fix = Fix("write deploy.restart_policy with condition: none", (edit,), safe=False)
            yield Hit(
                place,
                f'restart "{restart}" has the effect of `any`: no policy is sent, and that is Swarm\'s default',
                "deploy.restart_policy with `condition: none`",
                fixes=(fix,),
            )
