"""`istioctl x describe`: one pod or Service, and what of Istio's configuration applies to it.

Pure functions from objects and a proxy's dump to lines; `verbs/describe.py` fetches them.
"""
