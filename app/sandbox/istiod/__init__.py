"""The mesh's control plane: installing it, injection, admission, identities, and xDS."""
