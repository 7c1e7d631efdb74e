"""JUnit XML: what junit-10.xsd of Jenkins' xUnit plugin allows, written down as a table."""

import re
from dataclasses import replace
from xml.etree import ElementTree as XML

import pytest
from grading.reports.samples import (
    FAILED,
    HOSTILE,
    PASSED,
    SKIPPED,
    UNGRADABLE,
    hostile,
    report,
    reports,
    ungradable,
)
from hypothesis import given

from app.grading.report import Report
from app.grading.reports.junit import as_junit

TIME = re.compile(r"(([0-9]{0,3},)*[0-9]{3}|[0-9]{0,3})*(\.[0-9]*)?")  # the schema's SUREFIRE_TIME
# element: (attributes it must have, those it may have, elements it may hold)
RULES: dict[str, tuple[set[str], set[str], set[str]]] = {
    "testsuites": (set(), {"name", "time", "tests", "failures", "errors"}, {"testsuite"}),
    "testsuite": (
        {"name", "tests", "failures", "errors"},
        {
            "time",
            "skipped",
            "timestamp",
            "hostname",
            "id",
            "package",
            "group",
            "file",
            "log",
            "url",
        },
        {"testsuite", "properties", "testcase", "system-out", "system-err"},
    ),
    "properties": (set(), set(), {"property"}),
    "property": ({"name", "value"}, set(), set()),
    "testcase": (
        {"name"},
        {"time", "classname", "group"},
        {"skipped", "error", "failure", "system-out", "system-err"},
    ),
    "skipped": (set(), {"type", "message"}, set()),
    "error": (set(), {"type", "message"}, set()),
    "failure": (set(), {"type", "message"}, set()),
}


def assert_valid(data: bytes) -> XML.Element:
    root = XML.fromstring(data)
    assert root.tag == "testsuites"
    for element in root.iter():
        must, may, inside = RULES[element.tag]
        assert must <= set(element.attrib) <= must | may, element.tag
        assert {child.tag for child in element} <= inside, element.tag
        assert TIME.fullmatch(element.get("time", "")), element.tag
    return root


@given(reports())
def test_any_report_is_valid_and_counts_its_cases(made: Report) -> None:
    root = assert_valid(as_junit([made, report()]))
    for suite in root:
        cases = suite.findall("testcase")
        counted = [len(cases), *(len(suite.findall(f".//{tag}")) for tag in ("failure", "error"))]
        named = [int(suite.get(name, "")) for name in ("tests", "failures", "errors")]
        assert named == counted
        assert int(suite.get("skipped", "")) == len(suite.findall(".//skipped"))
    assert int(root.get("tests", "")) == len(root.findall(".//testcase"))


@pytest.mark.parametrize("text", HOSTILE)
def test_a_strangers_text_makes_no_element_and_no_control_character(text: str) -> None:
    data = as_junit([hostile(text)])
    assert_valid(data)
    assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e]", data.decode())


def test_each_state_has_its_own_element() -> None:
    root = assert_valid(as_junit([report(PASSED, UNGRADABLE)]))
    assert [[child.tag for child in case] for case in root.iter("testcase")] == [[], ["error"]]
    told = {
        child.tag: child
        for case in assert_valid(as_junit([report(FAILED, SKIPPED)])).iter("testcase")
        for child in case
    }
    assert told["failure"].get("type") == "plain-accepted"
    assert "HTTP/1.1 200 OK\n<b>hello</b>" in (told["failure"].text or "")
    assert told["skipped"].get("message", "").startswith("Not tried")


def test_a_report_without_a_mark_tells_none() -> None:
    root = assert_valid(as_junit([ungradable()]))
    facts = {each.get("name"): each.get("value") for each in root.iter("property")}
    assert facts["gradable"] == "false"
    assert "earned" not in facts


def test_times_are_seconds_and_no_sum_is_rounded_twice() -> None:
    items = [replace(PASSED, duration_s=0.0006)] * 3
    suite = assert_valid(as_junit([report(*items)]))[0]
    assert suite.get("time") == "0.002"
    assert suite.get("timestamp") == "2026-11-23T09:00:00"
