"""The allow-list as data: programs, their verbs, flags, targets. Nothing here starts anything."""
