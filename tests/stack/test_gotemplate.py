"""Go templates: which ones a manager surely refuses."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lblint.stack.go_template import Verdict, judge


@pytest.mark.parametrize(
    "text",
    [
        "plain",
        "{ {.Foo} }",
        "}}",
        "{{.Task.Slot}}",
        "a-{{ .Node.Hostname }}-{{.Task.Slot}}",
        "{{.Node.Platform.Architecture}}",
        "{{- .Service.Name -}}",
        "{{.Service}}",
        "{{.Service.Labels}}",
        "{{.}}",
        '{{"{{"}}',
        "{{`raw`}}",
        "{{/* note */}}x",
        '{{index .Service.Labels "a.b"}}',
        '{{join "-" .Service.Name .Task.Slot}}',
        "{{print .Task.ID}}",
    ],
)
def test_sound(text: str) -> None:
    assert judge(text).verdict is Verdict.SOUND


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{{.Foo}}", "can't evaluate field Foo in type *template.Context"),
        ("{{.Task.Foo}}", "can't evaluate field Foo in type struct { ID string; Name string; Slot string }"),
        ("{{.Service.Name.X}}", "can't evaluate field X in type string"),
        ("{{.Service.Labels.foo}}", 'map has no entry for key "foo"'),
        ("{{.Names}} up {{.Task.Slot}}", "can't evaluate field Names in type *template.Context"),
        ('{{env "HOME"}}', 'function "env" not defined'),
        ("{{foo.bar}}", 'function "foo" not defined'),
        ("{{foo-bar}}", "bad character U+002D '-'"),
        ("{{if .Foo}}{{nope}}{{end}}", 'function "nope" not defined'),
        ("{{}}", "missing value for command"),
        ("{{ .Task.Slot", "unclosed action"),
        ('{{"a}}', "unterminated quoted string"),
        ("{{/* x }}", "unclosed comment"),
        ("{{end}}", "unexpected {{end}}"),
        ("{{nil}}", "nil is not a command"),
        ("{{range .Service.Labels}}", "unexpected EOF"),
        ("{{print .Foo}}", "can't evaluate field Foo in type *template.Context"),
    ],
)
def test_refused(text: str, told: str) -> None:
    assert judge(text) == (Verdict.REFUSED, told)


@pytest.mark.parametrize(
    "text",
    [
        "{{if .Foo}}x{{end}}",
        "{{.Expand}}",
        "{{$x := .Foo}}",
        "{{.Task.Slot | print}}",
        '{{eq .Task.Slot "1"}}',
        "{{or .Task.Slot .Foo}}",
        "{{index .Service.Labels}}",
        "{{len .Service.Labels}}",
        '{{join .Service.Labels "x"}}',
        "{{(.Task).Slot}}",
        "{{print nil}}",
    ],
)
def test_undecided(text: str) -> None:
    assert judge(text).verdict is Verdict.UNDECIDED


@given(
    st.text()
    | st.lists(
        st.sampled_from(
            [
                "{{",
                "}}",
                "-",
                " ",
                ".",
                "a",
                ".Task.Slot",
                '"',
                "`",
                "/*",
                "*/",
                "end",
                "if",
                "'",
                "\\",
                "$",
                "(",
                "|",
                "1",
            ]
        )
    ).map("".join)
)
def test_any_text_gets_an_answer(text: str) -> None:
    answer = judge(text)
    assert bool(answer.told) is (answer.verdict is Verdict.REFUSED)


@pytest.mark.parametrize("part", ["{", "{{", "{{.A}}", '"', "a", "{{/*", "{{`", ".a", "{{''}}", " "])
def test_long_texts_are_quick(part: str) -> None:
    start = time.process_time()
    judge(part * 50_000)
    judge("{{" + part * 50_000)
    assert time.process_time() - start < 2
