"""The stand-in for Grafana: dashboards, drawn as their files say."""
