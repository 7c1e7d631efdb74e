"""Who manages which field of an object: `metadata.managedFields`, and applying on the server.

What belongs here: sets of fields, their comparison and merging, the managers' entries. What may be
in a field is not decided here.
Source: sigs.k8s.io/structured-merge-diff and k8s.io/apimachinery/pkg/util/managedfields.
"""
