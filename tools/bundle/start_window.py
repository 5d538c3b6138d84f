"""What the bundle's ``posture-window`` runs."""

from start_console import libraries_of_the_system

from posture.window.__main__ import main

if __name__ == "__main__":
    libraries_of_the_system()
    main()
