"""Flags that several verbs of kubectl share."""

from typing import Final

from app.commands.allowed.flags import Flag
from app.commands.allowed.values import (
    COLUMNS,
    DRY_RUN,
    DURATION,
    FILES,
    NAMESPACE,
    NUMBER,
    OUTPUT,
    SELECTOR,
    SHOWN,
    TEXT,
    Value,
)

IN_NAMESPACE: Final = Flag("namespace", NAMESPACE, "n")
TIMED: Final = Flag("request-timeout", DURATION)
VERBOSE: Final = Flag("v", Value("a level from 0 to 5: higher ones show headers", "[0-5]"), "v")
GLOBAL: Final = (IN_NAMESPACE, TIMED, VERBOSE)
EVERYWHERE: Final = Flag("all-namespaces", short="A")
SELECTED: Final = Flag("selector", SELECTOR, "l")
FIELDS: Final = Flag("field-selector", SELECTOR)
FROM_FILES: Final = Flag("filename", FILES, "f", many=True)
SHOWS: Final = Flag("output", OUTPUT, "o")
SHOWS_CHANGED: Final = Flag("output", SHOWN, "o")
TRY: Final = Flag("dry-run", DRY_RUN)
TIMEOUT: Final = Flag("timeout", DURATION)
ALL: Final = Flag("all")
BARE: Final = Flag("no-headers")
SORTED: Final = Flag("sort-by", Value("a field such as .metadata.name", r"[A-Za-z0-9_.{}\[\]-]+"))
RAW: Final = Flag(
    "raw",
    Value(
        "one of the server's health pages",
        r"/(?:readyz|livez|healthz)(?:\?verbose)?|/version",
        ("/readyz", "/livez", "/healthz", "/version"),
    ),
)
GET: Final = (
    *GLOBAL,
    EVERYWHERE,
    SELECTED,
    FIELDS,
    FROM_FILES,
    SHOWS,
    SORTED,
    BARE,
    RAW,
    Flag("watch", short="w"),
    Flag("watch-only"),
    Flag("output-watch-events"),
    Flag("show-labels"),
    Flag("show-kind"),
    Flag("show-managed-fields"),
    Flag("ignore-not-found"),
    Flag("label-columns", COLUMNS, "L", many=True),
    Flag("template", TEXT),
    Flag("chunk-size", NUMBER),
)
