"""The options of networks that rules on a stack and rules on what runs both read."""

from __future__ import annotations

from collections.abc import Mapping

VXLAN = "com.docker.network.driver.overlay.vxlanid_list"
"""The option that names the VXLAN IDs of an overlay network (libnetwork drivers/overlay/ovmanager)."""


def vxlan_ids(options: Mapping[str, object]) -> list[str]:
    """Return the VXLAN IDs in the options of a network, as they are written."""
    return str(options[VXLAN] or "").split(",") if VXLAN in options else []
