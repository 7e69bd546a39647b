"""torch in a child process: what is asked of it, who answers, and who survives its death."""
