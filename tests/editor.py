"""An editor, as far as a language server sees one: JSON-RPC over the pipes of a process."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any


class Editor:
    """A server that runs, and what was said to it."""

    def __init__(self, folder: Path) -> None:
        command = [sys.executable, "-m", "lblint", "lsp"]
        self.process = subprocess.Popen(command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.folder = folder
        self.number = 0
        self.version = 0
        self.findings: dict[str, list[dict[str, Any]]] = {}
        root = {"processId": None, "rootUri": folder.as_uri(), "capabilities": {}}
        self.capabilities: dict[str, Any] = self.ask("initialize", root)["capabilities"]
        self.tell("initialized", {})

    def tell(self, method: str, params: object) -> None:
        """Send a notification."""
        self._send({"jsonrpc": "2.0", "method": method, "params": params})

    def ask(self, method: str, params: object) -> Any:
        """Send a request and wait for its answer."""
        self.number += 1
        self._send({"jsonrpc": "2.0", "id": self.number, "method": method, "params": params})
        while True:
            said = self._read()
            if said.get("id") == self.number and "method" not in said:
                assert "error" not in said, said["error"]
                return said["result"]

    def _send(self, message: object) -> None:
        assert self.process.stdin is not None
        body = json.dumps(message).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.process.stdin.flush()

    def _read(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        length = 0
        while (line := self.process.stdout.readline()) not in (b"\r\n", b""):
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        assert length, "the server has gone away"
        said: dict[str, Any] = json.loads(self.process.stdout.read(length))
        if said.get("method") == "textDocument/publishDiagnostics":
            self.findings[said["params"]["uri"]] = said["params"]["diagnostics"]
        return said

    def uri(self, name: str) -> str:
        """A document of the folder."""
        return (self.folder / name).as_uri()

    def shows(self, name: str, text: str) -> list[dict[str, Any]]:
        """What is found in a document with this text: opened, or changed where it is open."""
        uri = self.uri(name) if ":" not in name else name
        self.version += 1
        if self.version == 1 or uri not in self.findings:
            document = {"uri": uri, "languageId": "yaml", "version": self.version, "text": text}
            self.tell("textDocument/didOpen", {"textDocument": document})
        else:
            change = {"textDocument": {"uri": uri, "version": self.version}, "contentChanges": [{"text": text}]}
            self.tell("textDocument/didChange", change)
        self.findings.pop(uri, None)
        while uri not in self.findings:
            self._read()
        return self.findings[uri]

    def close(self) -> int:
        """Say goodbye; the exit code."""
        self.ask("shutdown", None)
        self.tell("exit", None)
        return self.process.wait(20)

    def end(self) -> None:
        """Leave nothing behind."""
        self.process.kill()
        with contextlib.suppress(BrokenPipeError):
            self.process.communicate(timeout=20)
