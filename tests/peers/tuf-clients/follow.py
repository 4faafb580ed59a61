"""python-tuf's ngclient, which shares no code with ours, follows a folder of metadata:

follow.py FOLDER STATE        from the root that is in STATE; prints its version and the targets
follow.py canonical FILE...   whether the library writes each file as we did
"""

import hashlib
import json
import pathlib
import sys

from securesystemslib.formats import encode_canonical
from tuf.api.exceptions import DownloadHTTPError
from tuf.api.metadata import Metadata
from tuf.ngclient import FetcherInterface, Updater


class Files(FetcherInterface):
    """Addresses are paths."""

    def _fetch(self, url):
        path = pathlib.Path(url)
        if not path.is_file():
            raise DownloadHTTPError("there is no such file", 404)
        return iter([path.read_bytes()])


def check_canonical(files):
    for file in files:
        text = pathlib.Path(file).read_text(encoding="utf-8")
        read = Metadata.from_bytes(text.encode())
        # Beyond line feeds in keys, which OLPC's form leaves as they are, ours is what theirs is.
        if encode_canonical(read.to_dict()).replace("\n", "\\n") != text:
            sys.exit(f"{file} is not what the library writes")
        if read.signed_bytes != encode_canonical(json.loads(text)["signed"]).encode():
            sys.exit(f"{file} signs something else")
        print(read.signed.type, read.signed.version)


def follow(folder, state):
    root = pathlib.Path(state, "root.json")
    client = Updater(state, folder, state, f"{folder}/targets", Files(), bootstrap=root.read_bytes())
    client.refresh()
    print("root", json.loads(root.read_text(encoding="utf-8"))["signed"]["version"])
    for name in ("bundle.json", "roots.pem"):
        got = pathlib.Path(client.download_target(client.get_targetinfo(name))).read_bytes()
        print(name, hashlib.sha256(got).hexdigest())


if sys.argv[1] == "canonical":
    check_canonical(sys.argv[2:])
else:
    try:
        follow(sys.argv[1], sys.argv[2])
    except Exception as error:  # whatever the client says
        print(f"{type(error).__name__}: {error}")
        sys.exit(1)
