"""The control channel of the live monitor: other processes of the same user send it requests, or lease its camera.

``server`` runs inside the monitor, ``client`` is what the commands call, ``channel`` carries messages, ``address`` lists
the places to listen at, ``requests`` carries requests out.

A message is one JSON object in one line of UTF-8, at most ``channel.MAX_BYTES`` long. A client sends ``{"ask": name, "values": {...}}``
and gets ``{"answer": {...}}`` or ``{"error": "one plain line"}``, any number of times on one connection; after a malformed request the
server closes it. The holder of a camera lease keeps its connection open until it releases the lease, and who looks at the live picture
until it looks no more. Pictures never cross the channel: with the answer to ``show_pictures`` comes the descriptor of the memory that
they lie in.
"""
