# shellcheck shell=bash disable=SC2034,SC2154
# A log of 100,000 entries as its owner publishes it, and what to spoil of it. Sourced after peer.sh.

maker="$(dirname "$program")/tests/make_journal"
[ -x "$maker" ] || { echo "make_journal (built with the tests) is not beside the program"; exit 77; }
export CONSORTIUM_CLOCK=2026-10-01T09:00:00Z

# The workspace 'acme', its tree 'tree/acme', the heads of some sizes in head.SIZE, the key in $vkey. The sizes end
# within a tile, at its end and at the end of a level.
quietly "$program" init acme --member acme --officer acme-gov --rehearsal --no-passphrase \
    --charter "$tests/../templates/charter/equal-partners.toml" --yes
mkdir tree
sizes='300 1024 65536 70001 100000'
heads=()
for size in $sizes; do
    quietly "$maker" fill acme "$size"
    quietly "$program" exchange publish -C acme --with tree
    cp tree/acme/checkpoint "head.$size"
    [ "$size" = 100000 ] || heads+=("head.$size")
done
vkey="$("$program" audit checkpoint -C acme --format json | value vkey)"
[ "$(sed -n 2p tree/acme/checkpoint)" = 100000 ] || { echo "not 100,000 entries are published"; exit 1; }

# flip FILE OFFSET: another byte there. A negative offset counts from the end.
flip() {
    python3 -c 'import sys
path, at = sys.argv[1], int(sys.argv[2])
with open(path, "r+b") as file:
    content = bytearray(file.read())
    content[at] ^= 1
    file.seek(0)
    file.write(content)' "$1" "$2"
}

# spoiled WHAT: a copy of a file, in 'spoiled', with one part of the checkpoint that it ends with changed.
spoil_head() { # FILE root|size|signature
    python3 -c 'import base64, sys
path, part = sys.argv[1:]
text = open(path, encoding="utf-8").read()
front, note, signatures = text.rpartition("\n\n")[0], "", text.rpartition("\n\n")[2]
lines, words = front.split("\n"), signatures.rstrip("\n").split(" ")
def flipped(encoded, at):
    content = bytearray(base64.b64decode(encoded))
    content[at] ^= 1
    return base64.b64encode(bytes(content)).decode()
if part == "size": lines[-2] = str(int(lines[-2]) - 1)
if part == "root": lines[-1] = flipped(lines[-1], 7)
if part == "signature": words[-1] = flipped(words[-1], 20)
open("spoiled", "w", encoding="utf-8").write("\n".join(lines) + "\n\n" + " ".join(words) + "\n")' "$1" "$2"
}

# Both must refuse: the peer by the function 'judge', and our own program, which needs the key alone.
both_refuse() { # WORDS FILE
    refuses "$1, by the peer" judge "$2"
    we_refuse 7 "$1, by us" "$program" audit verify "$2" --key "$vkey"
}

# One proof of one entry, right, and wrong in each way there is.
judge_proofs() {
    quietly "$program" audit prove 66000 --to one.proof -C acme
    accepts 'a proof' judge one.proof
    accepts 'a proof, by us' "$program" audit verify one.proof --key "$vkey"
    sed 's/^index 66000$/index 66001/' one.proof >spoiled
    both_refuse 'a proof of another index' spoiled
    quietly "$program" audit prove 66001 --to other.proof -C acme
    sed "s|^extra .*|$(grep '^extra ' other.proof)|" one.proof >spoiled
    both_refuse 'a proof with another entry' spoiled
    sed 5d one.proof >spoiled
    both_refuse 'a proof that lacks a hash' spoiled
    for part in root size signature; do
        spoil_head one.proof "$part"
        both_refuse "another $part in the head of a proof" spoiled
    done
}
