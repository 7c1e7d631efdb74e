"""The look of a report's page: light and dark, on a phone and on paper. It loads nothing."""

import base64
import hashlib
from typing import Final

STYLE: Final = """
:root { color-scheme: light dark; --ink: #1c2430; --dim: #566173; --paper: #fff; --soft: #f3f5f9;
  --line: #d5dbe5; --passed: #17663a; --failed: #a3231a; --skipped: #7a5200;
  --ungradable: #6b2f8f; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8ecf3; --dim: #a6b0c0; --paper: #12161d;
  --soft: #1b212b; --line: #384253; --passed: #6fd39a; --failed: #ff9c92; --skipped: #efc15c;
  --ungradable: #d3a4f2; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1rem 4rem; max-width: 60rem; background: var(--paper);
  color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .25rem; }
h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
p { margin: .25rem 0; }
.mark { font-size: 1.3rem; font-weight: 600; }
.dim, dt, th { color: var(--dim); }
.problem { border-left: .25rem solid var(--ungradable); padding: .25rem .75rem; }
.table { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; overflow-wrap: break-word; }
th, td { text-align: left; vertical-align: top; padding: .35rem .6rem .35rem 0;
  border-bottom: 1px solid var(--line); }
th { font-weight: 500; }
th.number, td.number { text-align: right; white-space: nowrap; padding: .35rem 0 .35rem .6rem;
  font-variant-numeric: tabular-nums; }
svg { display: block; width: 100%; min-width: 4rem; max-width: 20rem; height: .9rem;
  margin-top: .3rem; color: var(--dim); }
a { color: inherit; }
.passed { color: var(--passed); } .failed { color: var(--failed); }
.skipped { color: var(--skipped); } .ungradable { color: var(--ungradable); }
.state { font-weight: 600; white-space: nowrap; }
article { border: 1px solid var(--line); border-radius: .4rem; padding: .6rem .9rem;
  margin: 0 0 .75rem; }
article > header { display: flex; flex-wrap: wrap; gap: .25rem 1rem; align-items: baseline; }
article h3 { font-size: 1rem; margin: 0; flex: 1 1 18rem; }
.message { white-space: pre-line; }
pre { background: var(--soft); padding: .6rem .75rem; border-radius: .3rem; margin: .25rem 0 .5rem;
  font: .85rem/1.45 ui-monospace, monospace; white-space: pre-wrap; }
summary { cursor: pointer; margin-top: .4rem; }
:focus-visible { outline: 2px solid currentColor; outline-offset: 2px; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; margin: 0; }
dd { margin: 0; }
@media (max-width: 30rem) { dl { grid-template-columns: 1fr; } dd { margin-bottom: .4rem; } }
@media print { :root { color-scheme: light; --ink: #000; --dim: #444; --paper: #fff;
  --soft: #f6f6f6; --line: #bbb; --passed: #0d4f2b; --failed: #8a1a12; --skipped: #5f4000;
  --ungradable: #57237a; }
  body { padding: 0; max-width: none; font-size: 10pt; } header, tr { break-inside: avoid; }
  h2, h3 { break-after: avoid; } summary { list-style: none; }
  details::details-content { content-visibility: visible; block-size: auto; } }
"""
_HASH: Final = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
# No script, no image, no form, no request: even a text that got through unescaped could do nothing.
POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'"
)
