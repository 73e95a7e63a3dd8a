"""A network, volume, secret or config is declared and not used.

Docker creates no network that no service uses, and no volume before a task mounts it; secrets and configs are created
all the same.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Hit, Severity
from lblint.rules import rule
from lblint.rules._labels import labels
from lblint.rules._setting import entries, setting
from lblint.rules._tls import fit
from lblint.stack import FileObject, Stack


@rule(on=Stack, severity=Severity.INFO, consequence="nothing breaks; a misspelt name may be the reason")
def check(stack: Stack) -> Iterator[Hit]:
    for network in stack.networks.values():
        if network.declared and not network.used:
            yield Hit(network.place.on_key(), f'network "{network.key}" is on no service: docker does not create it')
    for section, declared in (("volumes", stack.volumes), ("secrets", stack.secrets), ("configs", stack.configs)):
        if not declared:
            continue
        used = {item.get("source") for service in stack.services for _, item in entries(service.config, section)}
        used |= {setting(service.config, "credential_spec", "config") for service in stack.services}
        if section == "secrets":
            used |= {secret.key for secret in _for_the_proxy(stack)}
        for key, item in declared.items():
            if key not in used:
                made = "it is never created" if section == "volumes" else "it is created all the same"
                if getattr(item, "external", False):
                    made = "it is not looked for"
                yield Hit(item.place.on_key(), f'{section[:-1]} "{key}" is used by no service: {made}')


def _for_the_proxy(stack: Stack) -> Iterator[FileObject]:
    """The secrets that a label names for the proxy: no service of the stack need use them."""
    for _, label in labels(stack, "ssl_cert", "ssl_key"):
        secret = fit(stack, label.value.strip(" "))[1]
        if secret is not None:
            yield secret
