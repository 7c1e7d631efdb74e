"""The life of pods: images, containers, probes, restarts, volumes, logs and their words."""
