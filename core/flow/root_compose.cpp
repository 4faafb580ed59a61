#include "core/flow/root_compose.h"

#include "core/base/error.h"
#include "core/flow/crl.h"
#include "core/flow/trust.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Bytes;
using model::CeremonyManifest;
using model::CertificateContent;
using model::RotationPlan;

namespace {

/// The two roots of a rotation: names, keys, and what each says, or will say.
struct Roots {
    RotationPlan plan;
    Authority old_root, new_root;
    CertificateContent old_content, new_content;
};

CertificateContent new_root_content(Roots const& roots, Services& services) {
    CertificateContent content;
    content.subject =
        services.certifier.encode_name(root_name(roots.plan.name, roots.plan.to, roots.plan.organization));
    content.not_before = services.clock.now();
    content.not_after = content.not_before + roots.plan.lifetime;
    content.public_key = services.keys.info(roots.new_root.key).public_key;
    content.authority = true;
    content.key_usage = {"keyCertSign", "cRLSign"};
    return fill_content(std::move(content), {}, services.certifier);
}

Roots read_roots(Rotation const& rotation, Services& services) {
    Roots roots;
    roots.plan = rotation_plan(services.store, rotation);
    roots.old_root = authority(services.store, root_of(roots.plan.from));
    if (base::sha256(roots.old_root.certificate()) != roots.plan.old_root) {
        throw base::Error(base::Code::conflict, "the root is not the one that this rotation was planned for",
                          "run 'consortium root rotate'");
    }
    roots.old_content = services.certifier.describe(roots.old_root.certificate()).content;
    if (auto made = find_authority(services.store, root_of(roots.plan.to))) {
        roots.new_root = *std::move(made);
        roots.new_content = services.certifier.describe(roots.new_root.certificate()).content;
    } else {
        roots.new_root = new_root_authority(roots.plan, roots.old_root);
        roots.new_content = new_root_content(roots, services);
    }
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

/// Writes down item after item.
class Composer {
public:
    Composer(Rotation const& rotation, std::string const& stage, Services& services)
        : m_services(services),
          m_roots(read_roots(rotation, services)),
          m_ending(endings(m_roots.plan, stage, services.clock.now(), services)) {
        m_out.plan = rotation.plan;
        m_out.stage = stage;
        m_out.attempt = rotation.attempt + 1;
    }

    void trust() {
        add_certificate(m_roots.new_root.name, m_roots.new_content, m_roots.new_root);
        if (!m_roots.plan.emergency) {
            add_link(m_roots.plan.to, m_roots.plan.from);
            add_link(m_roots.plan.from, m_roots.plan.to);
        }
        for (auto const& name : to_certify()) add_intermediate(name);
        if (!m_roots.old_root.key.empty()) add_list(m_roots.old_root, root_crl_life);
        add_list(m_roots.new_root, root_crl_life);
        auto const both = std::vector{m_roots.old_root.name, m_roots.new_root.name};
        if (m_roots.plan.emergency)
            outline({m_roots.new_root.name}, m_roots.new_root.name);
        else
            outline(both, m_roots.old_root.name);
    }
    void present_new() { outline(both(), m_roots.new_root.name); }
    void present_old() { outline(both(), m_roots.old_root.name); }
    /// The old root's last list holds as long as that root: nobody will sign another.
    void distrust() {
        add_list(m_roots.old_root, m_roots.old_content.not_after - m_services.clock.now());
        add_list(m_roots.new_root, root_crl_life);
        outline({m_roots.new_root.name}, m_roots.new_root.name);
    }
    void withdraw() {
        add_list(m_roots.old_root, root_crl_life);
        outline({m_roots.old_root.name}, m_roots.old_root.name);
    }
    void restore() {
        add_link(m_roots.plan.from, m_roots.plan.to);
        add_list(m_roots.old_root, root_crl_life);
        outline(both(), m_roots.new_root.name);
    }
    void destroy() { m_out.destroys = {m_roots.old_root.name}; }

    CeremonyManifest take() { return std::move(m_out); }

private:
    /// Those of the plan; and what was made since, unless an emergency has left it out.
    std::vector<std::string> to_certify() const {
        auto out = m_roots.plan.intermediates;
        if (m_roots.plan.emergency) return out;
        for (auto const& each : authorities(m_services.store)) {
            bool const planned = std::ranges::find(out, each.name) != out.end();
            if (!planned && is_relied_on(each, m_services.clock.now())) out.push_back(each.name);
        }
        return out;
    }
    std::vector<std::string> both() const { return {m_roots.old_root.name, m_roots.new_root.name}; }

    void add(std::string name, std::string kind, Authority const& signer, Bytes tbs) {
        auto const digest = base::sha256(tbs);
        m_out.items.push_back({std::move(name), std::move(kind), signer.name, std::move(tbs), digest});
    }
    void add_certificate(std::string name, CertificateContent const& content, Authority const& signer) {
        add(std::move(name), "certificate", signer,
            m_services.certifier.certificate_tbs(content, signer.algorithm));
    }
    /// A link must not outlive the old root, or distrusting that root would not end it.
    void add_link(std::int64_t subject, std::int64_t issuer) {
        bool const new_signs = issuer == m_roots.plan.to;
        auto const& signer = new_signs ? m_roots.new_root : m_roots.old_root;
        auto const& from = new_signs ? m_roots.old_content : m_roots.new_content;
        auto const& by = new_signs ? m_roots.new_content : m_roots.old_content;
        add_certificate(link_of(subject, issuer),
                        certified_by(from, by, signer, m_roots.old_content.not_after, m_services), signer);
    }
    void add_intermediate(std::string const& name) {
        auto const intermediate = authority(m_services.store, name);
        if (intermediate.state == "revoked") return;  // since the plan was made
        auto const subject = m_services.certifier.describe(intermediate.certificate()).content;
        add_certificate(name,
                        certified_by(subject, m_roots.new_content, m_roots.new_root,
                                     m_roots.new_content.not_after, m_services),
                        m_roots.new_root);
    }
    void add_list(Authority const& signer, base::Duration life) {
        auto const last = m_services.store.object("crl", signer.name);
        auto const& of = signer.name == m_roots.old_root.name ? m_roots.old_content : m_roots.new_content;
        auto const now = m_services.clock.now();
        model::CrlContent const list{of.subject, of.subject_key_id,
                                     last ? last->data->at("number").get<std::uint64_t>() + 1 : 1, now,
                                     now + life};
        auto const known = revocations(m_services.store, signer.name);
        auto const all = [&](port::Certifier::Each const& each) {
            known(each);
            for (auto const& one : m_ending) {
                if (one.certificate.issuer == signer.name) each(one.revocation);
            }
        };
        add("crl-" + signer.name, "crl", signer, m_services.certifier.crl_tbs(list, all, signer.algorithm));
    }
    void outline(std::vector<std::string> roots, std::string present) {
        std::ranges::sort(roots);
        m_out.bundle =
            model::BundleOutline{next_version(m_services.store), std::move(present), std::move(roots)};
    }

    Services& m_services;
    Roots m_roots;
    std::vector<Ending> m_ending;
    CeremonyManifest m_out;
};

struct Stage {
    std::string_view name;
    void (Composer::*compose)();
};
constexpr Stage stage_table[]{
    {"trust", &Composer::trust},     {"switch", &Composer::present_new}, {"distrust", &Composer::distrust},
    {"destroy", &Composer::destroy}, {"withdraw", &Composer::withdraw},  {"return", &Composer::present_old},
    {"restore", &Composer::restore},
};

void end_authority(std::string const& name, std::string const& issuer, model::Revocation revocation,
                   Services& services, std::vector<Ending>& out) {
    auto found = find_authority(services.store, name);
    if (!found) return;
    for (auto const& each : found->certificates) {
        if (each.issuer != issuer || services.store.object("certificate", each.serial)) continue;
        revocation.serial = each.serial;
        out.push_back({*found, each, revocation});
    }
}

}  // namespace

std::string root_of(std::int64_t generation) {
    return fmt::format("root-g{}", generation);
}

std::string link_of(std::int64_t subject, std::int64_t issuer) {
    return fmt::format("g{}-by-g{}", subject, issuer);
}

Authority new_root_authority(RotationPlan const& plan, Authority const& old_root) {
    Authority out;
    out.name = root_of(plan.to);
    out.role = "root";
    out.stem = plan.name;
    out.generation = plan.to;
    out.key = "ca-" + out.name;
    out.algorithm = plan.algorithm;
    out.base_url = old_root.base_url;
    return out;
}

std::vector<Ending> endings(RotationPlan const& plan, std::string const& stage, base::Instant at,
                            Services& services) {
    auto const old_root = root_of(plan.from), new_root = root_of(plan.to);
    model::Revocation const over{{}, at, model::reason_code("cessation-of-operation"), {}};
    std::vector<Ending> out;
    if (stage == "distrust") end_authority(link_of(plan.from, plan.to), new_root, over, services, out);
    if (stage == "withdraw") end_authority(link_of(plan.to, plan.from), old_root, over, services, out);
    if (stage != "trust" || !plan.emergency) return out;
    // What the old key has signed, others may have signed with it.
    model::Revocation const compromised{{}, at, model::reason_code("key-compromise"), plan.emergency->since};
    for (auto const& each : authorities(services.store)) {
        if (each.role != "root") end_authority(each.name, old_root, compromised, services, out);
    }
    return out;
}

CeremonyManifest compose_manifest(Rotation const& rotation, std::string const& stage, Services& services) {
    Composer composer(rotation, stage, services);
    (composer.*(std::ranges::find(stage_table, stage, &Stage::name)->compose))();
    return composer.take();
}

}  // namespace consortium::flow
