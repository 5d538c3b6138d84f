"""What the bundle's ``posture`` runs: a command, or in a process that it started itself a share of one.

PyInstaller's loader lets programs find the libraries of the bundle first, which programs of the system must not.
"""

import multiprocessing
import os
import runpy
import sys


def libraries_of_the_system() -> None:
    """Have the programs that this one starts load the libraries of the system; this one has loaded its own way by now."""
    before = os.environ.pop("LD_LIBRARY_PATH_ORIG", None)
    os.environ.pop("LD_LIBRARY_PATH", None)
    if before:
        os.environ["LD_LIBRARY_PATH"] = before


if __name__ == "__main__":
    libraries_of_the_system()
    multiprocessing.freeze_support()  # does the work and exits where this is a process of a pool
    from posture._support import RUN_AS_SCRIPTS

    if sys.argv[1:2] == ["-m"] and sys.argv[2:3] and sys.argv[2] in RUN_AS_SCRIPTS:
        del sys.argv[:2]
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
    else:
        from posture.__main__ import main

        main()
