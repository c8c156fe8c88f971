"""`python -m passes COMMAND`."""

from passes.cli.main import main

if __name__ == "__main__":
    main(prog_name="python -m passes")
