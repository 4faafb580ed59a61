"""Recovers a key without the program under test, from what consortium-recovery(7) says of the files:
shares.py WRAPPED OUT.der [SHARE PRIVATE_KEY.pem | SHARE passphrase:FILE]..."""

import base64
import hashlib
import json
import subprocess
import sys

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, x25519
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def parts(path):
    """What is sealed, and everything else as it is authenticated."""
    value = json.loads(open(path, "rb").read())
    return base64.b64decode(value.pop("sealed")), value


def shared_secret(head, key):
    ephemeral = base64.b64decode(head["ephemeral"])
    if head["to"]["sort"] == "x25519":
        return key.exchange(x25519.X25519PublicKey.from_public_bytes(ephemeral))
    return key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), ephemeral))


def key_of(head, given):
    if given.startswith("passphrase:"):
        cost = head["argon2id"]
        word = open(given.partition(":")[2], "rb").read().split(b"\n")[0]
        salt = base64.b64decode(cost["salt"])
        # The reference implementation takes its salt as an argument, which cannot hold every byte.
        from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
        return Argon2id(salt=salt, length=32, iterations=cost["passes"], lanes=cost["lanes"], memory_cost=cost["memory"]).derive(word)
    key = serialization.load_pem_private_key(open(given, "rb").read(), None)
    salt = base64.b64decode(head["ephemeral"]) + base64.b64decode(head["to"]["point"])
    info = b"consortium share v1\n" + canonical(head)
    return HKDF(hashes.SHA256(), 32, salt, info).derive(shared_secret(head, key))


def times(a, b):
    """In the field of draft-mcgrew-tss-03, section 3.2: GF(256) modulo x^8 + x^4 + x^3 + x + 1."""
    out = 0
    while b:
        if b & 1:
            out ^= a
        a = (a << 1) ^ (0x11B if a & 0x80 else 0)
        b >>= 1
    return out


def inverse(a):
    return next(b for b in range(1, 256) if times(a, b) == 1)


def join(shares):
    """RTSS: identifier, hash, threshold, length, then index and octets. Lagrange's interpolation at 0."""
    assert len({share[:20] for share in shares}) == 1 and shares[0][16] == 2 and shares[0][17] <= len(shares)
    shares = shares[: shares[0][17]]
    xs = [share[20] for share in shares]
    out = bytearray(len(shares[0]) - 21)
    for i, share in enumerate(shares):
        factor = 1
        for j, x in enumerate(xs):
            if j != i:
                factor = times(factor, times(x, inverse(x ^ xs[i])))
        for at, octet in enumerate(share[21:]):
            out[at] ^= times(factor, octet)
    secret, check = bytes(out[:-32]), bytes(out[-32:])
    assert hashlib.sha256(secret).digest() == check, "the shares do not belong together"
    return secret


def main():
    wrapped, out, *rest = sys.argv[1:]
    manifest = json.load(open(wrapped.replace("wrapped-key", "manifest")))
    shares = []
    for path, given in zip(rest[::2], rest[1::2]):
        sealed, head = parts(path)
        plain = AESGCM(key_of(head, given)).decrypt(base64.b64decode(head["nonce"]), sealed, canonical(head))
        commitment = hashlib.sha256(b"consortium share\n" + bytes.fromhex(head["deal"]) + bytes([head["index"]]) + plain)
        assert commitment.hexdigest() == manifest["custodians"][head["index"] - 1]["commitment"], path
        shares.append(plain[32:])
    sealed, head = parts(wrapped)
    pkcs8 = AESGCM(join(shares)).decrypt(base64.b64decode(head["nonce"]), sealed, canonical(head))
    open(out, "wb").write(pkcs8)


if __name__ == "__main__":
    main()
