"""The sandbox's own network: addresses, names, Services, and real sockets between pods.

Sockets are Unix sockets in a 0700 folder. Nothing here can reach another host or the host's own
services: what is not in this sandbox's table does not exist.
"""
