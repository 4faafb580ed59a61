#include "core/base/error.h"
#include "core/flow/crl.h"
#include "core/flow/root.h"
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
using model::CertificateContent;
using model::RotationPlan;

namespace {

/// The two roots of a rotation while the ceremony is prepared: names, keys, and what the old one says.
struct Roots {
    RotationPlan plan;
    Authority old_root;
    Authority new_root;  // its certificate does not exist yet
    port::KeyInfo new_key;
    CertificateContent old_content;
    CertificateContent new_content;
};

Authority new_root_authority(RotationPlan const& plan, Authority const& old_root) {
    Authority out;
    out.name = fmt::format("root-g{}", plan.to);
    out.role = "root";
    out.stem = plan.name;
    out.generation = plan.to;
    out.key = "ca-" + out.name;
    out.algorithm = plan.algorithm;
    out.base_url = old_root.base_url;
    return out;
}

CertificateContent new_root_content(Roots const& roots, Services& services) {
    CertificateContent content;
    content.subject =
        services.certifier.encode_name(root_name(roots.plan.name, roots.plan.to, roots.plan.organization));
    content.not_before = services.clock.now();
    content.not_after = content.not_before + roots.plan.lifetime;
    content.public_key = roots.new_key.public_key;
    content.authority = true;
    content.key_usage = {"keyCertSign", "cRLSign"};
    return fill_content(std::move(content), {}, services.certifier);
}

Roots read_roots(Rotation const& rotation, Services& services) {
    Roots roots;
    roots.plan = rotation_plan(services.store, rotation);
    roots.old_root = authority(services.store, fmt::format("root-g{}", roots.plan.from));
    if (base::sha256(roots.old_root.certificate()) != roots.plan.old_root) {
        throw base::Error(base::Code::conflict, "the root is not the one that this rotation was planned for",
                          "run 'consortium root rotate'");
    }
    roots.new_root = new_root_authority(roots.plan, roots.old_root);
    roots.new_key = services.keys.info(roots.new_root.key);
    roots.old_content = services.certifier.describe(roots.old_root.certificate()).content;
    roots.new_content = new_root_content(roots, services);
    return roots;
}

/// `subject` certified by `issuer`: the same name, key and identifier, under another root. It ends with the
/// first of the two, and with `latest` at the last.
CertificateContent certified_by(CertificateContent subject, CertificateContent const& issuer,
                                Authority const& signer, base::Instant latest, Services& services) {
    subject.serial = services.certifier.draw_serial();
    subject.issuer = issuer.subject;
    subject.authority_key_id = issuer.subject_key_id;
    subject.not_before = services.clock.now();
    subject.not_after = std::min({subject.not_after, issuer.not_after, latest});
    subject.crl_url = subject.issuer_url = {};
    set_places(subject, signer);
    return subject;
}

CeremonyItem item(std::string name, std::string kind, Authority const& signer, Bytes tbs) {
    auto const digest = base::sha256(tbs);
    return {std::move(name), std::move(kind), signer.name, std::move(tbs), digest};
}

CeremonyItem certificate_item(std::string name, CertificateContent const& content, Authority const& signer,
                              Services& services) {
    return item(std::move(name), "certificate", signer,
                services.certifier.certificate_tbs(content, signer.algorithm));
}

CeremonyItem crl_item(Authority const& signer, CertificateContent const& content, Services& services) {
    auto const last = services.store.object("crl", signer.name);
    model::CrlContent const list{content.subject, content.subject_key_id,
                                 last ? last->data->at("number").get<std::uint64_t>() + 1 : 1,
                                 services.clock.now(), services.clock.now() + root_crl_life};
    return item("crl-" + signer.name, "crl", signer,
                services.certifier.crl_tbs(list, revocations(services.store, signer.name), signer.algorithm));
}

CeremonyManifest compose(Rotation const& rotation, Services& services) {
    auto const roots = read_roots(rotation, services);
    auto const& [plan, old_root, new_root, key, old_content, new_content] = roots;
    // A link must not outlive the old root, or distrusting that root would not end it.
    auto const end = old_content.not_after;
    auto const link = [&](auto const& subject, auto const& issuer, Authority const& signer, auto to,
                          auto by) {
        return certificate_item(fmt::format("g{}-by-g{}", to, by),
                                certified_by(subject, issuer, signer, end, services), signer, services);
    };
    CeremonyManifest out;
    out.plan = rotation.plan;
    out.items.push_back(certificate_item(new_root.name, new_content, new_root, services));
    out.items.push_back(link(new_content, old_content, old_root, plan.to, plan.from));
    out.items.push_back(link(old_content, new_content, new_root, plan.from, plan.to));
    for (auto const& name : plan.intermediates) {
        auto const intermediate = authority(services.store, name);
        if (intermediate.state == "revoked") continue;  // since the plan was made
        auto const subject = services.certifier.describe(intermediate.certificate()).content;
        out.items.push_back(certificate_item(
            name, certified_by(subject, new_content, new_root, new_content.not_after, services), new_root,
            services));
    }
    out.items.push_back(crl_item(old_root, old_content, services));
    out.items.push_back(crl_item(new_root, new_content, services));
    return out;
}

JsonValue make_key(model::Step const& step, Services& services, Identity const&) {
    auto const& detail = *step.detail;
    auto const plan = rotation_plan(services.store, rotation(services.store));
    ensure_key(services, fmt::format("ca-root-g{}", plan.to), plan.algorithm,
               detail.at("protection").get<std::string>());
    return {};
}

JsonValue append_manifest(model::Step const&, JsonValue const&, Services& services,
                          port::Transaction& transaction) {
    auto found = rotation(services.store);
    auto const made = compose(found, services);
    found.approve = transaction.put_file(model::document(made));
    found.state = "prepared";
    Json items = Json::array();
    for (auto const& each : made.items) {
        items.push_back({{"name", each.name}, {"signer", each.signer}, {"digest", each.digest.hex()}});
    }
    journal(transaction, services, "root.prepared", {{"manifest", found.approve->hex()}, {"items", items}},
            {to_object(found)});
    return JsonValue(Json{{"digest", found.approve->hex()}, {"items", items}});
}

JsonValue write_manifest(model::Step const& step, Services& services, Identity const&) {
    base::Path const path = step.detail->at("path").get<std::string>();
    base::make_folder(path.parent_path());
    base::write_file(path, model::document(manifest(services.store, rotation(services.store))));
    return JsonValue(Json{{"path", path.string()}});
}

/// The ceremony itself: signs item after item and keeps what came out, by authority.
class Ceremony {
public:
    Ceremony(RotationPlan const& plan, Services& services, port::Transaction& transaction)
        : m_services(services), m_transaction(transaction) {
        for (auto& each : authorities(services.store)) m_authorities.emplace(each.name, std::move(each));
        auto const& old_root = m_authorities.at(fmt::format("root-g{}", plan.from));
        auto made = new_root_authority(plan, old_root);
        m_new = made.name;
        m_authorities.emplace(made.name, std::move(made));
    }

    void sign(CeremonyItem const& item) {
        if (is_overtaken(item)) return;
        auto& signer = m_authorities.at(item.signer);
        auto const key = m_services.keys.open(signer.key);
        journal(m_transaction, m_services, item.kind + ".intent",
                {{"issuer", signer.name}, {"object", item.name}, {"tbs", item.digest.hex()}}, {});
        auto const der = sign_bytes(item.tbs, *key, m_services.certifier);
        // Everything but the new root itself is checked under a certificate that stands already.
        auto const issuer = item.name == m_new ? der : signer.certificate();
        if (item.kind == "crl") {
            auto const facts = m_services.certifier.accept_crl(der, issuer);
            require_digest(item, facts.tbs);
            record_crl(signer, der, facts, m_services, m_transaction);
            return;
        }
        auto const facts = m_services.certifier.accept_certificate(der, issuer);
        require_digest(item, facts.tbs);
        keep(item, signer, {signer.name, facts.content.serial, der, facts.content.not_after});
    }

    std::vector<Authority> all() const {
        std::vector<Authority> out;
        out.reserve(m_authorities.size());
        for (auto const& [name, each] : m_authorities) out.push_back(each);
        return out;
    }

private:
    /// What was prepared may have come to be untrue: the intermediate is revoked, or a newer list was signed
    /// that says so. Less than was approved may be signed, never more.
    bool is_overtaken(CeremonyItem const& item) const {
        if (item.kind == "crl") {
            auto const last = m_services.store.object("crl", item.signer);
            auto const& certifier = m_services.certifier;
            // With a signature that does not hold, so that it can be read.
            auto const list = certifier.assemble(item.tbs, "p256", Bytes(8));
            auto const number = certifier.describe_crl(list).content.number;
            return last && last->data->at("number").get<std::uint64_t>() >= number;
        }
        auto const found = m_authorities.find(item.name);
        return found != m_authorities.end() && found->second.state == "revoked";
    }

    // What was signed is what was approved, whatever the signer did (G26).
    static void require_digest(CeremonyItem const& item, Digest const& signed_digest) {
        if (signed_digest == item.digest) return;
        throw base::Error(base::Code::internal, fmt::format("'{}' is not what was approved", item.name));
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
        authority.certificates.push_back(std::move(certificate));
    }

    Services& m_services;
    port::Transaction& m_transaction;
    std::map<std::string, Authority> m_authorities;
    std::string m_new;
};

JsonValue open_keys(model::Step const&, Services& services, Identity const&) {
    auto const plan = rotation_plan(services.store, rotation(services.store));
    for (auto const generation : {plan.from, plan.to}) {
        services.keys.open(fmt::format("ca-root-g{}", generation));
    }
    return {};
}

JsonValue append_signed(model::Step const& step, JsonValue const&, Services& services,
                        port::Transaction& transaction) {
    auto found = rotation(services.store);
    auto const prepared = manifest(services.store, found);
    if (found.approve->hex() != step.detail->at("digest").get<std::string>()) {
        throw base::Error(base::Code::conflict, "something else was prepared since",
                          "run 'consortium root show'");
    }
    Ceremony ceremony(rotation_plan(services.store, found), services, transaction);
    for (auto const& each : prepared.items) ceremony.sign(each);
    auto const bundle = record_next_bundle(ceremony.all(), services, transaction);
    found.state = "signed";
    found.bundle = Digest::from_hex(bundle.at("digest").get<std::string>());
    std::vector<model::Object> writes{to_object(found)};
    for (auto const& each : ceremony.all()) writes.push_back(to_object(each));
    journal(transaction, services, "root.signed", {{"manifest", found.approve->hex()}, {"bundle", bundle}},
            std::move(writes));
    Json names = Json::array();
    for (auto const& each : prepared.items) names.push_back(each.name);
    return JsonValue(Json{{"signed", names}, {"bundle", bundle}});
}

}  // namespace

Applier const root_prepare_applier{.prepare = make_key, .append = append_manifest};
Applier const root_manifest_applier{.remote = write_manifest};
Applier const root_sign_applier{.prepare = open_keys, .append = append_signed};

}  // namespace consortium::flow
