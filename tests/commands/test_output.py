"""Output becomes clean, bounded, redacted lines."""

import pytest

from app.commands.output import MAX_LINE_BYTES, LineSplitter, clean
from app.commands.redact import MARK, Redactor

JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJzeXN0ZW0ifQ.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("plain\ttext", "plain\ttext"),
        ("\x1b[32mgreen\x1b[0m", "green"),
        ("\x1b]0;title\x07text", "text"),
        ("\x1b]8;;javascript:alert(1)\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("10 %\r50 %\r100 %", "100 %"),
        ("windows\r", "windows"),
        ("a\x00b\x08c\x7f", "abc"),
        ("\u202egnp.exe", "gnp.exe"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
    ],
)
def test_a_line_is_what_a_terminal_would_show_in_the_end(raw: str, shown: str) -> None:
    assert clean(raw) == shown


def test_chunks_are_joined_to_lines_and_bytes_that_are_no_text_replaced() -> None:
    splitter = LineSplitter()
    assert splitter.feed(b"on") == []
    assert splitter.feed(b"e\ntwo\nth") == ["one", "two"]
    assert splitter.feed(b"r\xffee") == []
    assert splitter.end() == ["thr\N{REPLACEMENT CHARACTER}ee"]


def test_a_line_of_ten_mebibytes_loses_its_rest_and_no_other_line() -> None:
    splitter = LineSplitter()
    lines = [line for _ in range(160) for line in splitter.feed(b"x" * MAX_LINE_BYTES)]
    lines += splitter.feed(b"end\nnext\n")
    assert len(lines) == 2
    assert "left out" in lines[0]
    assert lines[1] == "next"


@pytest.mark.parametrize(
    "line",
    [
        f"token: {JWT}",
        f"Authorization: Bearer {JWT}",
        "authorization: Basic dXNlcjpwYXNzd29yZA==",
        '{"authorization": "Bearer abcdefghijkl"}',
        "client-key-data: LS0tLS1CRUdJTiBSU0EgUFJJVkFURQ==",
        "    client-certificate-data: QUJDREVGRw==abcd",
        '"inline_bytes": "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURQ=="',
        "password=correct-horse-battery",
        "-----BEGIN CERTIFICATE-----MIIB-----END CERTIFICATE-----",
    ],
)
def test_what_is_secret_is_not_kept(line: str) -> None:
    kept = Redactor().line(line)
    assert MARK in kept
    for secret in (JWT, "dXNlcjpw", "abcdefghijkl", "LS0t", "QUJD", "battery", "MIIB"):
        assert secret not in kept


def test_a_key_of_several_lines_is_not_kept() -> None:
    redactor = Redactor()
    lines = ["a", "-----BEGIN RSA PRIVATE KEY-----", "MIIB", "xyz", "-----END RSA PRIVATE KEY-----"]
    kept = [redactor.line(line) for line in [*lines, "b"]]
    assert kept[0] == "a"
    assert kept[-1] == "b"
    assert not any("MIIB" in line or "xyz" in line for line in kept)


@pytest.mark.parametrize(
    "line", ["NAME   READY   STATUS", "error: token not found", "bearer of news", "mtls: STRICT"]
)
def test_ordinary_lines_stay_as_they_are(line: str) -> None:
    assert Redactor().line(line) == line
