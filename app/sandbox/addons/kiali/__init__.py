"""The stand-in for Kiali: who calls whom, and the mesh's configuration."""
