"""Bodies in Kubernetes' protobuf, which kubectl's generators send: read, never written."""
