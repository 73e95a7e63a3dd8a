"""`lblint check --fix` and `--diff`: files in, fixed files or a diff out, and what was done."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Mapping, Sequence

from lblint.cli import files, inputs, output
from lblint.cli.check import ReportStyle, report, save_reports
from lblint.cli.exit_codes import EXIT_FINDINGS, EXIT_UNCHECKED
from lblint.cli.inputs import Run, check_runs
from lblint.cli.report_targets import Report, save_bytes
from lblint.finding import Finding, Fix
from lblint.fix import Mended, chosen, mend
from lblint.lint import Result
from lblint.report.escape import file_name, relative, said
from lblint.source import Source, read, unread
from lblint.source.encoding import encode


class Disk:
    """The files of a run as they were read: what is written back is encoded like it."""

    def __init__(self, stacks: Sequence[Sequence[Source]]) -> None:
        self.content: dict[str, bytes] = {}
        for merged in stacks:
            for source in merged:
                content = unread(source)
                self.content[source.name] = source.text.encode("utf-8") if content is None else content

    def reread(self, source: Source, text: str) -> Source:
        """The source with another text."""
        if source.dialect == "toml":
            from lblint.source.toml import read_toml

            return read_toml(self.encoded(source.name, text), source.name)
        return read(self.encoded(source.name, text), source.name, source.dialect)

    def encoded(self, name: str, text: str) -> bytes:
        """A text as the bytes of a file, which begins as it did."""
        return encode(text, self.content[name])

    def changed(self, mended: Mended) -> dict[str, tuple[Source, bytes]]:
        """The files that are not as they were: how they are now, as text and as bytes."""
        now = {source.name: source for merged in mended.files for source in merged}
        touched = {edit.place.file for _, fix in mended.done for edit in fix.edits}
        new = {name: (source, self.encoded(name, source.text)) for name, source in now.items() if name in touched}
        return {name: content for name, content in new.items() if content[1] != self.content[name]}

    def blocked(self, name: str, new: bytes) -> str:
        """Why a file must not be written, or cannot be; "" where it can, or holds what is new already: another
        ingress may have the file, too."""
        if os.path.exists(name) and not os.path.isfile(name):
            return "is no regular file"
        try:
            if files.content(name) not in (self.content[name], new):
                return "it has changed since it was read"
        except files.UnreadableError as error:
            return str(error).removeprefix(f"{name}: ")
        return "" if os.access(name, os.W_OK) else "Permission denied"


def run(
    runs: Sequence[Run], reports: Sequence[Report], fail_on: str, style: ReportStyle, unsafe: bool, diff: bool
) -> int:
    """Check stacks, fix what can be fixed, and report what remains; with `diff`, show the change and write nothing.

    Exit code: that of what remains; with `diff` 1 if a file would change. Raises `UncheckedError`.
    """
    works = [_Work(run, unsafe) for run in runs]
    changed = {name: of for work in works for name, of in work.changed.items()}
    if diff:
        return _diff(works, changed, reports, style)
    unwritten = {name: why for work in works for name, why in work.write().items()}
    for name, why in unwritten.items():
        output.say(f"cannot write {name}: {why}")
    stdin = [work.disk.content[files.STDIN] for work in works if files.STDIN in work.disk.content]
    if stdin:
        _pass_on(changed[files.STDIN][1] if files.STDIN in changed else stdin[0])
    left = check_runs([work.run._replace(stacks=work.files) for work in works])
    code = report(left, reports, fail_on, style, runs, error=bool(stdin))
    text = _summary([work.mended for work in works], "fixed", len(left.findings))
    if stdin or not any(name == "text" and not file for name, file in reports):
        output.say(text)
    elif not style.quiet:
        output.write(text)
    return EXIT_UNCHECKED if unwritten else code


class _Work:
    """The stacks of one ingress, fixed: what was done, and the files that are not as they were."""

    def __init__(self, run: Run, unsafe: bool) -> None:
        self.disk = Disk(run.stacks)
        self.run = run._replace(options=inputs.asked_once(run.options))
        inputs.check_rules(run.options)
        options = self.run.options

        def check(merged: Sequence[Sequence[Source]]) -> Result:
            return inputs.check_all(
                merged, options._replace(rules=options.rules._replace(select=frozenset(), ignore=frozenset()))
            )

        def wanted(finding: Finding) -> Fix | None:
            silent = finding.rule in options.rules.ignore or (
                options.rules.select and finding.rule not in options.rules.select
            )
            fix = None if silent else chosen(finding, unsafe)
            return None if fix is None or any(edit.place.file in run.kept for edit in fix.edits) else fix

        self.mended = mend(run.stacks, check, self.disk.reread, wanted)
        self.changed = self.disk.changed(self.mended)
        self.files: list[list[Source]] = [list(merged) for merged in self.mended.files]

    def write(self) -> dict[str, str]:
        """Write the files; those that are not written, with the reason. Files that a fix has in common are all written
        or none. What could not be written is taken as it was."""
        names = [name for name in self.changed if name != files.STDIN]
        unwritten = {name: why for name in names if (why := self.disk.blocked(name, self.changed[name][1]))}
        for _ in names:
            for _, fix in self.mended.done:
                common = set(self.changed) & {edit.place.file for edit in fix.edits}
                if common & set(unwritten):
                    first = min(common & set(unwritten))
                    unwritten.update(dict.fromkeys(common - set(unwritten), f"it goes with {first}"))
        for name in names:
            if name not in unwritten:
                try:
                    save_bytes(name, self.changed[name][1])
                except OSError as error:
                    unwritten[name] = error.strerror or str(error)
        self._keep(unwritten)
        return unwritten

    def _keep(self, names: Collection[str]) -> None:
        old = {source.name: source for merged in self.run.stacks for source in merged}
        self.files = [[old[s.name] if s.name in names else s for s in merged] for merged in self.files]
        done = tuple(entry for entry in self.mended.done if entry[0].file not in names)
        self.mended = self.mended._replace(done=done)


def _pass_on(content: bytes) -> None:
    if sys.stdout is not None:
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()


def _summary(works: Sequence[Mended], word: str, left: int) -> str:
    """What was done, one line each; what was not, and why; and how much of both."""
    done = [entry for mended in works for entry in mended.done]
    lines = [f"{_where(finding)}: {word}: {said(fix.title)} [{finding.rule}]" for finding, fix in done]
    for mended in works:
        lines += [f"{_where(finding)}: not {word}: {said(why)} [{finding.rule}]" for finding, _, why in mended.refused]
    lines.append(f"{len(done)} {word}, {left} remain{'s' if left == 1 else ''}")
    return "\n".join(lines) + "\n"


def _where(finding: Finding) -> str:
    return f"{file_name(finding.file)}:{finding.position.line}:{finding.position.column}"


def _diff(
    works: Sequence[_Work],
    changed: Mapping[str, tuple[Source, bytes]],
    reports: Sequence[Report],
    style: ReportStyle,
) -> int:
    """Print what would change, and write the reports of the files as they are that go to files; return 1 if something
    would change, 2 if something could not be checked."""
    for name, (_, new) in changed.items():
        old = next(work.disk.content[name] for work in works if name in work.disk.content)
        output.write_bytes(unified_diff(old, new, name))
    left = sum(len(work.mended.result.findings) for work in works)
    unchecked = dict.fromkeys(entry for work in works for entry in work.mended.result.unchecked)
    for file, reason in unchecked:
        output.say(f"{file}: could not check: {reason}")
    output.say(_summary([work.mended for work in works], "to be fixed", left))
    unwritten = False
    if any(file for _, file in reports):
        runs = [work.run for work in works]
        result = check_runs(runs)
        result = result._replace(most=inputs.most_listed(runs, style.most))
        unwritten = save_reports(result, reports, style, [*result.checked.sources, *inputs.behind(runs)])
    if unchecked or unwritten:
        return EXIT_UNCHECKED
    return EXIT_FINDINGS if changed else 0


def unified_diff(old: bytes, new: bytes, name: str) -> bytes:
    """Return a diff that `git apply` and `patch -p1` take, of a file's content before and after. Lines end with a line
    feed alone, as git sees them; a byte order mark and carriage returns belong to their lines."""
    from lblint.report.unified_diff import hunks

    before, after = (content.split(b"\n") for content in (old, new))
    before, after = ([line + b"\n" for line in lines[:-1]] + lines[-1:] * bool(lines[-1]) for lines in (before, after))
    head = [b"%s %s\n" % (mark, _header(side + relative(name))) for mark, side in ((b"---", "a/"), (b"+++", "b/"))]
    ended = (
        line if line.endswith(b"\n") else line + b"\n\\ No newline at end of file\n" for line in hunks(before, after)
    )
    return b"".join((*head, *ended))


def _header(name: str) -> bytes:
    """Return a name as the head of a diff has it: in quotes where it holds what would end it, as git writes it."""
    written = os.fsencode(name)
    if any(byte < 32 or byte in b'"\\\x7f' for byte in written):
        escaped = (chr(byte) if 32 <= byte < 127 and byte not in b'"\\' else f"\\{byte:03o}" for byte in written)
        return f'"{"".join(escaped)}"'.encode()
    return written + b"\t" if b" " in written else written
