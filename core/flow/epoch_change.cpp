#include "core/flow/epoch_change.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/charter_diff.h"
#include "core/model/root.h"

#include <fmt/format.h>
#include <map>
#include <nlohmann/json.hpp>

namespace consortium::flow {

namespace {

using base::Json;
using base::JsonValue;

/// What an epoch says, one sentence a thing, by its place and name.
using Sentences = std::map<std::pair<std::string, std::string>, std::string>;

void describe_members(model::Epoch const& epoch, Sentences& out) {
    for (auto const& one : epoch.members) {
        auto const group =
            one.control_group == one.id ? std::string() : ", under the control of " + one.control_group;
        out[{"/member/" + one.id, "member '" + one.id + "'"}] =
            fmt::format("{}, {}, {}{}", base::printable(one.name), one.tier, one.status, group);
    }
    for (auto const& one : epoch.officers) {
        out[{"/officer/" + one.id, fmt::format("officer '{}' of {}", one.id, one.member)}] =
            fmt::format("{}, {}, key {}", base::join(one.roles, ", "), one.status, one.key.brief());
    }
}

void describe_networks(model::Epoch const& epoch, Sentences& out) {
    for (auto const& one : epoch.networks)
        out[{"/network/" + one.id, "network '" + one.id + "'"}] =
            one.kind + " " + base::printable(one.identity);
    if (!epoch.releases->is_object()) return;
    for (auto const& [network, release] : epoch.releases->items())
        out[{"/release/" + network, "release of network '" + network + "'"}] =
            fmt::format("{}, SHA-256 {}", base::printable(release.at("release").get<std::string>()),
                        release.at("digest").get<std::string>());
}

/// Whose it is and until when, as far as it can be read.
std::string certificate_words(base::Bytes const& der, port::Certifier const& certifier) {
    try {
        auto const facts = certifier.describe(der);
        return fmt::format("{}, {}, until {}, SHA-256 {}", base::printable(facts.subject), facts.algorithm,
                           facts.content.not_after.text(), facts.fingerprint.hex());
    } catch (base::Error const&) {
        return "cannot be read, SHA-256 " + base::sha256(der).hex();
    }
}

void describe_trust(model::Epoch const& epoch, port::Certifier const& certifier, Sentences& out) {
    if (epoch.trust_bundle->is_null()) return;
    auto const bundle = model::trust_bundle_from_json(*epoch.trust_bundle);
    out[{"/trust/version", "version of the trust bundle"}] = std::to_string(bundle.version);
    out[{"/trust/present", "root under which servers present themselves"}] = bundle.present;
    auto const add = [&](char const* what, std::vector<model::TrustedCertificate> const& all) {
        for (auto const& one : all)
            out[{fmt::format("/trust/{}/{}", what, one.name), fmt::format("{} '{}'", what, one.name)}] =
                certificate_words(one.certificate, certifier);
    };
    add("root", bundle.roots);
    add("link", bundle.links);
    add("intermediate", bundle.intermediates);
}

std::string sizes_words(model::Epoch const& epoch) {
    auto const sizes = model::sizes(epoch);
    return fmt::format("{} of {} must agree, {} may fail", sizes.q, sizes.n, sizes.f);
}

/// Who was admitted votes as soon as its seat says that it is ready: that is what it will come to.
model::Epoch with_ready_seats(model::Epoch epoch) {
    for (auto& member : epoch.members)
        if (member.status == "active") member.votes = true;
    return epoch;
}

Sentences describe(model::Epoch const& epoch, port::Certifier const& certifier) {
    Sentences out;
    describe_members(epoch, out);
    describe_networks(epoch, out);
    describe_trust(epoch, certifier, out);
    out[{"/agreement", "voting members, once their seats are ready"}] = sizes_words(with_ready_seats(epoch));
    return out;
}

/// A part that is new or dropped is told field by field.
void add_parts(std::string const& pointer, Json const& now, Json const& next, std::vector<ChangeItem>& out) {
    auto const& there = now.is_null() ? next : now;
    if (!there.is_object() || (!now.is_null() && !next.is_null())) {
        out.push_back({"/charter" + pointer, charter_place(pointer), JsonValue(now), JsonValue(next)});
        return;
    }
    for (auto const& [key, value] : there.items())
        add_parts(fmt::format("{}/{}", pointer, key), now.is_null() ? Json() : value,
                  next.is_null() ? Json() : value, out);
}

JsonValue find(Sentences const& all, Sentences::key_type const& key) {
    auto const found = all.find(key);
    return JsonValue(found == all.end() ? Json() : Json(found->second));
}

}  // namespace

std::vector<ChangeItem> epoch_changes(model::Epoch const& now, model::Epoch const& next,
                                      port::Certifier const& certifier) {
    auto const before = describe(now, certifier);
    auto const after = describe(next, certifier);
    Sentences both = after;
    both.insert(before.begin(), before.end());
    std::vector<ChangeItem> out;
    for (auto const& [key, sentence] : both) {
        auto one = ChangeItem{key.first, key.second, find(before, key), find(after, key)};
        if (one.now != one.next) out.push_back(std::move(one));
    }
    return out;
}

std::vector<ChangeItem> charter_changes(model::Charter const& now, model::Charter const& next) {
    std::vector<ChangeItem> out;
    for (auto const& one : charter_differences(now, next))
        add_parts(one.pointer, *one.before, *one.after, out);
    return out;
}

}  // namespace consortium::flow
