"""The engine, the tables and their migrations; each subject keeps its own queries."""
