# shellcheck shell=bash disable=SC2154
# The chapters of scripts/demo. Each says what happens in plain words and shows the commands that it runs.

# ---- telling ----
bold='' plain='' dim=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then bold=$'\e[1m' plain=$'\e[0m' dim=$'\e[2m'; fi

chapter() { printf '\n%s%s%s\n' "$bold" "$1" "$plain"; }
tell() { printf '%s\n' "$1" | fold -s -w 100 | sed 's/ *$//'; }

# at DAY [TIME]: sets the rehearsal's clock.
at() {
    export CONSORTIUM_CLOCK="$1T${2:-09:00:00}Z"
    printf '%s-- it is %s, %s UTC%s\n' "$dim" "$1" "${2:-09:00:00}" "$plain"
}
day() { date -u -d "$1 $2" +%F; } # day 2026-09-01 '+3 days'

# quietly MEMBER WORD...: runs a command in the member's workspace and keeps its output in $output.
quietly() {
    local member="$1" status=0
    shift
    output="$("$program" "$@" -C "$place/$member" 2>"$place/errors")" || status=$?
    [ "$status" -eq "${expected:-0}" ] && return 0
    printf '%s: consortium %s\nexit %s instead of %s\n%s\n' "$member" "$*" "$status" "${expected:-0}" "$output" >&2
    cat "$place/errors" >&2
    exit 1
}

# run MEMBER WORD...: the same, showing the command and what it prints.
run() {
    local member="$1" words="" word
    shift
    for word in "$@"; do
        case "$word" in
            *[\ \;\<\>\(\)\?#]*) words+=" '${word//$place\//}'" ;;
            *) words+=" ${word//$place\//}" ;;
        esac
    done
    printf '  %-16s$ consortium%s\n' "$member" "$words"
    quietly "$member" "$@"
    [ -z "$output" ] || printf '%s\n' "$output" | sed -e "s|$place/||g" -e 's/^/                  /'
}

# value POINTER-AS-PYTHON: out of the JSON in $output, e.g. value '["data"]["id"]'
value() { printf '%s' "$output" | python3 -c "import json,sys; print(json.load(sys.stdin)$1)"; }

# sync_once: each member's own machine does so at its own time, so all run at once.
sync_once() {
    local member running=()
    for member in "${members[@]}"; do
        "$program" exchange sync -C "$place/$member" >"$place/papers/sync-$member" 2>&1 &
        running+=("$!")
    done
    for member in "${members[@]}"; do
        wait "${running[0]}" || { cat "$place/papers/sync-$member" >&2 && exit 1; }
        running=("${running[@]:1}")
    done
}

# hear_each_other: what was said until now reaches everybody.
hear_each_other() {
    sync_once # says
    sync_once # hears
}

# everybody_syncs: until no seat has anything more to do. A decision takes each one five times.
everybody_syncs() {
    local idle
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12; do
        sync_once
        idle="$(cat "$place"/papers/sync-* | grep -c '^waits: nothing is due$')" || true
        [ "$idle" -lt "${#members[@]}" ] || return 0
    done
}

# decide PROPOSAL YES NO CLOSING-DAY: the first YES members vote yes, the next NO vote no; then it is counted.
decide() {
    local proposal="$1" yes="$2" no="$3" closing="$4" index=0 member choice
    hear_each_other
    for member in "${members[@]}"; do
        index=$((index + 1))
        if [ "$index" -le "$yes" ]; then choice=yes; elif [ "$index" -le $((yes + no)) ]; then choice=no; else break; fi
        run "$member" vote cast "$proposal" --choice "$choice" --yes
    done
    hear_each_other
    at "$closing" 12:00:00
    tell "The vote has closed. Each seat states which ballots it held in time; one leads, all prepare and commit."
    everybody_syncs
    run "${members[0]}" proposal tally "$proposal"
}

newest_proposal() {
    quietly "$1" proposal list --format json
    value '["data"]["items"][-1]["name"]'
}

# ---- who and when ----
# The usage file says who the members are, which month it is and who joined late.
prepare() {
    place="$1" usage="$2" program="$3"
    rm -rf "$place"
    mkdir -p "$place/exchange" "$place/papers"
    mapfile -t members < <(awk -F, 'NR > 1 && !($2 in first) { first[$2] = $1; print $1, $2 }' "$usage" | sort -s -k 1,1 | cut -d ' ' -f 2)
    if [ "${#members[@]}" -ne 5 ]; then
        say "$usage names ${#members[@]} members; the story needs five"
        exit 2
    fi
    newcomer="${members[4]}"
    unset 'members[4]'
    leader="${members[0]}"
    month="$(sed -n 2p "$usage" | cut -c 1-7)"
    begins="$month-01"
    joins="$(awk -F, -v who="$newcomer" '$2 == who { print $1 }' "$usage" | sort | head -1)"
    export XDG_STATE_HOME="$place/state" XDG_CONFIG_HOME="$place/config"
    unset CONSORTIUM_WORKSPACE CONSORTIUM_OFFICER CONSORTIUM_EXCHANGE
    (umask 077 && head -c 18 /dev/urandom | base64 >"$place/passphrase")
    export CONSORTIUM_PASSPHRASE_FILE="$place/passphrase"
    charter="$place/charter.toml"
    sed 's/^name = "partners".*/name = "payments"/' "$root/templates/charter/equal-partners.toml" >"$charter"
}

# name_of MEMBER: acme-bank is the Acme Bank.
name_of() { sed -E 's/(^|-)(.)/ \u\2/g; s/^ //' <<<"$1"; }

make_workspace() {
    printf "  %-16s$ consortium init %s --member %s --name '%s' --officer %s-officer …\n" "$1" "$1" "$1" "$(name_of "$1")" "$1"
    "$program" init "$place/$1" --member "$1" --name "$(name_of "$1")" --officer "$1-officer" --role governance --role security --role legal \
        --role operator --role auditor --exchange "$place/exchange" --rehearsal >"$place/output" 2>"$place/errors" ||
        { cat "$place/errors" >&2 && exit 1; }
}

# ---- chapters ----
found_consortium() {
    local member founders=()
    chapter "1  Four organizations found a consortium"
    at "$(day "$begins" '-60 days')"
    tell "Each makes a workspace with its keys: of an officer, under a passphrase; of its seat, log and witness, for its \
machines. They exchange through one folder, and have a charter for equal partners."
    for member in "${members[@]}"; do
        make_workspace "$member"
        [ "$member" = "$leader" ] || founders+=(--founder "$place/$member/out/founder.json")
    done
    run "$leader" init "$place/$leader" --charter "$charter" "${founders[@]}" --yes
    genesis="$(sha256sum "$place/$leader/out/genesis.json" | cut -d ' ' -f 1)"
    tell "The others compare the hash by telephone, and sign the same document."
    for member in "${members[@]:1}"; do
        quietly "$member" init "$place/$member" --genesis "$place/$leader/out/genesis.json" --confirm "$genesis"
        printf '  %-16s$ consortium init %s --genesis genesis.json --confirm %s…\n' "$member" "$member" "${genesis:0:12}"
    done
    everybody_syncs
    tell "Each one's timer runs the next command; what all of them say to each other is not shown from here on."
    run "$leader" exchange sync
    run "$leader" status
}

onboard_newcomer() {
    local gate item evidence=() checker
    chapter "3  $newcomer is onboarded through its gates"
    at "$(day "$joins" '-20 days')"
    make_workspace "$newcomer"
    run "$leader" member invite "$newcomer" --name "$(name_of "$newcomer")" --key "$place/$newcomer/keys/$newcomer-officer.pub.pem" \
        --tier member --yes
    hear_each_other
    quietly "$leader" epoch show --format json
    local epoch
    epoch="$(value '["data"]["hash"]')"
    tell "$newcomer heard two hashes from two members by telephone: of the genesis and of the latest epoch. It trusts \
nothing else: it verifies every epoch, and waits for a welcome that answers its own question."
    expected=6 run "$newcomer" join --genesis "$genesis" --epoch "$epoch" --yes
    hear_each_other
    run "$newcomer" join
    for gate in legal/agreement legal/authority legal/sanctions technical/certificate-chain technical/time-sync \
        technical/backup-drill compliance/placement compliance/dpia compliance/hardening; do
        item="$place/papers/${gate/\//-}.txt"
        printf 'Evidence of %s, handed in by %s.\n' "$gate" "$newcomer" >"$item"
        evidence+=(--evidence "$gate=$item")
    done
    tell "It hands in its papers: the acts carry their hashes only. By mail, as a bundle."
    quietly "$newcomer" member submit "${evidence[@]}" --yes
    run "$newcomer" exchange export --mine --to "$place/submission.bundle"
    run "$leader" exchange import "$place/submission.bundle"
    hear_each_other
    expected=6 run "$leader" member admit "$newcomer" --yes
    tell "Not yet: officers of other members must have checked each gate."
    for checker in legal:1 technical:2 compliance:3; do
        printf 'What was looked at for the %s gate.\n' "${checker%:*}" >"$place/papers/check-${checker%:*}.txt"
        run "${members[${checker#*:}]}" member check "$newcomer" --gate "${checker%:*}" --result pass \
            --evidence "$place/papers/check-${checker%:*}.txt" --yes
    done
    hear_each_other
    at "$(day "$joins" '-14 days')"
    run "$leader" member admit "$newcomer" --yes
    decide "$(newest_proposal "$leader")" 4 0 "$joins"
    members+=("$newcomer")
    at "$(day "$joins" '+2 days')"
    tell "$newcomer takes part from the next epoch on: its seat has said that it is ready."
    everybody_syncs
    run "$newcomer" epoch list
}

# serial_of NAME: of the valid certificate with this subject.
serial_of() {
    quietly "$leader" cert list --state valid --format json
    value "[\"data\"][\"items\"]" | NAME="$1" python3 -c '
import ast, os, sys
print(next(item["name"] for item in ast.literal_eval(sys.stdin.read()) if os.environ["NAME"] in str(item)))'
}

run_authority() {
    local member serial
    chapter "4  Certificates are issued, and one is revoked"
    at "$(day "$joins" '+3 days')"
    tell "$leader operates the certificate authority: a root, and an intermediate that issues."
    run "$leader" ca init --name Payments --no-passphrase --yes
    for member in "${members[@]}"; do
        quietly "$leader" cert issue "node1.$member.example" --member "$member" --new-key --no-passphrase --yes \
            -o "$place/$leader/out/node1.$member.pem"
    done
    run "$leader" cert issue "node2.$leader.example" --new-key --no-passphrase --yes -o "$place/$leader/out/node2.$leader.pem"
    serial="$(serial_of "node2.$leader.example")"
    run "$leader" cert revoke "$serial" --reason key-compromise --confirm "$serial"
    run "$leader" crl issue --yes
    run "$leader" ca publish "$place/$leader/out/pki" --yes
    run "$leader" cert verify "$place/$leader/out/node1.$newcomer.pem"
    expected=7 run "$leader" cert verify "$place/$leader/out/node2.$leader.pem"
    run "$leader" cert list
}

rotate_root() {
    local digest member
    chapter "6  The root is rotated, with three approvals"
    at "$(day "$joins" '+37 days')"
    run "$leader" root rotate --yes
    decide "$(newest_proposal "$leader")" 5 0 "$(day "$joins" '+44 days')"
    at "$(day "$joins" '+46 days')"
    tell "The new key is made, and every certificate that it will sign is written, unsigned, with one digest over all."
    run "$leader" root prepare --no-passphrase --yes
    quietly "$leader" root show --format json
    digest="$(value '["data"]["approve"]')"
    expected=6 run "$leader" root sign "$digest" --yes
    tell "Officers of three other members look at the same file, compare the digest aloud, and approve it."
    for member in "${members[@]:1:3}"; do
        cp "$place/$leader/out/ceremony-g2.json" "$place/$member/out/"
        run "$member" approval sign "$digest" --rule root --about "root g2" --file "$place/$member/out/ceremony-g2.json" --yes
    done
    hear_each_other
    run "$leader" root sign "$digest" --yes
    run "$leader" root distribute --yes
    decide "$(newest_proposal "$leader")" 5 0 "$(day "$joins" '+54 days')"
    quietly "$leader" crl issue --yes
    quietly "$leader" ca publish "$place/$leader/out/pki" --yes
    run "$leader" root show
}

share_costs() {
    chapter "7  The costs of $month are shared"
    at "$(day "$joins" '+55 days')"
    tell "$newcomer pays from the day it joined. Each pool is shared to the cent, by the charter's rule for it."
    run "$leader" cost import "$usage" --month "$month" --yes
    run "$leader" cost allocate --month "$month" --pool platform=12000.00 --pool traffic=4300.50 --pool storage=999.99 \
        --hledger "$place/$leader/out/costs.journal" --yes
    run "$leader" cost show "$month" --member "$newcomer"
    run "$leader" cost verify "$month" --usage "$usage"
    run "$leader" report render "statement/$month/$newcomer" -o "$place/$leader/out/costs/$month/$newcomer.html"
    hear_each_other
}

let_member_leave() {
    local leaver="${members[3]}" serial
    chapter "8  $leaver leaves"
    at "$(day "$joins" '+56 days')"
    run "$leaver" exit open --reason voluntary --settles "$month" --yes
    hear_each_other
    at "$(day "$joins" '+147 days')"
    tell "Its notice of 90 days is over. Its certificate is revoked, and its validator removed by a vote."
    serial="$(serial_of "node1.$leaver.example")"
    run "$leader" cert revoke "$serial" --reason cessation-of-operation --confirm "$serial"
    change_validator remove "$leaver" 148
    run "$leader" crl issue --yes
    tell "Six gates must pass, each computed from what is held; then the others decide."
    run "$leader" exit check "$leaver"
    run "$leader" exit complete "$leaver" --confirm "$leaver"
    decide "$(newest_proposal "$leader")" 5 0 "$(day "$joins" '+166 days')"
    run "$leader" exit complete "$leaver" --confirm "$leaver"
    quietly "$leader" crl issue --yes # the last one ran out while the others decided
    quietly "$leader" ca publish "$place/$leader/out/pki" --yes
    run "$leader" exit report "$leaver" -o "$place/$leader/out/exit-$leaver" --yes
    everybody_syncs
}

# know_node MEMBER: everybody learns where the member's node is read; only the member tells it what to do.
know_node() {
    local owner="$1" member
    for member in "${members[@]}"; do
        [ "$member" = "$owner" ] || quietly "$member" node add "$owner-1" --member "$owner" --network payments \
            --kind rehearsal --url "rehearsal:$place/network?validators=4#$owner-1" --yes
    done
}

join_network() {
    local member identity
    chapter "2  Their nodes form a network"
    at "$(day "$begins" '-59 days')"
    tell "Each member records its own node, which it alone may tell what to do, and those of the others, to read."
    for member in "${members[@]}"; do
        run "$member" node add "$member-1" --network payments --kind rehearsal \
            --url "rehearsal:$place/network?validators=4#$member-1" --yes
    done
    for member in "${members[@]}"; do know_node "$member"; done
    quietly "$leader" node show "$leader-1" --format json
    identity="$(value '["data"]["identity"]')"
    tell "The members agree which network it is, by its genesis: what was learnt on another never counts here."
    run "$leader" proposal open network.add --set id=payments --set kind=rehearsal --set "identity=$identity" --yes
    decide "$(newest_proposal "$leader")" 4 0 "$(day "$begins" '-45 days')"
    run "$leader" node health
}

# everybody_executes PROPOSAL: each member on its own node; what waits for the others is resumed.
everybody_executes() {
    local member minute
    for member in "${members[@]}"; do
        printf '  %-16s$ consortium proposal execute %s --yes\n' "$member" "$1"
        "$program" proposal execute "$1" --yes --wait-ok -C "$place/$member" >"$place/output" 2>"$place/errors" ||
            { cat "$place/output" "$place/errors" >&2 && exit 1; }
    done
    for minute in 10 20 30; do
        export CONSORTIUM_CLOCK="${CONSORTIUM_CLOCK%%T*}T09:$minute:00Z"
        for member in "${members[@]}"; do quietly "$member" operation resume --wait-ok; done
    done
    hear_each_other
}

upgrade_network() {
    local upgrade member
    chapter "5  A release is voted and installed; the newcomer becomes a validator"
    at "$(day "$joins" '+4 days')"
    tell "Everybody has looked at release 2.1 and holds its digest. One member is against it; the charter asks for more \
than two thirds."
    run "$newcomer" node add "$newcomer-1" --network payments --kind rehearsal \
        --url "rehearsal:$place/network?validators=4#$newcomer-1" --yes
    know_node "$newcomer"
    for member in "${members[@]:0:4}"; do
        quietly "$newcomer" node add "$member-1" --member "$member" --network payments --kind rehearsal \
            --url "rehearsal:$place/network?validators=4#$member-1" --yes
    done
    printf 'the release of the node software\n' >"$place/papers/node-2.1.0.tar"
    for member in "${members[@]}"; do
        quietly "$member" release add r-2.1 --version 2.1.0 --file "$place/papers/node-2.1.0.tar" --yes
    done
    run "$leader" proposal open release.upgrade --set network=payments --set release=r-2.1 --yes
    upgrade="$(newest_proposal "$leader")"
    decide "$upgrade" 3 1 "$(day "$joins" '+18 days')"
    at "$(day "$joins" '+26 days')"
    tell "Each member upgrades its own node: planned, journaled, done, and seen by the others before it counts."
    everybody_executes "$upgrade"
    run "$leader" node health
    tell "The same way $newcomer's node is let in among those that seal blocks."
    change_validator add "$newcomer" 27
    run "$leader" node validators "$leader-1"
}

# change_validator add|remove MEMBER DAYS: votes, waits out the timelock, and has every member do its part.
change_validator() {
    local proposal
    quietly "$2" node show "$2-1" --format json
    at "$(day "$joins" "+$3 days")"
    run "$leader" proposal open "validator.$1" --set network=payments --set "address=$(value '["data"]["address"]')" \
        --set "member=$2" --yes
    proposal="$(newest_proposal "$leader")"
    decide "$proposal" 5 0 "$(day "$joins" "+$(($3 + 7)) days")"
    at "$(day "$joins" "+$(($3 + 9)) days")"
    everybody_executes "$proposal"
}

verify_everything() {
    local member hashes=()
    chapter "9  Everything is verified"
    tell "Each journal is computed anew, and the epochs from the first signatures on."
    for member in "${members[@]}"; do
        run "$member" audit verify
        quietly "$member" epoch show --format json
        hashes+=("$(value '["data"]["hash"]')")
    done
    run "$leader" epoch verify --genesis "$genesis"
    tell "All have the same epoch: $(printf '%s\n' "${hashes[@]}" | sort -u | cut -c 1-12 | tr '\n' ' ')"
    [ "$(printf '%s\n' "${hashes[@]}" | sort -u | wc -l)" -eq 1 ]
}

# outside WORD...: what a program that is not ours says, where it is installed.
outside() {
    local said status=0
    printf '  $ %s\n' "${*//$place\//}"
    if ! command -v "$1" >/dev/null; then
        printf '      %s is not installed\n' "$1"
        return
    fi
    said="$(cd "$place" && "$@" 2>&1)" || status=$?
    [ -n "$said" ] || said="nothing to say"
    printf '%s (exit %s)\n' "$said" "$status" | sed -e "s|$place/||g" -e 's/^/      /'
}

say_where_to_look() {
    local out="$place/$leader/out" leaver="${members[3]}" now
    now="$(date -u -d "$CONSORTIUM_CLOCK" +%s)"
    chapter "What programs of others say"
    tell "A certificate holds under the published trust bundle; the revoked one does not; the list is signed; the cost \
journal balances."
    outside openssl verify -attime "$now" -CAfile "$out/pki/trust.pem" -untrusted "$out/pki/intermediates.pem" \
        "$out/node1.$newcomer.pem"
    outside openssl verify -attime "$now" -CAfile "$out/pki/trust.pem" -untrusted "$out/pki/intermediates.pem" \
        -CRLfile "$out/pki/issuing-1.crl" -crl_check "$out/node2.$leader.pem"
    outside openssl crl -in "$out/pki/issuing-1.crl" -noout -issuer -lastupdate
    outside hledger check -f "$out/costs.journal"
    outside hledger balance -f "$out/costs.journal" --depth 2
    chapter "Where to look"
    tell "All of it is below $place:"
    printf '  %-46s%s\n' \
        "$leader/out/exit-$leaver/report.html" "why $leaver may leave, with proofs" \
        "$leader/out/costs/$month/$newcomer.html" "what $newcomer pays, and why" \
        "$leader/out/costs.journal" "the same for hledger" \
        "$leader/out/pki/" "roots, links, trust bundle, revocation lists" \
        "exchange/" "what the members have shown each other" \
        "MEMBER/journal.db" "what each member knows"
    tell "Told in $SECONDS seconds. Go on: build/$preset/consortium -C $place/$leader status"
}
