"""`python -m conformance`: the `conformance` command."""

import sys


def main() -> None:
    """Run the command. A package that cannot be imported is a failure of the suite, and no verdict."""
    try:
        from conformance.cli.main import main as command
    except Exception as error:
        print(f"ERROR: the suite failed, which says nothing of torch: {type(error).__name__}: {error}", file=sys.stderr)
        sys.exit(3)  # Status.SUITE_FAILED, which may be what cannot be imported
    command(prog_name="conformance")


if __name__ == "__main__":
    main()
