"""Objects as a learner writes them, for evidence."""

import yaml

from app.clusters.objects import Json


def as_yaml(value: Json) -> str:
    """Return the value as YAML, in the order in which it was written."""
    return str(yaml.safe_dump(value, sort_keys=False, allow_unicode=True)).rstrip()
