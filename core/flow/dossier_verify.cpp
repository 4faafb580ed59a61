#include "core/flow/dossier_verify.h"

#include "core/agreement/credential.h"
#include "core/agreement/reference.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/audit_row.h"
#include "core/flow/evidence.h"
#include "core/journal/entry.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <set>

namespace consortium::flow {

using base::Code;
using base::Digest;
using base::Error;
using base::Json;
using journal::Dossier;

namespace {

[[noreturn]] void fails(std::string const& what) {
    throw Error(Code::verification_failed, what);
}

model::Act act_of(model::Envelope const& envelope) {
    return model::act_from_text(envelope.payload);
}

class RecordVerifier {
public:
    RecordVerifier(Dossier const& dossier, journal::Checkpoint const& head, VerifiedEpochs const& epochs,
                   port::Verifier const& verifier)
        : m_dossier(dossier), m_head(head), m_epochs(epochs), m_verifier(verifier) {}

    void run(Findings& findings) {
        // Invitations may come after what refers to them in no journal, but in a file of context.
        for (auto const& text : m_dossier.context) check_act(text);
        for (auto const& record : m_dossier.records) check(record);
        check_scope(findings);
        check_files(findings);
        check_disclosure(findings);
        tell(findings);
    }

private:
    void check_path(Dossier::Record const& record) const {
        if (!journal::verify_inclusion(record.index, m_head.size, journal::leaf_hash(record.leaf),
                                       record.path, m_head.root))
            fails(fmt::format("entry {} is not in the tree of '{}' with {} entries", record.index,
                              m_head.origin, m_head.size));
    }

    void check(Dossier::Record const& record) {
        if (m_next && record.index < *m_next) fails("its entries are not in order");
        m_next = record.index + 1;
        check_path(record);
        try {
            check_content(record);
        } catch (Error const& error) {
            fails(fmt::format("entry {}: {}", record.index, error.message()));
        }
    }

    void check_content(Dossier::Record const& record) {
        auto const kind = journal::leaf_kind(record.leaf);
        if (kind == model::EntryKind::act) {
            m_acts.insert(check_act(record.leaf));
            ++m_signed;
        } else if (kind == model::EntryKind::event && !record.body.empty()) {
            static_cast<void>(journal::open_event(record.leaf, record.body));
            ++m_opened;
        } else if (kind == model::EntryKind::event) {
            ++m_closed;
        }
        if (kind != model::EntryKind::event && !record.body.empty()) fails("only events have a body");
        model::Entry entry;
        entry.index = record.index;
        entry.kind = kind;
        entry.leaf = record.leaf;
        fits_scope(audit_row(entry), record);
    }

    /// The id of an act that was signed by whom the epoch that it names lets sign it.
    Digest check_act(std::string const& text) {
        auto const envelope = model::envelope_from_text(text);
        auto const act = act_of(envelope);
        if (act.genesis != m_dossier.genesis) fails("this act is of another consortium");
        auto const epoch = m_epochs.by_hash.find(act.epoch.hash);
        if (epoch == m_epochs.by_hash.end() || epoch->second->number != act.epoch.number)
            fails(fmt::format("the epoch {} that this act names is not in the evidence", act.epoch.number));
        agreement::verify_author(m_invitations, *epoch->second, envelope, act, m_verifier);
        if (act.kind == "invite") m_invitations.add(text, {});
        return model::act_id(envelope);
    }

    void fits_scope(AuditRow const& row, Dossier::Record const& record) const {
        auto const& scope = *m_dossier.scope;
        auto const kind = scope.value("kind", std::string());
        bool const fits = kind == "member"
                              ? row.type == "act" && row.member == scope.at("member").get<std::string>()
                          : kind == "kind"      ? row.kind == scope.at("of").get<std::string>()
                          : kind == "operation" ? row.type == "event" && !record.body.empty()
                                                : true;
        if (!fits) fails("it is not of the scope that the evidence states");
    }

    void check_scope(Findings& findings) const {
        auto const& scope = *m_dossier.scope;
        auto const kind = scope.value("kind", std::string());
        if (kind == "entries") {
            check_range(scope, findings);
        } else if (kind == "proposal") {
            check_proposal(Digest::from_hex(scope.at("proposal").get<std::string>()), findings);
        } else if (kind == "member" || kind == "kind" || kind == "operation") {
            findings.unchecked.emplace_back(
                "that the log holds nothing more of this scope: a tree shows what is in it, not what is left "
                "out; whoever disclosed it stands for that");
        } else {
            fails("its scope is of no kind that this program knows");
        }
    }

    void check_range(Json const& scope, Findings& findings) const {
        auto const from = scope.at("from").get<std::uint64_t>(), to = scope.at("to").get<std::uint64_t>();
        auto next = from;
        for (auto const& record : m_dossier.records) {
            if (record.index != next) fails(fmt::format("entry {} of the stated range is missing", next));
            ++next;
        }
        if (next != to + 1) fails(fmt::format("entry {} of the stated range is missing", next));
        findings.checked.push_back(fmt::format("no entry from {} to {} is left out", from, to));
        if (scope.contains("since"))
            findings.unchecked.push_back(fmt::format(
                "that these are all entries received from {} to {}: when something was received, "
                "only the log's owner knows",
                base::printable(scope.value("since", "")), base::printable(scope.value("until", ""))));
    }

    void require(Digest const& id, std::string_view what) const {
        if (!m_acts.contains(id)) fails(fmt::format("{} {} is missing", what, id.hex()));
    }

    void check_proposal(Digest const& proposal, Findings& findings) const {
        require(proposal, "the proposal");
        for (auto const& [hash, epoch] : m_epochs.by_hash) {
            for (auto const& result : epoch->results) {
                if (result.proposal != proposal) continue;
                for (auto const& id : result.statements) require(id, "the statement");
                for (auto const& id : result.counted) require(id, "the counted act");
                for (auto const& [id, reason] : result.excluded) require(id, "the excluded act");
                findings.checked.push_back(
                    fmt::format("epoch {} decided the proposal: {}; every statement and every act that it "
                                "counted or left "
                                "out is here",
                                epoch->number, base::printable(result.outcome)));
            }
        }
        findings.unchecked.emplace_back("that the log holds nothing more that concerns the proposal");
    }

    /// Files are there because records name them; what records name may be left out.
    void check_files(Findings& findings) const {
        agreement::MemoryEvidence held;
        for (auto const& record : m_dossier.records)
            if (journal::leaf_kind(record.leaf) == model::EntryKind::act) held.add(record.leaf, {});
        for (auto const& epoch : m_dossier.epochs) held.add_file(epoch.document);
        std::set<Digest> given, named;
        for (auto const& file : m_dossier.files) given.insert(held.add_file(file));
        for (auto const& stored : held.all())
            for (auto const& file : agreement::named_by(held, stored.act).files) named.insert(file);
        for (auto const& file : given)
            if (!named.contains(file)) fails("it holds a file that no entry of it names");
        std::size_t missing = 0;
        for (auto const& file : named)
            if (!held.has_file(file)) ++missing;
        if (!given.empty())
            findings.checked.push_back(
                fmt::format("{} files have the digests that entries name", given.size()));
        if (missing > 0)
            findings.unchecked.push_back(
                fmt::format("{} files that entries name: they are not here", missing));
    }

    void check_disclosure(Findings& findings) const {
        if (!m_dossier.disclosure) {
            if (!m_dossier.recipient.empty())
                fails("it was disclosed to somebody, but the log's record of that is missing");
            findings.unchecked.emplace_back(
                m_opened > 0 ? "by whom and to whom this was disclosed, and what with it: the file holds no "
                               "record of that, though it opens events"
                             : "to whom this was disclosed, and what with it: the file holds no record of "
                               "that");
            return;
        }
        auto const& record = *m_dossier.disclosure;
        check_path(record);
        auto const event = journal::open_event(record.leaf, record.body);
        Disclosure expected;
        expected.recipient = m_dossier.recipient;
        expected.scope = m_dossier.scope;
        expected.entries = m_dossier.records.size();
        expected.content = base::sha256(content_text(m_dossier));
        if (event.kind != "disclosure" || *event.body != to_json(expected))
            fails("what the log has recorded of this disclosure is not what is here");
        findings.checked.push_back(
            fmt::format("entry {} of the log records, at {}, that exactly this was disclosed to '{}'",
                        record.index, event.time.text(), base::printable(m_dossier.recipient)));
    }

    void tell(Findings& findings) const {
        findings.checked.push_back(
            fmt::format("{} entries are in the tree; {} acts are signed with keys of "
                        "their authors in the epochs that they name",
                        m_dossier.records.size(), m_signed));
        if (m_opened > 0)
            findings.checked.push_back(
                fmt::format("the bodies of {} events are what their entries commit to", m_opened));
        if (m_closed > 0)
            findings.unchecked.push_back(fmt::format(
                "what {} events say: their entries are commitments, their bodies were not disclosed",
                m_closed));
    }

    Dossier const& m_dossier;
    journal::Checkpoint const& m_head;
    VerifiedEpochs const& m_epochs;
    port::Verifier const& m_verifier;
    agreement::MemoryEvidence m_invitations;  // that hold: the keys of applicants stand in them
    std::set<Digest> m_acts;                  // that are entries
    std::optional<std::uint64_t> m_next;
    std::size_t m_signed = 0, m_opened = 0, m_closed = 0;
};

}  // namespace

void verify_records(Dossier const& dossier, journal::Checkpoint const& head, VerifiedEpochs const& epochs,
                    port::Verifier const& verifier, Findings& findings) {
    if (dossier.records.empty()) throw Error(Code::malformed, "this evidence holds no entry");
    try {
        RecordVerifier(dossier, head, epochs, verifier).run(findings);
    } catch (nlohmann::json::exception const&) {
        throw Error(Code::malformed, "the scope of this evidence cannot be read");
    }
}

}  // namespace consortium::flow
