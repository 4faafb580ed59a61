#!/usr/bin/env python3
"""A time-stamping authority (RFC 3161) by 'openssl ts', behind HTTP: tsa.py FOLDER PORT-FILE

Makes its keys and certificates in FOLDER (ca.pem is the root to trust), listens on a loopback port and writes that to
PORT-FILE. The path of a request says how it answers: /good as it should, any other as KINDS says.
"""

import http.server
import itertools
import pathlib
import subprocess
import sys
import threading

FOLDER, PORT = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2])
CONFIG = """
[tsa]
default_tsa = good
[good]
serial = {0}/serial
default_policy = 1.2.3.4
other_policies = 1.2.3.5
digests = sha256
signer_digest = sha256
ess_cert_id_alg = sha256
accuracy = secs:1
[strict]
serial = {0}/serial
default_policy = 1.2.3.4
digests = sha512
signer_digest = sha256
"""
EXTENSIONS = {
    "tsa": "basicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=critical,timeStamping",
    "eku": "basicConstraints=CA:FALSE\nextendedKeyUsage=critical,timeStamping,serverAuth",
    "loose": "basicConstraints=CA:FALSE\nextendedKeyUsage=timeStamping",
}
number = itertools.count()
once = threading.Lock()


def openssl(*words, data=None):
    return subprocess.run(["openssl", *words], cwd=FOLDER, check=True, input=data, capture_output=True).stdout


def make_root(name):
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj",
            f"/CN=Root {name}", "-keyout", f"{name}.key", "-out", f"{name}.pem", "-addext", "keyUsage=critical,keyCertSign")


def make_signer(name, root, extensions, *days):
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN=Stamper {name}",
            "-keyout", f"{name}.key", "-out", f"{name}.csr")
    (FOLDER / "extensions").write_text(EXTENSIONS[extensions])
    openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{root}.pem", "-CAkey", f"{root}.key", "-extfile", "extensions",
            "-set_serial", str(100 + next(number)), "-out", f"{name}.pem", *(days or ("-days", "20")))


def make_folder():
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / "serial").write_text("01\n")
    (FOLDER / "config").write_text(CONFIG.format(FOLDER))
    for root in ("ca", "stranger"):
        make_root(root)
    make_signer("good", "ca", "tsa")
    make_signer("eku", "ca", "eku")
    make_signer("loose", "ca", "loose")
    make_signer("expired", "ca", "tsa", "-days", "-1")
    make_signer("unknown", "stranger", "tsa")


def reply(query, signer="good", section="good", *more):
    name = f"query{next(number)}"
    (FOLDER / name).write_bytes(query)
    return openssl("ts", "-reply", "-config", "config", "-section", section, "-queryfile", name, "-signer",
                   f"{signer}.pem", "-inkey", f"{signer}.key", *more)


def resigned(query, signer):
    """What 'openssl ts' refuses to sign with such a certificate, as CMS: the same statement."""
    name = f"token{next(number)}"
    (FOLDER / name).write_bytes(reply(query, "good", "good", "-token_out"))
    statement = openssl("cms", "-verify", "-noverify", "-binary", "-inform", "DER", "-in", name)
    (FOLDER / name).write_bytes(openssl(
        "cms", "-sign", "-cades", "-binary", "-nodetach", "-outform", "DER", "-econtent_type",
        "1.2.840.113549.1.9.16.1.4", "-md", "sha256", "-signer", f"{signer}.pem", "-inkey", f"{signer}.key", data=statement))
    return openssl("ts", "-reply", "-in", name, "-token_in")


def asked_about(query):
    text = openssl("ts", "-query", "-in", "/dev/stdin", "-text", data=query).decode()
    dump = text.split("Message data:")[1].split("Policy OID")[0]
    return "".join(line.split(" - ")[1][:48].replace("-", " ").replace(" ", "") for line in dump.strip().splitlines())


def other_query(digest):
    return openssl("ts", "-query", "-digest", digest, "-sha256", "-cert")


KINDS = {
    "/good": reply,
    "/nonce": lambda query: reply(other_query(asked_about(query))),
    "/imprint": lambda query: reply(other_query("ab" * 32)),
    "/eku": lambda query: resigned(query, "eku"),
    "/loose": lambda query: resigned(query, "loose"),
    "/resigned": lambda query: resigned(query, "good"),
    "/expired": lambda query: resigned(query, "expired"),
    "/unknown": lambda query: reply(query, "unknown"),
    "/rejected": lambda query: reply(query, "good", "strict"),
    "/garbage": lambda query: b"\x30\x82garbage" * 20,
    "/page": lambda query: b"<html>buy timestamps</html>",
    "/cut": lambda query: reply(query)[:-1],
    "/longer": lambda query: reply(query) + b"\0",
    "/large": lambda query: b"\x30\x83\x10\x00\x00" + bytes(1 << 20),
}


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        query = self.rfile.read(int(self.headers["content-length"]))
        if self.headers["content-type"] != "application/timestamp-query":
            return self.send_error(415)
        if self.path == "/silent":
            return threading.Event().wait(60)
        if self.path == "/error":
            return self.send_error(503)
        with once:
            answer = KINDS[self.path](query)
        self.send_response(200)
        self.send_header("Content-Type", "application/timestamp-reply")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


make_folder()
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
PORT.with_suffix(".new").write_text(f"{server.server_address[1]}\n")
PORT.with_suffix(".new").rename(PORT)
server.serve_forever()
