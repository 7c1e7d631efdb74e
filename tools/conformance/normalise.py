"""Makes two clusters' answers comparable: what may differ by nature is replaced by what it is."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from tools.conformance.cases import Case
from tools.conformance.cluster import Answer

SAFE = "bcdfghjklmnpqrstvwxz2456789"  # the letters of Kubernetes' generated names
AGE = r"(?:\d+y)?(?:\d+d)?(?:\d+h)?(?:\d+m)?(?:\d+s)?"
AGED = re.compile(r"\b(AGE|LAST SEEN|FIRST SEEN|DURATION|Age)\b")
RULES: tuple[tuple[str, str], ...] = (
    (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "<uid>"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)", "<time>"),
    (r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [+-]\d{4}", "<time>"),
    (r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [A-Z]+", "<time>"),
    (r"/tmp/conformance-\w+", "<folder>"),
    (r"(Resource Version: +)\d+", r"\1<version>"),
    (r"\d{4}[-/]\d\d[-/]\d\d \d\d:\d\d:\d\d(?:\.\d+)?(?: \+0000 UTC)?", "<time>"),
    (r"(resourceVersion\\?\"?: ?)\\?\"?\d+\\?\"?", r"\1<version>"),
    (r"(containerd|docker|cri-o)://[0-9a-f]{64}", "<container>"),
    (r"[\w./-]*@?sha256:[0-9a-f]{64}", "<digest>"),
    (r"-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----(?:\\n|\n)?", "<certificate>"),
    (r"\b(\d+\.\d+\.\d+\.\d+):\d{5}\b(?=->)", r"\1:<port>"),
    (r"(127\.0\.0\.1|\[::1\]):\d{4,5}\b", r"\1:<port>"),
    (r"\b10\.244\.\d+\.\d+(?:/\d+)?", "<pod ip>"),
    (r"\b10\.96\.(?!0\.10?\b)\d+\.\d+\b", "<cluster ip>"),
    (r"\b(?:10\.88\.0\.1|192\.168\.49\.2)\b", "<node ip>"),
    (r"\b(?:mesh-bed|minikube)\b", "<node>"),
    (r"(?<=:)3[0-2]\d{3}(?=/TCP)", "<node port>"),
    (r"((?:nodePort|NodePort)\"?:\s+(?:\S+\s+)?)3[0-2]\d{3}", r"\1<node port>"),
    (r"v1\.3[4-7]\.\d+(?:[-+][\w.]+)?", "<kubernetes>"),
    (r"\bcurl/\d+\.\d+\.\d+\b", "curl/<version>"),
    (r"\b1\.31\.0(?:-\w+)?\b", "<istio>"),
    (rf"-[{SAFE}]{{8,10}}-[{SAFE}]{{5}}\b", "-<hash>-<id>"),
    (rf"(?<=[a-z0-9])-[{SAFE}]{{8,10}}\b(?=-?$|-?[^-\w])", "-<hash>"),
    (rf"(pod-template-hash[=:] ?\"?)[{SAFE}]{{8,10}}", r"\1<hash>"),
    (rf"(?<=[a-z0-9])-(?!https\b|http2\b)[{SAFE}]{{5}}\b", "-<id>"),
    (r"in [\d.]+m?s \([\d.]+m?s including waiting\)\. Image size: \d+ bytes", "in <time>"),
    (r"^(Duration: +)\w+$", r"\1<age>"),
    (r"\.[0-9a-f]{16}\b", ".<event>"),
    (r"\b[0-9a-f]{64}\b", "<digest>"),
    (r"(?:map\[string\]|\[\])interface \{\}.*", "<object>"),
    (r"^\S+ INFO GOMEMLIMIT .*\n", ""),  # what pilot-agent says of the machine
    (r"^error: lost connection to pod\n", ""),  # said or not, by when the forward is ended
    (r"^E\d{4} [\d:.]+ +\d+ (\w+\.go):\d+\]", r"E \1"),
    (r"forwarding \d+ -> (\d+): error forwarding port \d+ to pod .*", r"forwarding to \1"),
    (r"^Flag --[\w-]+ has been deprecated.*\n", ""),
)
COMPILED = [(re.compile(old, re.M), new) for old, new in RULES]
Shape = dict[str, Any]


def normalised(answer: Answer, case: Case) -> Shape:
    """Return the comparable part of an answer: {"code", "out", "err"}, texts as lists of lines.

    A tally has {"code", "shares"} instead: {line: share of all lines}.
    """
    if case.tally:
        lines = _text(answer.out, case)
        counted = Counter(line for line in lines if line)
        total = sum(counted.values()) or 1
        shares = {line: round(n / total, 3) for line, n in sorted(counted.items())}
        return {"code": answer.code, "shares": shares}
    out = _leaves(answer.out, case.leaves) if case.leaves else answer.out
    lines = _text(out, case)
    if case.pick:
        lines = [line for line in lines if re.search(case.pick, line)]
    if not case.ordered:
        lines = sorted(lines)
    shape: Shape = {"code": answer.code, "out": lines}
    if err := _text(answer.err, case):
        shape["err"] = err if case.ordered else sorted(err)
    return shape


def _text(text: str, case: Case) -> list[str]:
    for old, new in COMPILED:
        text = old.sub(new, text)
    for pattern, new in case.sub:
        text = re.sub(pattern, new, text, flags=re.M)
    lines = list(_events(_aged(text.splitlines())))
    while lines and not lines[-1]:
        lines.pop()
    return lines


def _aged(lines: list[str]) -> Iterator[str]:
    """Yield lines with runs of blanks made one size, and the ages of tables replaced."""
    in_table = False
    for line in lines:
        if AGED.search(line):
            in_table = True
        elif not line.strip():
            in_table = False
        indent = len(line) - len(line.lstrip(" "))
        body = re.sub(r"(?: {2,}|\s*\t\s*)", "  ", line.strip())
        if in_table:
            body = re.sub(rf"(?<![\w.-])(?=\d){AGE}(?![\w.%/:-])(?<=[smhdy])", "<age>", body)
            body = re.sub(r"\(x\d+ over <age>\)", "(repeated)", body)
            body = re.sub(r"<age> \(repeated\)", "<age>", body)
        yield " " * indent + body


def _events(lines: Iterator[str]) -> Iterator[str]:
    """Yield lines with the events of a description as a set: how often and when is free."""
    told: set[str] | None = None
    for line in lines:
        if told is not None and line.startswith("  "):
            if line not in told:
                told.add(line)
            continue
        if told is not None:
            yield from sorted(told)
            told = None
        yield line
        if re.match(r"Events:\s*$", line):
            told = set()
    if told is not None:
        yield from sorted(told)


def _leaves(text: str, wanted: str) -> str:
    """Return `path: value` of each leaf of JSON whose path matches, one a line."""
    try:
        read = json.loads(text)
    except ValueError:
        return text
    return "\n".join(line for line in _walk(read, "") if re.search(wanted, line.split(": ")[0]))


def _walk(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key in sorted(value):
            yield from _walk(value[key], f"{path}.{key}")
    elif isinstance(value, list):
        for item in value:
            yield from _walk(item, f"{path}[]")
    else:
        yield f"{path}: {json.dumps(value)}"
