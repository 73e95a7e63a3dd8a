"""Between a client and a manager: calls that make or change a service are judged, all others let through."""
