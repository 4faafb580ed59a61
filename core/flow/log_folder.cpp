// A log as a folder that people and other programs can read.

#include "core/agreement/reference.h"
#include "core/base/error.h"
#include "core/flow/act_files.h"
#include "core/flow/audit.h"
#include "core/flow/audit_row.h"
#include "core/flow/disclosure.h"
#include "core/flow/evidence.h"
#include "core/flow/log_folder_words.h"
#include "core/flow/peer.h"
#include "core/flow/timestamp.h"
#include "core/flow/tree_files.h"
#include "core/flow/workspace.h"
#include "core/journal/checkpoint.h"
#include "core/model/kind.h"
#include "core/model/member.h"
#include "core/model/public_key.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <set>

namespace consortium::flow {

using base::Digest;
using base::Json;

namespace {

constexpr std::uint64_t step = 512;

/// RFC 4180.
std::string cell(std::string const& text) {
    if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
    std::string out = "\"";
    for (char const c : text) out.append(c == '"' ? 2 : 1, c);
    return out + "\"";
}

class FolderWriter {
public:
    FolderWriter(State const& state, port::Exchange& into)
        : m_state(state), m_store(state.store), m_head(m_store.head()), m_into(into) {}

    void run(Services const& services, model::Object const& disclosure, port::Exchange const* exchange) {
        auto const put_file = [this](std::string const& path, std::string_view content) {
            put(path, content);
        };
        put_entries(m_store, 0, m_head.size, put_file);
        put_tiles(m_store, 0, m_head.size, put_file);
        write_epochs();
        write_acts();
        write_files();
        write_keys();
        write_head(services, exchange);
        write_stamps();
        write_disclosure(disclosure);
        m_into.write("SHA256SUMS", m_sums);
    }

private:
    void put(std::string const& path, std::string_view content) {
        m_into.write(path, content);
        m_sums += base::sha256(content).hex() + "  " + path + "\n";
    }

    void write_epochs() {
        auto const last = m_state.joined().number;
        for (std::uint64_t number = 0; number <= last; ++number) {
            auto const epoch = m_store.epoch(number);
            put("epochs/" + std::to_string(number) + ".json", model::document(*epoch));
            m_documents.insert(model::reference(*epoch).hash);
            for (auto const& key : epoch->keys) m_keys[key.id] = {key.algorithm, key.spki};
        }
    }

    void write_acts() {
        std::string csv = "index,type,kind,member,officer,id,scheme,key,leaf_hash,received\n";
        for (std::uint64_t begin = 0; begin < m_head.size; begin += step)
            m_store.entries(begin, std::min(begin + step, m_head.size),
                            [&](model::Entry const& entry) { csv += entry_row(entry); });
        put("index.csv", csv);
    }

    std::string entry_row(model::Entry const& entry) {
        auto const row = audit_row(entry);
        std::string scheme, key;
        if (entry.kind == model::EntryKind::act) {
            auto const envelope = model::envelope_from_text(entry.leaf);
            auto const act = model::act_from_text(envelope.payload);
            scheme = envelope.scheme;
            key = act.key.hex();
            write_act(fmt::format("acts/{}", entry.index), envelope);
            note_needs(act);
        }
        return fmt::format("{},{},{},{},{},{},{},{},{},{}\n", entry.index, row.type, cell(row.kind),
                           cell(row.member), cell(row.officer), row.id, scheme, key,
                           journal::leaf_hash(entry.leaf).hex(), row.received.text());
    }

    void write_act(std::string const& path, model::Envelope const& envelope) {
        put(path + ".json", envelope.payload);
        put(path + ".pae", model::pre_authentication(envelope));
        auto const& signature = envelope.signature;
        put(path + ".sig",
            envelope.scheme == "sshsig" ? armoured(signature) : std::string(base::as_text(signature)));
    }

    void note_needs(model::Act const& act) {
        for (auto const& file : agreement::named_by(m_store, act).files) m_files.insert(file);
        if (act.kind != "invite") return;
        auto const invitation = model::invitation_from_json(*act.body);
        m_keys[invitation.key()] = {invitation.algorithm, invitation.spki};
    }

    void write_files() {
        for (auto const& digest : m_files) {
            if (m_documents.contains(digest)) continue;
            if (auto const content = m_store.file(digest)) put("files/" + digest.hex(), *content);
        }
    }

    void write_keys() {
        std::string allowed;
        for (auto const& [id, key] : m_keys) {
            auto const name = id.hex();
            if (key.algorithm == "ssh") {
                put("keys/" + name + ".pub", ssh_line(key.bytes) + "\n");
                allowed += allowed_signer(name, key.bytes);
            } else {
                put("keys/" + name + ".pem", model::public_pem(key.bytes));
            }
        }
        if (!allowed.empty()) put("allowed_signers", allowed);
    }

    void write_head(Services const& services, port::Exchange const* exchange) {
        auto const note = journal::Note::parse(m_head.checkpoint);
        put("checkpoint", m_head.checkpoint);
        put("checkpoint.body", note.body);
        put("checkpoint.sig", base::as_text(note.signatures.front().bytes));
        // The head's own: a new origin has a key before an epoch names it.
        auto const key = own_log_key(services);
        put("keys/log.pem", model::public_pem(key.spki()));
        auto vkeys = key.vkey() + "\n";
        auto const& epoch = m_state.joined();
        for (auto const& member : epoch.members)
            if (member.id != m_state.self.member) vkeys += witness_key(epoch, member).vkey() + "\n";
        put("vkeys.txt", vkeys);
        if (exchange == nullptr) return;
        for (auto const& head : cosigned_heads(m_state, services.verifier, *exchange))
            put("cosigned/" + std::to_string(head.size), head.note);
    }

    void write_stamps() {
        auto const origin = own_origin(m_store);
        std::uint64_t before = 0;
        for (auto const& stamped : stamped_heads(m_store)) {
            auto const& checkpoint = stamped.checkpoint;
            // A head that was stamped twice is there once; those of an earlier origin are of another log,
            // whose key is not here.
            if (checkpoint.size > m_head.size || checkpoint.size == before || checkpoint.origin != origin)
                continue;
            before = checkpoint.size;
            auto const path = fmt::format("timestamps/{}", checkpoint.size);
            put(path, stamped.note);
            put(path + ".tsr", base::as_text(stamped.token));
        }
    }

    void write_disclosure(model::Object const& disclosure) {
        put("disclosure.json", disclosure_text(m_store, disclosure));
        auto const origin = journal::Checkpoint::parse(journal::Note::parse(m_head.checkpoint).body).origin;
        LogFolderWords words;
        words.origin = origin;
        words.size = m_head.size;
        words.recorded = disclosure.data->at("entries").get<std::uint64_t>();
        words.recipient = disclosure.data->at("to").get<std::string>();
        put("README.txt", log_folder_readme(words));
        put("check.go", log_folder_program());
    }

    State const& m_state;
    port::Store const& m_store;
    port::Head m_head;
    port::Exchange& m_into;
    std::string m_sums;
    std::set<Digest> m_files, m_documents;
    std::map<Digest, model::PublicKey> m_keys;
};

}  // namespace

std::string disclosure_text(port::Store const& store, model::Object const& disclosure) {
    auto const entry = store.entry(disclosure.version - 1);
    return base::pretty(Json{{"index", entry.index},
                             {"leaf", base::parse_json(entry.leaf)},
                             {"body", base::parse_json(entry.body)}});
}

void write_log_folder(Services const& services, Identity const& self, model::Object const& disclosure,
                      port::Exchange& into, port::Exchange const* exchange) {
    State const state{services.store, services.store.latest(), services.clock.now(), self};
    FolderWriter(state, into).run(services, disclosure, exchange);
}

}  // namespace consortium::flow
