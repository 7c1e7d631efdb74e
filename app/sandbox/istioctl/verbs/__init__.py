"""One file for each verb, or a folder: from a call to what is printed and the exit status."""
