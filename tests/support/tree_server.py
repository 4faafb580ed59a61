#!/usr/bin/env python3
"""Serves folders behind TLS, as a plain web server does: tree_server.py PKI PORTS NAME=FOLDER[:TOKEN] ...

PKI is what tls_pki makes. Each folder has a loopback port of its own; the ports are written to the file PORTS, one
"NAME PORT" a line, when all listen. A folder with a TOKEN wants it as a bearer. Folders are not listed.
"""

import functools
import http.server
import pathlib
import ssl
import sys
import threading

PKI, PORTS = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])


class Handler(http.server.SimpleHTTPRequestHandler):
    token = None

    def do_GET(self):
        if self.token and self.headers["authorization"] != f"Bearer {self.token}":
            return self.send_error(401)
        return super().do_GET()

    def list_directory(self, path):
        self.send_error(404)

    def log_message(self, *_):
        pass


lines = []
for argument in sys.argv[3:]:
    name, rest = argument.split("=", 1)
    folder, _, token = rest.partition(":")
    handler = type(name, (Handler,), {"token": token or None})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(handler, directory=folder))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(PKI / "good.pem", PKI / "good.key")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    lines.append(f"{name} {server.server_address[1]}\n")
    threading.Thread(target=server.serve_forever).start()
PORTS.with_suffix(".new").write_text("".join(lines))
PORTS.with_suffix(".new").rename(PORTS)
