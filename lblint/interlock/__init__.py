"""Labels -> routes: what Interlock (UCP, MKE) makes of the service labels `com.docker.lb.*`."""

from __future__ import annotations

from lblint.interlock.label_table import KEYS, LABELS, PREFIX, LabelSpec
from lblint.interlock.routes import Ingress, Route, read_routes
from lblint.interlock.stack_name import infer_name

__all__ = ["KEYS", "LABELS", "PREFIX", "Ingress", "LabelSpec", "Route", "infer_name", "read_routes"]
