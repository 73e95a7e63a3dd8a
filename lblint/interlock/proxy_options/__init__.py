"""The lines that `GlobalOptions`, `HTTPOptions` and `TCPOptions` add to nginx.conf, judged as nginx does."""
