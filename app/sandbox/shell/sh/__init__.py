"""A small sh.

Grammar: words with single and double quotes and backslashes; `$name`, `${name}`, `${name:-word}`
(also `:=`, `:+`, `:?`, `#`, `##`, `%`, `%%`), `${#name}`, `$?`, `$#`, `$@`, `$1`, `$(...)`,
backquotes, `$((...))`; `;`, newline, `&&`, `||`, `!`, `|`, `&` with `wait`; `for`, `while`,
`until`, `if`, `case`, `{ }`, `( )`, functions; `>`, `>>`, `<`, `2>`, `2>&1`, `&>`, here-documents.
Not: file name patterns, arrays, `[[ ]]`, jobs. A loop that never waits is slowed down.
"""
