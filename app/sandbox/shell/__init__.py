"""What exec runs inside a container: a small shell, and the programs that learners use there.

Starts no process and opens no file of the host; its traffic goes through the network alone.
"""
