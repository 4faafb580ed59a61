"""Root metadata that no client may take, by python-tuf with the officers' own keys:

forge.py HOW KEYS IN OUT   IN is the last root; its keys' private halves are in the folder KEYS

few         the next version, signed by one officer of two
strangers   the next version as it would be, signed by strangers
old         the next version names strangers; the officers sign it, the strangers do not
new         the next version names strangers; they sign it, the officers do not
skipped     the version after the next, signed by the officers
same        the version that there is, signed by the officers
good        the next version, signed by two officers: what all the others are not
"""

import pathlib
import sys

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from securesystemslib.signer import CryptoSigner, SSlibKey
from tuf.api.metadata import Metadata


def officers(root, folder):
    """Signers of the root's keys whose private halves are there."""
    held = []
    for path in sorted(pathlib.Path(folder).glob("*.pem")):
        if path.name.endswith(".pub.pem"):
            continue
        private = serialization.load_pem_private_key(path.read_bytes(), None)
        public = SSlibKey.from_crypto(private.public_key()).keyval["public"]
        for key in root.keys.values():
            if key.keyval["public"].strip() == public.strip():
                held.append(CryptoSigner(private, key))
    return held


def strangers():
    return [CryptoSigner(Ed25519PrivateKey.generate()) for _ in range(2)]


how, keys, last, out = sys.argv[1:]
metadata = Metadata.from_file(last)
root = metadata.signed
known, unknown = officers(root, keys), strangers()
assert len(known) >= 2, "too few of the officers' keys are here"
root.version += {"skipped": 2, "same": 0}.get(how, 1)
if how in ("old", "new"):
    for role in ("root", "targets", "snapshot", "timestamp"):
        for keyid in list(root.roles[role].keyids):
            root.revoke_key(keyid, role)
        for signer in unknown:
            root.add_key(signer.public_key, role)
signers = {"few": known[:1], "strangers": unknown, "new": unknown}.get(how, known[:2])
metadata.signatures.clear()
for signer in signers:
    metadata.sign(signer, append=True)
metadata.to_file(out)
