"""The control channel of the live monitor: other processes of the same user ask it things, or borrow its camera.

``server.Server`` runs inside the monitor, ``client`` is what the commands call, ``channel`` carries one message, ``address``
says where they meet, ``until`` reads how long a pause is to last.

A message is JSON in UTF-8 in the framing of ``multiprocessing.connection`` (bytes only: nothing is ever unpickled), at most
``channel.MOST_BYTES`` long. A client sends ``{"ask": name, "values": {...}}`` and gets ``{"answer": {...}}`` or
``{"error": "one plain line"}``, as often as it likes on one connection; after an error of form the server hangs up. Whoever
asked to ``lend`` keeps the connection open while the camera is lent. Pictures never cross the channel.
"""
