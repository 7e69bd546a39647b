"""torch in a child process: the requests, the server that answers them, and the client that survives its death."""
