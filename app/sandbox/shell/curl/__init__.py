"""curl, as far as tutorials use it: flags, globs, redirects, retries, words and exit codes.

HTTP/1.1 alone, no proxies; a flag that is not emulated is refused with a sentence that says so.
Source: https://curl.se/docs/manpage.html
"""
