"""The command of `tests.warm`: `client.py INTERPRETER COMMAND ARGUMENT...`. It asks a server for a warm process, which
gets its standard streams, and ends as that does. It imports as little as it can, since each start costs that."""

import _socket
import marshal
import os
import signal
import sys

AT_RUN_TIME = {"COLUMNS", "CONFORMANCE_SCRATCH", "HOME", "LINES", "PY_COLORS", "TERM", "TOX_ENV_DIR", "USERPROFILE"}
"""Variables that are looked up once the imports are done, beside those of `OF_TESTS`."""

OF_TESTS = ("PYTEST_", "TEST_")
"""How the variables of pytest and of tests begin."""

OF_SHELL = {"OLDPWD", "PWD", "_"}
"""Variables that a shell sets."""

OF_IMPORTS = {"KINETO_LOG_LEVEL", "TORCHINDUCTOR_CACHE_DIR", "_TORCHINDUCTOR_PYOBJECT_TENSOR_DATA_PTR"}
"""Variables that this package and torch set in a process that imports them, as that of a test."""

STREAMS = (0, 1, 2)


def main() -> None:
    """Run the command. Where the start hangs on more than imports it is a cold one."""
    interpreter, command, *arguments = sys.argv[1:]
    if next((one for one in arguments if one != "-u"), "") in ("-m", "-c"):
        kind = "torch" if "CONFORMANCE_SCRATCH" in os.environ else "pytest"
        connection = _socket.socket(_socket.AF_UNIX)
        connection.connect(os.path.join(os.path.dirname(command), kind))
        if _at_start(marshal.loads(received(connection))) == _at_start(dict(os.environ)):
            _run(connection, marshal.dumps((command, arguments, os.getcwd(), dict(os.environ))))
    os.execv(interpreter, [interpreter, *arguments])


def _run(connection, what):
    """Hand over the standard streams, and end as the warm process does."""
    numbers = b"".join(number.to_bytes(4, sys.byteorder) for number in STREAMS)
    connection.sendmsg([b" "], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, numbers)])
    send(connection, what)
    for stream in STREAMS:
        os.close(stream)  # whoever reads them waits for the warm process alone
    status = int.from_bytes(received(connection), "big", signed=True)
    if status < 0:
        if -status != signal.SIGKILL:
            signal.signal(-status, signal.SIG_DFL)
        os.kill(os.getpid(), -status)
    os._exit(status)


def send(connection, message):
    """Send a message: its length, and so many bytes."""
    connection.sendall(len(message).to_bytes(4, "big") + message)


def received(connection):
    """A message that was sent."""
    return _bytes(connection, int.from_bytes(_bytes(connection, 4), "big"))


def _bytes(connection, count):
    found = b""
    while len(found) < count:
        part = connection.recv(count - len(found))
        if not part:
            raise EOFError("the server of warm processes has ended")
        found += part
    return found


def _at_start(variables):
    """The variables that imports may hang on."""
    later = AT_RUN_TIME | OF_SHELL | OF_IMPORTS
    return {name: value for name, value in variables.items() if name not in later and not name.startswith(OF_TESTS)}


if __name__ == "__main__":
    main()
