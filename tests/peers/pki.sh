# shellcheck shell=bash
# What the peers that judge certificates share: a certificate authority whose root was rotated a moment ago, in a
# rehearsal consortium of one member. Sourced, not run. Leaves in the current folder:
#   leaf.pem revoked.pem           two certificates, the second revoked
#   root-g1.pem root-g2.pem        the roots
#   issuing-g1.pem issuing-g2.pem  the intermediate (one key and name) under each of them
#   g2-by-g1.pem g1-by-g2.pem      the links
#   NAME.crl NAME.crl.pem crls.pem revocation lists, each in DER and in PEM, and all
# shellcheck source=tests/peers/peer.sh
. "$(dirname "${BASH_SOURCE[0]}")/peer.sh"

# The peers look at the real clock, so the rehearsal's clock ends there.
clock() { CONSORTIUM_CLOCK="$(date -u -d "$1" +%Y-%m-%dT%H:%M:%SZ)" && export CONSORTIUM_CLOCK; }
run() { "$program" -C acme "$@" --yes -q; }

# serial_of CERTIFICATE: as the program writes it, with the zeros that OpenSSL leaves out.
serial_of() { printf '%32s' "$(openssl x509 -in "$1" -noout -serial | cut -d = -f 2 | tr A-F a-f)" | tr ' ' 0; }

make_charter() {
    cp "$tests/peers/charter.toml" charter.toml
}

make_pki() {
    local proposal digest serial
    make_charter
    mkdir exchange
    clock '-5 days'
    "$program" init acme --member acme --officer acme-gov --no-passphrase --rehearsal --exchange "$folder/exchange" \
        --charter charter.toml --yes -q >/dev/null
    run ca init --no-passphrase >/dev/null
    run cert issue node1.example --new-key --no-passphrase -o leaf.chain
    run cert issue node2.example --new-key --no-passphrase -o revoked.chain
    proposal="$(run root rotate --format json | value results/0/name)"
    run vote cast "$proposal" --choice yes >/dev/null
    clock '-2 days'
    run exchange sync >/dev/null
    clock '-1 minute'
    digest="$(run root prepare --no-passphrase --format json | value results/0/digest)"
    run approval sign "$digest" --rule root --about 'root g2' >/dev/null
    run root sign "$digest" >/dev/null
    openssl x509 -in leaf.chain -out leaf.pem
    openssl x509 -in revoked.chain -out revoked.pem
    serial="$(serial_of revoked.pem)"
    run cert revoke "$serial" --reason key-compromise --confirm "$serial" >/dev/null
    run crl issue >/dev/null
    run ca publish "$folder/site" >/dev/null
    unset CONSORTIUM_CLOCK
    local name
    for name in root-g1 root-g2 g2-by-g1 g1-by-g2; do openssl x509 -inform DER -in "site/$name.cer" -out "$name.pem"; done
    openssl x509 -inform DER -in site/issuing-1.cer -out issuing-g1.pem
    openssl x509 -inform DER -in site/issuing-1-by-root-g2.cer -out issuing-g2.pem
    cp site/*.crl .
    for name in *.crl; do openssl crl -inform DER -in "$name" -out "$name.pem"; done
    cat ./*.crl.pem >crls.pem
}
