"""The PROXY protocol's header, version 2, for TCP over IPv4.

Source: https://www.haproxy.org/download/2.9/doc/proxy-protocol.txt
"""

import socket
import struct

_SIGNATURE = b"\r\n\r\n\x00\r\nQUIT\n"
_PROXY = 0x21  # version 2, command PROXY
_TCP4 = 0x11
_ADDRESSES = 12  # bytes: two addresses, two ports


def proxy_header(source: tuple[str, int], destination: tuple[str, int]) -> bytes:
    """Return the bytes that tell a listener who connects, and where to."""
    addresses = socket.inet_aton(source[0]) + socket.inet_aton(destination[0])
    ports = struct.pack("!HH", source[1], destination[1])
    return _SIGNATURE + struct.pack("!BBH", _PROXY, _TCP4, _ADDRESSES) + addresses + ports
