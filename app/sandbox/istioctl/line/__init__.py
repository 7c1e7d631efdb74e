"""The command line: flags, commands and help, with the words and exit statuses of cobra and pflag.

Nothing here knows what a command does.
"""
