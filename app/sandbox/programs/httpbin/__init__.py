"""mccutchen/go-httpbin: a server that says what it was asked, and misbehaves when it is told to.

Paths, parameters, JSON shapes and words are those of go-httpbin 2.26
(https://github.com/mccutchen/go-httpbin); images, digest authentication, server-sent events and
websockets are not emulated, and say so.
"""
