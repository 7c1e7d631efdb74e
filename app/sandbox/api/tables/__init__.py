"""The tables that the server makes for `kubectl get`: columns and cells of each kind."""
