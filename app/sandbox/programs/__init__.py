"""The images' catalog: programs in Python that containers run."""
