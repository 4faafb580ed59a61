#include "core/base/error.h"
#include "core/base/file.h"
#include "core/flow/authority_revoke.h"
#include "core/flow/crl.h"
#include "core/flow/root.h"
#include "core/flow/root_compose.h"
#include "core/flow/trust.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Bytes;
using base::Digest;
using base::Json;
using base::JsonValue;
using model::CeremonyItem;
using model::CeremonyManifest;
using model::RotationPlan;

namespace {

Rotation own(Services const& services) {
    auto found = own_rotation(services.store);
    if (!found) throw base::Error(base::Code::not_found, "there is no rotation here");
    return *std::move(found);
}

/// Shares of a key on a token cannot be dealt, and members have agreed that custodians keep some.
void refuse_token(Services const& services, std::string const& name) {
    auto const keys = services.keys.list();
    auto const found = std::ranges::find(keys, name, &port::KeyInfo::name);
    if (found == keys.end() || found->place.empty()) return;
    throw base::Error(base::Code::unsupported,
                      fmt::format("custodians are to keep shares of '{}', and it never leaves its place: {}",
                                  name, found->place),
                      "a token's key is recovered from its vendor's backup: give the rotation up with "
                      "'consortium root rollback' and propose one without custodians");
}

JsonValue make_key(model::Step const& step, Services& services, Identity const&) {
    auto const& detail = *step.detail;
    if (detail.at("stage") != "trust") return {};
    auto const plan = rotation_plan(services.store, own(services));
    if (!plan.officers("custodian").empty()) refuse_token(services, "ca-" + root_of(plan.to));
    ensure_key(services, "ca-" + root_of(plan.to), plan.algorithm,
               detail.at("protection").get<std::string>());
    return {};
}

JsonValue append_manifest(model::Step const& step, JsonValue const&, Services& services,
                          port::Transaction& transaction) {
    auto found = own(services);
    auto const stage = step.detail->at("stage").get<std::string>();
    auto made = compose_manifest(found, stage, services);
    made.waived = step.detail->at("waived").get<std::vector<std::string>>();
    if (stage != found.stage) found.before = found.stage;
    found.stage = stage;
    found.state = "prepared";
    found.attempt = made.attempt;
    found.approve = transaction.put_file(model::document(made));
    Json items = Json::array();
    for (auto const& each : made.items) {
        items.push_back({{"name", each.name}, {"signer", each.signer}, {"digest", each.digest.hex()}});
    }
    journal(transaction, services, "root.prepared",
            {{"stage", stage}, {"manifest", found.approve->hex()}, {"items", items}}, {to_object(found)});
    return JsonValue(
        Json{{"rotation", found.name}, {"stage", stage}, {"digest", found.approve->hex()}, {"items", items}});
}

JsonValue write_manifest(model::Step const& step, Services& services, Identity const&) {
    base::Path const path = step.detail->at("path").get<std::string>();
    base::make_folder(path.parent_path());
    base::write_file(path, model::document(manifest(services.store, own(services))));
    return JsonValue(Json{{"path", path.string()}});
}

/// The ceremony itself: signs item after item and keeps what came out, by authority.
class Ceremony {
public:
    Ceremony(RotationPlan plan, CeremonyManifest const& prepared, Services& services,
             port::Transaction& transaction)
        : m_plan(std::move(plan)), m_prepared(prepared), m_services(services), m_transaction(transaction) {
        for (auto& each : authorities(services.store)) m_authorities.emplace(each.name, std::move(each));
        m_new = root_of(m_plan.to);
        if (!m_authorities.contains(m_new))
            m_authorities.emplace(m_new, new_root_authority(m_plan, m_authorities.at(root_of(m_plan.from))));
    }

    Json carry_out() {
        for (auto const& each : m_prepared.items) sign(each);
        require_all();
        end_certificates();
        set_roots();
        return record();
    }

    std::vector<Authority> all() const {
        std::vector<Authority> out;
        out.reserve(m_authorities.size());
        for (auto const& [name, each] : m_authorities) out.push_back(each);
        return out;
    }
    Json const& made() const { return m_made; }

private:
    void sign(CeremonyItem const& item) {
        if (is_overtaken(item)) return;
        auto& signer = m_authorities.at(item.signer);
        auto const key = m_services.keys.open(signer.key);
        journal(m_transaction, m_services, item.kind + ".intent",
                {{"issuer", signer.name}, {"object", item.name}, {"tbs", item.digest.hex()}}, {});
        auto const der = sign_bytes(item.tbs, *key, m_services.certifier);
        m_made.push_back({{"name", item.name}, {"kind", item.kind}, {"sha256", base::sha256(der).hex()}});
        // Everything but the new root itself is checked under a certificate that stands already.
        auto const issuer = item.name == m_new ? der : signer.certificate();
        if (item.kind == "crl") {
            auto const facts = m_services.certifier.accept_crl(der, issuer);
            require_digest(item, facts.tbs);
            require_begun(item, facts.content.this_update);
            m_listed_at = facts.content.this_update;
            record_crl(signer, der, facts, m_services, m_transaction);
            return;
        }
        auto const facts = m_services.certifier.accept_certificate(der, issuer);
        require_digest(item, facts.tbs);
        require_begun(item, facts.content.not_before);
        keep(item, signer, {signer.name, facts.content.serial, der, facts.content.not_after});
    }

    /// What was prepared may have come to be untrue: the intermediate is revoked, or a newer list was signed
    /// that says so. Less than was approved may be signed, never more.
    bool is_overtaken(CeremonyItem const& item) const {
        if (item.kind == "crl") return is_stale(item);
        auto const found = m_authorities.find(item.name);
        return found != m_authorities.end() && found->second.role == "issuing" &&
               found->second.state == "revoked";
    }

    bool is_stale(CeremonyItem const& item) const {
        auto const last = m_services.store.object("crl", item.signer);
        // With a signature that does not hold, so that it can be read.
        auto const list = m_services.certifier.assemble(item.tbs, "p256", Bytes(8));
        auto const number = m_services.certifier.describe_crl(list).content.number;
        if (!last || last->data->at("number").get<std::uint64_t>() < number) return false;
        if (m_prepared.stage == "trust" && !m_plan.emergency) return true;
        throw base::Error(base::Code::conflict,
                          fmt::format("a newer list of '{}' was signed since this was prepared, and it does "
                                      "not say what this one does",
                                      item.signer),
                          "run 'consortium root prepare' again");
    }

    // What was signed is what was approved, whatever the signer did (G26).
    static void require_digest(CeremonyItem const& item, Digest const& signed_digest) {
        if (signed_digest == item.digest) return;
        throw base::Error(base::Code::internal, fmt::format("'{}' is not what was approved", item.name));
    }

    void require_begun(CeremonyItem const& item, base::Instant begin) const {
        if (begin <= m_services.clock.now()) return;
        throw base::Error(base::Code::refused,
                          fmt::format("'{}' was prepared for {}, which has not come yet: this machine's "
                                      "clock was wrong then, or is now",
                                      item.name, begin.text()),
                          "set the clock, then run 'consortium root prepare' again");
    }

    void keep(CeremonyItem const& item, Authority const& signer, AuthorityCertificate certificate) {
        auto [place, fresh] = m_authorities.try_emplace(item.name);
        auto& authority = place->second;
        if (fresh) {
            authority.name = item.name;
            authority.role = "link";
            authority.stem = signer.stem;
            authority.generation = signer.generation;
        }
        if (authority.role == "link") {  // one that was revoked gives way to the one that was signed again
            authority.certificates.clear();
            authority.state = "active";
        }
        authority.certificates.push_back(std::move(certificate));
    }

    /// What was made since would be without the new root.
    void require_all() const {
        if (m_prepared.stage != "trust" || m_plan.emergency) return;
        for (auto const& [name, each] : m_authorities) {
            bool const left_out = is_relied_on(each, m_services.clock.now()) &&
                                  std::ranges::find(each.certificates, m_new,
                                                    &AuthorityCertificate::issuer) == each.certificates.end();
            if (left_out)
                throw base::Error(
                    base::Code::conflict,
                    fmt::format("'{}' was made since this was prepared, and is not in it", name),
                    "run 'consortium root prepare' again");
        }
    }

    void end_certificates() {
        std::vector<model::Object> writes;
        for (auto const& each :
             endings(m_plan, m_prepared.stage, m_listed_at.value_or(m_services.clock.now()), m_services)) {
            auto const& said = each.revocation;
            Json const revoked{{"at", said.at.text()},
                               {"reason", model::reason_word(said.reason)},
                               {"compromised", said.compromised ? Json(said.compromised->text()) : Json()}};
            writes.push_back(revoked_object(each.authority, each.certificate, revoked, m_services.certifier));
            auto& authority = m_authorities.at(each.authority.name);
            if (authority.role == "link" || !is_clean(authority)) authority.state = "revoked";
        }
        if (writes.empty()) return;
        Json serials = Json::array();
        for (auto const& each : writes) serials.push_back(each.name);
        journal(m_transaction, m_services, revoked_event, {{"serials", serials}}, std::move(writes));
    }

    bool is_clean(Authority const& authority) const {
        return std::ranges::find(m_plan.intermediates, authority.name) != m_plan.intermediates.end();
    }

    void set_roots() {
        if (!m_prepared.bundle) return;
        auto const& roots = m_prepared.bundle->roots;
        for (auto& [name, each] : m_authorities) {
            if (each.role != "root") continue;
            bool const trusted = std::ranges::find(roots, name) != roots.end();
            if (trusted) each.state = "active";
            if (!trusted && each.state == "active") each.state = "distrusted";
        }
    }

    Json record() {
        auto const& outline = *m_prepared.bundle;
        // What was revoked meanwhile has made a bundle, too.
        auto const version = std::max(outline.version, next_version(m_services.store));
        auto const bundle = compose_bundle(all(), version, outline.present);
        std::vector<std::string> roots;
        roots.reserve(bundle.roots.size());
        for (auto const& each : bundle.roots) roots.push_back(each.name);
        bool const same = roots == outline.roots && bundle.present == outline.present;
        if (!same)
            throw base::Error(base::Code::conflict,
                              "the authorities or the trust bundle have changed since this was prepared",
                              "run 'consortium root prepare' again");
        return record_bundle(bundle, m_services, m_transaction);
    }

    RotationPlan m_plan;
    CeremonyManifest const& m_prepared;
    Services& m_services;
    port::Transaction& m_transaction;
    std::map<std::string, Authority> m_authorities;
    std::string m_new;
    std::optional<base::Instant> m_listed_at;
    Json m_made = Json::array();
};

/// Whatever asks for a passphrase does so before the lock is taken.
JsonValue open_keys(model::Step const&, Services& services, Identity const&) {
    auto const prepared = manifest(services.store, own(services));
    for (auto const& item : prepared.items) services.keys.open("ca-" + item.signer);
    return {};
}

JsonValue append_signed(model::Step const& step, JsonValue const&, Services& services,
                        port::Transaction& transaction) {
    auto found = own(services);
    auto const prepared = manifest(services.store, found);
    if (found.approve->hex() != step.detail->at("digest").get<std::string>()) {
        throw base::Error(base::Code::conflict, "something else was prepared since",
                          "run 'consortium root show'");
    }
    Ceremony ceremony(rotation_plan(services.store, found), prepared, services, transaction);
    auto const bundle = ceremony.carry_out();
    found.state = "signed";
    found.bundle = Digest::from_hex(bundle.at("digest").get<std::string>());
    std::vector<model::Object> writes{to_object(found)};
    for (auto const& each : ceremony.all()) writes.push_back(to_object(each));
    journal(transaction, services, "root.signed",
            {{"stage", found.stage},
             {"manifest", found.approve->hex()},
             {"bundle", bundle},
             {"made", ceremony.made()}},
            std::move(writes));
    return JsonValue(Json{{"stage", found.stage}, {"signed", ceremony.made()}, {"bundle", bundle}});
}

}  // namespace

Applier const root_prepare_applier{.prepare = make_key, .append = append_manifest};
Applier const root_manifest_applier{.remote = write_manifest};
Applier const root_sign_applier{.prepare = open_keys, .append = append_signed};

}  // namespace consortium::flow
