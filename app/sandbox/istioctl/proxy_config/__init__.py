"""`istioctl proxy-config`: what a proxy is configured with, told from its Envoy's own dump.

Pure functions from a dump to text; `verbs/proxy_config.py` fetches the dumps.
"""
