"""What istioctl says and does here: a thin program, and its verbs inside the sandbox's process.

Words, columns, codes and exit statuses are the real one's; what is not whole is refused.
"""
