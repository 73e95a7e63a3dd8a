"""A certificate that stands in for every secret when nginx tries a config. For trials only: its key is the number 1."""

from __future__ import annotations

_KEY = """\
MHcCAQEEIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABoAoGCCqGSM49AwEHoUQDQgAE
axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7L
tkBoN79R9Q==
"""
_CERTIFICATE = """\
MIIBvTCCAWOgAwIBAgIUL4iCsMCKKBDWrhBax42/YVpqtSEwCgYIKoZIzj0EAwIw
MzExMC8GA1UEAwwoZm9yIHRyaWFscyBvbmx5OiBpdHMga2V5IGlzIHRoZSBudW1i
ZXIgMTAgFw0yNjExMjEwNDU1NTdaGA8yMTI2MTAyODA0NTU1N1owMzExMC8GA1UE
AwwoZm9yIHRyaWFscyBvbmx5OiBpdHMga2V5IGlzIHRoZSBudW1iZXIgMTBZMBMG
ByqGSM49AgEGCCqGSM49AwEHA0IABGsX0fLhLEJH+Lzm5WOkQPJ3A32BLeszoPSh
OUXYmMKWT+NC4v4af5uO5+tKfA+eFivOM1drMV7Oy7ZAaDe/UfWjUzBRMB0GA1Ud
DgQWBBS0Z6OZnrXvpnHeADLwipyeXv2g4TAfBgNVHSMEGDAWgBS0Z6OZnrXvpnHe
ADLwipyeXv2g4TAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIQDm
Ov5Ne0lSuuBEuGvghMnbf+9JKcDO8MxoBXetjiBK/gIgVstcfIse4jNVOfhMYTNY
w1L+8Hjgi2GsCx0Ehh+tVPA=
"""


def pem() -> str:
    """The self-signed certificate (P-256, until 2126) and its key in one file, which serves as either."""
    parts = (("CERTIFICATE", _CERTIFICATE), ("EC PRIVATE KEY", _KEY))
    return "".join(f"-----BEGIN {name}-----\n{text}-----END {name}-----\n" for name, text in parts)
