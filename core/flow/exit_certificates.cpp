#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/crl.h"
#include "core/flow/exit_case.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using model::ExitGate;
using Ruling = model::Verdict::Ruling;

namespace {

using Reasons = std::map<std::string, int>;  // serial -> code of RFC 5280 5.3.1

struct Certificates {
    std::vector<std::string> live;                                   // serials
    std::map<std::pair<std::string, std::string>, Reasons> revoked;  // by issuer and the name of its list
};

/// What stands between revoked certificates and a list that says so, and what mends it.
struct Published {
    std::vector<std::string> faults;
    std::string next;
    std::vector<model::GateEvidence> evidence;

    void fault(std::string words, std::string const& issuer) {
        faults.push_back(std::move(words));
        if (next.empty()) next = "consortium crl issue " + issuer;
    }
};

/// A member's own intermediate, certified elsewhere, knows nothing of what others have issued.
bool has_authority(port::Store const& store) {
    auto const all = authorities(store);
    return std::ranges::any_of(all, [](Authority const& each) { return !each.adopted; });
}

/// What an authority has certified ends with it, once the lists of those that certified it say so.
void look_above(Authority const& revoked, port::Store const& store, Certificates& found) {
    for (auto const& each : revoked.certificates) {
        auto const object = store.object("certificate", each.serial);
        found.revoked[{each.issuer, list_name(authority(store, each.issuer), each.serial)}][each.serial] =
            object ? revocation_of(*object).reason : 0;
    }
}

/// Its own intermediates end with the member, too.
void add_authorities(GateInput const& input, Certificates& found) {
    for (auto const& each : authorities(input.state.store)) {
        if (each.member != input.exit.notice.member || !is_relied_on(each, input.state.now)) continue;
        for (auto const& certificate : each.certificates) found.live.push_back(certificate.serial);
    }
}

Certificates certificates_of(GateInput const& input) {
    Certificates found;
    auto const& store = input.state.store;
    std::map<std::string, Authority> issuers;
    for (auto& each : authorities(store)) issuers.emplace(each.name, each);
    port::ObjectQuery query;
    query.kind = "certificate";
    query.member = input.exit.notice.member;
    store.objects(query, [&](model::Object const& object) {
        auto const& issuer = issuers.at(object.data->at("issuer").get<std::string>());
        bool const over = object.due && *object.due <= input.state.now;
        if (issuer.state == "revoked") {
            if (!over) look_above(issuer, store, found);
        } else if (object.state == "revoked") {
            found.revoked[{issuer.name, list_name(issuer, object.name)}][object.name] =
                revocation_of(object).reason;
        } else if (!over) {
            found.live.push_back(object.name);
        }
    });
    add_authorities(input, found);
    return found;
}

std::string joined(std::vector<std::string> const& serials) {
    return base::join(serials, ", ");
}

/// Compares what the journal says was revoked with what the list says.
void compare(std::string const& issuer, Reasons const& wanted, Reasons const& listed, Published& out) {
    std::vector<std::string> absent;
    std::vector<std::string> other;
    for (auto const& [serial, reason] : wanted) {
        auto const entry = listed.find(serial);
        if (entry == listed.end())
            absent.push_back(serial);
        else if (entry->second != reason)
            other.push_back(serial);
    }
    if (!absent.empty()) out.fault("revoked but in no list yet: " + joined(absent), issuer);
    if (!other.empty()) out.fault("listed for another reason than recorded: " + joined(other), issuer);
}

void refuse_stale(std::string const& issuer, model::CrlContent const& list, base::Instant now,
                  Published& out) {
    if (now >= list.next_update)
        out.fault(fmt::format("list {} of {} is out of date since {}", list.number, issuer,
                              list.next_update.text()),
                  issuer);
    else if (now < list.this_update)
        out.fault(
            fmt::format("list {} of {} is of the future: {}", list.number, issuer, list.this_update.text()),
            issuer);
}

/// Reads the list that the issuer signed last: its signature, its time, its entries.
void look_at_list(std::string const& issuer, std::string const& list, Reasons const& wanted,
                  GateInput const& input, Published& out) {
    auto const& store = input.state.store;
    auto const der = current_crl(store, list);
    if (!der) {
        compare(issuer, wanted, {}, out);
        return;
    }
    Reasons listed;
    model::CrlFacts facts;
    try {
        facts = input.services.certifier.accept_crl(*der, authority(store, issuer).certificate(),
                                                    [&](model::Revocation const& entry) {
                                                        if (wanted.contains(entry.serial))
                                                            listed[entry.serial] = entry.reason;
                                                    });
    } catch (base::Error const& error) {
        if (error.code() != base::Code::verification_failed && error.code() != base::Code::malformed) throw;
        out.fault(fmt::format("the list of {} does not hold: {}", issuer, error.message()), issuer);
        return;
    }
    auto const before = out.faults.size();
    refuse_stale(issuer, facts.content, input.state.now, out);
    compare(issuer, wanted, listed, out);
    if (out.faults.size() > before) return;
    auto const words = fmt::format("list {} of {}, which names {} revoked certificates of it",
                                   facts.content.number, issuer, wanted.size());
    out.evidence.push_back({"file", words, base::sha256(*der), {}});
}

/// Where there is no authority in this workspace.
ExitGate gate_elsewhere(ExitGate gate, GateInput const& input) {
    if (input.state.joined().trust_bundle->is_null()) {
        gate.words = "the consortium has no certificate authority";
        return gate;
    }
    gate.ruling = Ruling::pending;
    gate.words = "the authority keeps its journal in another workspace";
    gate.next = "run 'consortium exit check " + input.exit.notice.member + "' there";
    return gate;
}

}  // namespace

ExitGate certificates_gate(GateInput const& input) {
    ExitGate gate{"certificates", Ruling::allowed, {}, {}, {}};
    if (!has_authority(input.state.store)) return gate_elsewhere(std::move(gate), input);
    auto const found = certificates_of(input);
    Published published;
    std::size_t revoked = 0;
    for (auto const& [place, wanted] : found.revoked) {
        revoked += wanted.size();
        look_at_list(place.first, place.second, wanted, input, published);
    }
    gate.evidence = std::move(published.evidence);
    gate.words = fmt::format("{} revoked and published, none live", revoked);
    if (!published.faults.empty()) {
        gate.ruling = Ruling::pending;
        gate.words = base::join(published.faults, "; ");
        gate.next = published.next;
    }
    if (!found.live.empty()) {
        gate.ruling = Ruling::pending;
        gate.words = "not revoked: " + joined(found.live);
        auto const which =
            found.live.size() == 1 ? found.live.front() : "--member " + input.exit.notice.member;
        gate.next = "consortium cert revoke " + which + " --reason cessation-of-operation";
    }
    return gate;
}

}  // namespace consortium::flow
