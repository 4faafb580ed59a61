"""What the peers that judge the whole matrix of what we issue share: an authority for each of the kinds of key, kinds
of revocation lists and constraints, certificates of every profile under it, good and revoked, and, signed past us with
the authority's own key, such as it may not sign."""

import datetime
import os
import shutil
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

PROGRAM = os.environ["CONSORTIUM_BIN"]
CHARTER = Path(__file__).resolve().parent / "charter.toml"

PERMITTED = ["dns:acme.example", "ip:10.0.0.0/8", "email:acme.example", "uri:.acme.example"]

# profile: what it is judged for, names, further words, and the kinds of key that it certifies.
ALL = ("p256", "p384", "ed25519", "rsa3072", "rsa4096")
PROFILES = {
    "node-tls": ("server", ["{}.acme.example", "10.0.0.7"], [], ALL),
    "besu-tls": ("server", ["{}.acme.example"], [], ("p256", "p384", "rsa3072", "rsa4096")),
    # Fabric's MSP asks by Go's defaults, which are a server's.
    "node-identity": ("server", ["{}.acme.example", "{}.acme.example"], ["--unit", "peer"], ("p256", "p384")),
    "client": ("client", ["{}", "{}@acme.example", "https://{}.acme.example/"], [], ALL),
    "officer": ("client", ["{}", "{}@acme.example"], [], ALL),
    "code-signing": ("code", ["{}"], [], ALL),
    "ocsp": ("ocsp", ["{}"], [], ALL),
}
# kind of key, constrained, in parts: all four of one kind of key, and each of both of the others.
AUTHORITIES = [("p256", False, False), ("p256", True, False), ("p256", False, True), ("p256", True, True)] + [
    (kind, constrained, not constrained) for kind in ALL[1:] for constrained in (True, False)]
# The second intermediate of a root, for one member and bound to its names, beside one that is bound to nothing.
MEMBERS = [("p256", True, False), ("p384", True, True)]

FORGED = {  # under a constrained authority: its alternative name, and whether it is within
    "inside": ("DNS:forged.acme.example", True),
    "outside-dns": ("DNS:forged.globex.example", False),
    "outside-ip": ("IP:11.0.0.1", False),
    "outside-email": ("email:ops@globex.example", False),
    "outside-uri": ("URI:https://globex.example/", False),
    "outside-second": ("DNS:forged.acme.example,DNS:notacme.example", False),
}


@dataclass(frozen=True)
class Question:
    """A certificate, and what is asked of it."""
    name: str
    kind: str
    in_parts: bool
    folder: Path
    leaf: Path
    purpose: str
    expected: bool
    host: str = ""
    at: int = 0
    variant: str = ""


@dataclass
class Authority:
    kind: str
    constrained: bool
    in_parts: bool
    folder: Path
    issuer: str = "issuing-1"
    questions: list = field(default_factory=list)

    @property
    def name(self):
        scope = "member" if self.issuer == "acme" else "narrow" if self.constrained else "wide"
        return f"{self.kind}/{scope}/{'parts' if self.in_parts else 'full'}"

    def published(self):
        """The lists of the root and of the one who issues; another's are nobody's business here."""
        lists = sorted((self.folder / "site").glob("*.crl"))
        return [file for file in lists if file.name.startswith(("root-g1", self.issuer))]


def run(command, folder, **more):
    done = subprocess.run([str(word) for word in command], cwd=folder, capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, timeout=120, **more)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))}: {done.returncode}: {done.stdout}{done.stderr}")
    return done.stdout


def openssl_key(kind):
    if kind.startswith("rsa"):
        return ["-algorithm", "RSA", "-pkeyopt", f"rsa_keygen_bits:{kind[3:]}"]
    if kind == "ed25519":
        return ["-algorithm", "ED25519"]
    return ["-algorithm", "EC", "-pkeyopt", f"ec_paramgen_curve:P-{kind[1:]}"]


class Maker:
    """Makes one authority and what it certifies; the clock of its rehearsal ends a minute ago."""

    def __init__(self, authority, key):
        self.authority = authority
        self.key = key
        self.folder = authority.folder
        self.folder.mkdir(parents=True)
        home = str(self.folder)
        self.env = {**os.environ, "HOME": home, "XDG_STATE_HOME": home + "/state", "XDG_CONFIG_HOME": home + "/config"}

    def ours(self, minutes, *words):
        now = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=minutes)
        env = {**self.env, "CONSORTIUM_CLOCK": now.strftime("%Y-%m-%dT%H:%M:%SZ")}
        return run([PROGRAM, *words, "--yes", "-q"], self.folder, env=env)

    def make(self):
        made = self.authority
        self.ours(60, "init", "acme", "--member", "acme", "--officer", "gov", "--no-passphrase", "--rehearsal",
                  "--charter", CHARTER)
        words = ["--base-url", "http://pki.acme.example", "--type", made.kind, "--no-passphrase"]
        bounds = [word for name in PERMITTED for word in ("--permit", name)] if made.constrained else []
        parts = ["--crl-shards", "2", "--crl-deltas"] if made.in_parts else []
        if made.issuer == "acme":
            self.ours(60, "-C", "acme", "ca", "init", *words)
            self.ours(60, "-C", "acme", "ca", "add", "acme", "--member", "acme", *words, *bounds, *parts)
        else:
            self.ours(60, "-C", "acme", "ca", "init", *words, *bounds, *parts)
        for profile, (purpose, names, more, kinds) in PROFILES.items():
            if made.kind not in kinds:
                continue
            for state in ("good", "gone"):
                self.issue(profile, purpose, state, names, more)
        self.ours(1, "-C", "acme", "crl", "issue", *(["--delta"] if made.in_parts else []))
        self.ours(1, "-C", "acme", "ca", "publish", self.folder / "site")
        for kind, source, target in (("x509", "root-g1.cer", "root.pem"), ("x509", f"{made.issuer}.cer", "issuing.pem")):
            run(["openssl", kind, "-inform", "DER", "-in", f"site/{source}", "-out", target], self.folder)
        for file in made.published():
            run(["openssl", "crl", "-inform", "DER", "-in", file, "-out", file.stem + ".crl.pem"], self.folder)
        lists = "".join(file.read_text() for file in sorted(self.folder.glob("*.crl.pem")))
        (self.folder / "crls.pem").write_text(lists)
        if made.constrained and not made.in_parts:
            for name, (names, expected) in FORGED.items():
                self.forge(name, names, expected)
        return made

    def ask(self, name, leaf, purpose, expected, **more):
        made = self.authority
        self.authority.questions.append(
            Question(f"{made.name}/{name}", made.kind, made.in_parts, self.folder, leaf, purpose, expected, **more))

    def issue(self, profile, purpose, state, names, more):
        label = f"{profile}-{state}"
        first, *others = [name.format(label) for name in names]
        request = self.folder / f"{label}.csr"
        run(["openssl", "req", "-new", "-key", self.key, "-subj", f"/CN={first}", "-out", request], self.folder)
        leaf = self.folder / f"{label}.pem"
        also = [word for name in others for word in ("--also", name)]
        self.ours(50, "-C", "acme", "cert", "issue", first, "--profile", profile, "--csr", request, "-o", leaf, *also, *more)
        if state == "gone":
            serial = run(["openssl", "x509", "-in", leaf, "-noout", "-serial"], self.folder).strip()
            serial = serial.split("=")[1].lower().rjust(32, "0")
            self.ours(30, "-C", "acme", "cert", "revoke", serial, "--reason", "superseded", "--confirm", serial)
        host = first if purpose == "server" else ""
        self.ask(label, leaf, purpose, state == "good", host=host)
        if label == "node-tls-good":
            self.ask(f"{label}/wrong-name", leaf, purpose, False, host="other.acme.example", variant="wrong-name")
            self.ask(f"{label}/expired", leaf, purpose, False, host=host, at=800, variant="expired")
        if label == "officer-good":
            self.ask(f"{label}/wrong-purpose", leaf, "server", False, variant="wrong-purpose")

    def forge(self, name, names, expected):
        """Signed with the authority's key: the program itself would not."""
        extensions = self.folder / f"{name}.cnf"
        extensions.write_text(f"keyUsage=critical,digitalSignature\nextendedKeyUsage=clientAuth\nsubjectAltName={names}\n"
                              "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\nbasicConstraints=critical,CA:FALSE\n")
        request = self.folder / f"{name}.csr"
        run(["openssl", "req", "-new", "-key", self.key, "-subj", "/CN=forged", "-out", request], self.folder)
        run(["openssl", "x509", "-req", "-in", request, "-CA", "issuing.pem", "-CAkey", f"acme/keys/ca-{self.authority.issuer}.pem",
             "-days", "30", "-set_serial", "0x1234", "-extfile", extensions, "-out", f"{name}.pem"], self.folder)
        self.ask(name, self.folder / f"{name}.pem", "client", expected)


def make(authorities=AUTHORITIES, members=()):
    """(The folder, the authorities.) The caller removes the folder."""
    folder = Path(tempfile.mkdtemp())
    try:
        kinds = {kind for kind, _, _ in [*authorities, *members]}
        for kind in kinds:
            run(["openssl", "genpkey", *openssl_key(kind), "-out", f"{kind}.key"], folder)
        makers = [Maker(Authority(kind, constrained, in_parts, folder / f"{kind}-{constrained}-{in_parts}"),
                        folder / f"{kind}.key") for kind, constrained, in_parts in authorities]
        makers += [Maker(Authority(kind, constrained, in_parts, folder / f"{kind}-member-{in_parts}", "acme"),
                         folder / f"{kind}.key") for kind, constrained, in_parts in members]
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            return folder, list(pool.map(Maker.make, makers))
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
