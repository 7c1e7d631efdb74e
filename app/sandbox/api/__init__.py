"""HTTP: what kubectl and clients say to the API server, turned into verbs of the registry.

The only place of the sandbox that knows the web framework. Discovery, tables, watches and the
streams of logs, exec and port-forward stand here; what an object may hold does not.
"""
