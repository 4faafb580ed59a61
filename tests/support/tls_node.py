#!/usr/bin/env python3
"""A node behind TLS that wants a client certificate: tls_node.py PKI PORTS

PKI is what tls_pki makes. Each server certificate is served on a loopback port of its own, the good one also by
TLS 1.2 at most, as 'older'. The ports are written to the file PORTS, one "NAME PORT" a line, when all listen. It answers as much JSON-RPC as
'consortium node add' asks. /token wants a bearer, /redirect points to /stolen, and what comes to /stolen is
kept in the file 'stolen' beside PORTS.
"""

import http.server
import json
import pathlib
import socket
import ssl
import sys
import threading

PKI, PORTS = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
NAMES = ("good", "older", "elsewhere", "expired", "foreign")
RECORDING = pathlib.Path(__file__).resolve().parent.parent / "data/evm/qbft-votes.jsonl"
with RECORDING.open(encoding="utf-8") as lines:
    EXCHANGES = map(json.loads, lines)
    BLOCK = next(each["response"]["result"] for each in EXCHANGES if each["method"] == "eth_getBlockByNumber")
RESULTS = {
    "eth_getBlockByNumber": BLOCK,
    "eth_coinbase": "0x" + "cd" * 20,
}


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if self.path == "/stolen":
            PORTS.with_name("stolen").write_text(str(self.headers))
        if self.path == "/redirect":
            return self.answer(307, b"", {"location": "/stolen"})
        if self.path == "/token" and self.headers["authorization"] != "Bearer open.sesame":
            return self.answer(401, b"no")
        result = {"jsonrpc": "2.0", "id": asked["id"], "result": RESULTS[asked["method"]]}
        return self.answer(200, json.dumps(result).encode())

    def answer(self, status, body, headers=None):
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def talk(raw, address, context, server):
    # After a refusal the rest is read, so that the alert is not lost with a reset of the connection.
    spare = raw.dup()
    try:
        with context.wrap_socket(raw, server_side=True) as secured:
            Handler(secured, address, server)
    except OSError:
        try:
            spare.shutdown(socket.SHUT_WR)
            while spare.recv(4096):
                pass
        except OSError:
            pass
    spare.close()


def serve(name, listener):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    own = "good" if name == "older" else name
    context.load_cert_chain(PKI / f"{own}.pem", PKI / f"{own}.key")
    if name == "older":
        context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.load_verify_locations(PKI / "ca.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    while True:
        raw, address = listener.accept()
        threading.Thread(target=talk, args=(raw, address, context, None), daemon=True).start()


lines = []
for each in NAMES:
    listening = socket.create_server(("127.0.0.1", 0))
    lines.append(f"{each} {listening.getsockname()[1]}\n")
    threading.Thread(target=serve, args=(each, listening)).start()
PORTS.with_suffix(".new").write_text("".join(lines))
PORTS.with_suffix(".new").rename(PORTS)
