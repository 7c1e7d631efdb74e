"""The options that curl is known by here, and those that are refused because they are not whole.

Source: https://curl.se/docs/manpage.html
"""

_FLAGS = """
basic buffer compressed create-dirs disable fail fail-early fail-with-body get globoff head help
http0.9 http1.0 http1.1 http2 include insecure ipv4 junk-session-cookies keepalive list-only
location location-trusted manual next no-buffer parallel parallel-immediate path-as-is post301
post302 post303 progress-bar progress-meter raw remote-name remote-name-all retry-all-errors
retry-connrefused sessionid show-error show-headers silent ssl styled-output tcp-nodelay tlsv1
tlsv1.0 tlsv1.1 tlsv1.2 tlsv1.3 tr-encoding verbose version
"""
_VALUES = """
cacert ciphers connect-timeout connect-to cookie cookie-jar data data-ascii data-binary data-raw
data-urlencode dump-header expect100-timeout form form-string header json keepalive-time
max-filesize max-redirs max-time noproxy oauth2-bearer output output-dir parallel-max range rate
referer request request-target resolve retry retry-delay retry-max-time stderr tls-max upload-file
url user user-agent write-out
"""
_NO_SOCKETS = "there are no sockets of the host here"
_NO_CERTIFICATE = "no client certificate can be presented by hand"
_REFUSED = {  # with a value
    "abstract-unix-socket": _NO_SOCKETS,
    "cert": _NO_CERTIFICATE,
    "config": "write the options out",
    "interface": "a pod has one address",
    "key": _NO_CERTIFICATE,
    "limit-rate": "it is as fast as it is",
    "proxy": "there is no proxy to be reached",
    "trace": "use -v",
    "trace-ascii": "use -v",
    "unix-socket": _NO_SOCKETS,
}
_REFUSED_FLAGS = {
    "digest": "it knows basic authentication",
    "http2-prior-knowledge": "it speaks HTTP/1.1",
    "http3": "it speaks HTTP/1.1",
    "ipv6": "the sandbox has IPv4 alone",
    "negotiate": "it knows basic authentication",
    "ntlm": "it knows basic authentication",
}
REFUSED = {**_REFUSED, **_REFUSED_FLAGS}
TAKES: dict[str, bool] = {
    **dict.fromkeys(_FLAGS.split(), False),
    **dict.fromkeys(_VALUES.split(), True),
    **dict.fromkeys(_REFUSED, True),
    **dict.fromkeys(_REFUSED_FLAGS, False),
}
SHORT = {
    "0": "http1.0", "4": "ipv4", "6": "ipv6", "A": "user-agent", "D": "dump-header",
    "E": "cert", "F": "form", "G": "get", "H": "header", "I": "head", "K": "config",
    "L": "location", "M": "manual", "N": "no-buffer", "O": "remote-name", "S": "show-error",
    "T": "upload-file", "V": "version", "X": "request", "Z": "parallel", "b": "cookie",
    "c": "cookie-jar", "d": "data", "e": "referer", "f": "fail", "g": "globoff", "h": "help",
    "i": "include", "j": "junk-session-cookies", "k": "insecure", "m": "max-time", "o": "output",
    "q": "disable", "r": "range", "s": "silent", "u": "user", "v": "verbose", "w": "write-out",
    "x": "proxy", "#": "progress-bar", ":": "next", "1": "tlsv1",
}  # fmt: skip
GLOBAL = {  # one for all groups
    "fail-early", "help", "manual", "parallel", "parallel-immediate", "parallel-max",
    "progress-bar", "progress-meter", "rate", "show-error", "silent", "stderr", "verbose",
    "version",
}  # fmt: skip
