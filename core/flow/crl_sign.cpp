#include "core/base/error.h"
#include "core/flow/crl.h"
#include "core/journal/entry.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Bytes;
using base::BytesView;
using base::Digest;
using base::Json;
using base::JsonValue;

namespace {

std::string const kind = "crl";
constexpr std::size_t max_piece = 256U << 10U;

std::string delta_name(std::string const& list) {
    return list + "-delta";
}

std::uint64_t number_of(std::optional<model::Object> const& list) {
    return list ? list->data->at("number").get<std::uint64_t>() : 0;
}

std::string piece(port::Store const& store, Digest const& digest) {
    auto text = store.file(digest);
    if (!text) {
        throw base::Error(base::Code::storage, "a part of a revocation list is missing from the store",
                          "run 'consortium audit verify --level all'", {{"file", digest.hex()}});
    }
    return *std::move(text);
}

port::Pieces pieces_of(port::Store const& store, std::vector<Digest> digests) {
    return [&store, digests = std::move(digests)](auto const& each) {
        for (auto const& digest : digests) each(base::as_bytes(piece(store, digest)));
    };
}

/// A list as the store has it: its entries in files of at most 256 KiB between what stands around them, so
/// that the next list, which begins with the same entries, shares their files.
struct KeptCrl {
    std::vector<Digest> files;  // front, entries, end; or one for all of it, and then nothing else is known
    std::uint64_t listed = 0;   // octets of entries
    std::uint64_t entries = 0;
    std::uint64_t last = 0;               // entries in the last file of them
    std::optional<std::uint64_t> covers;  // every revocation in this many entries of the journal is in it
};

std::optional<KeptCrl> kept(std::optional<model::Object> const& list) {
    if (!list) return std::nullopt;
    auto const& data = *list->data;
    KeptCrl out;
    if (!data.contains("files")) {  // of an earlier version
        out.files.push_back(Digest::from_hex(data.at("file").get<std::string>()));
        return out;
    }
    for (auto const& each : data.at("files")) out.files.push_back(Digest::from_hex(each.get<std::string>()));
    if (!data.contains("covers")) return out;
    out.listed = data.at("listed").get<std::uint64_t>();
    out.entries = data.at("entries").get<std::uint64_t>();
    out.last = data.at("last").get<std::uint64_t>();
    out.covers = data.at("covers").get<std::uint64_t>();
    return out;
}

/// The entries of the list that is being made.
class Entries {
public:
    Entries(Services& services, port::Transaction& transaction)
        : m_store(services.store), m_form(services.certifier.lists()), m_transaction(transaction) {}

    /// Begins with those of the last list. Its last file is filled up, the others stay as they are.
    void go_on_from(KeptCrl const& last) {
        if (last.entries == 0) return;
        m_files.assign(last.files.begin() + 1, last.files.end() - 1);
        m_open = base::to_bytes(piece(m_store, m_files.back()));
        m_files.pop_back();
        m_shared = m_files.size();
        m_closed = last.listed - m_open.size();
        m_entries = last.entries;
        m_fresh = m_in_open = last.last;
    }

    void append(model::Revocation const& revocation) {
        if (m_open.size() >= max_piece) close();
        m_form.append_entry(m_open, revocation);
        ++m_entries;
        ++m_fresh;
        ++m_in_open;
    }

    /// No entry follows. What is read back from the store then is what was written to it.
    KeptCrl finish() {
        auto const last = m_in_open;
        if (!m_open.empty()) close();
        return {m_files, m_closed, m_entries, last, std::nullopt};
    }

    /// How many files are the last list's.
    std::size_t shared() const { return m_shared; }
    /// How many entries are in the others.
    std::uint64_t fresh() const { return m_fresh; }

private:
    void close() {
        m_files.push_back(m_transaction.put_file(base::as_text(m_open)));
        m_closed += m_open.size();
        m_open.clear();
        m_in_open = 0;
    }

    port::Store const& m_store;
    port::CrlForm const& m_form;
    port::Transaction& m_transaction;
    std::vector<Digest> m_files;
    Bytes m_open;
    std::size_t m_shared = 0;
    std::uint64_t m_closed = 0, m_entries = 0, m_fresh = 0, m_in_open = 0;
};

/// The certificates that entries [begin, end) of the journal revoke.
void revoked_in(port::Store const& store, std::uint64_t begin, std::uint64_t end,
                std::function<void(model::Object const&)> const& each) {
    store.entries(begin, end, [&each](model::Entry const& entry) {
        if (entry.kind != model::EntryKind::event || entry.leaf.find(revoked_event) == std::string::npos)
            return;
        auto const event = journal::open_event(entry.leaf, entry.body);
        if (event.kind != revoked_event) return;
        for (auto const& object : event.writes)
            if (object.kind == "certificate" && object.state == "revoked") each(object);
    });
}

/// What a list must name: of a delta, and of a list that goes on from another, what was revoked since that
/// one was made.
void gather(Authority const& authority, CrlScope const& scope, std::uint64_t end, port::Store const& store,
            Entries& out) {
    auto const take = [&](model::Object const& certificate) {
        if (certificate.data->at("issuer") != authority.name) return;
        if (scope.shard && shard_of(certificate.name, authority.shards) != *scope.shard) return;
        out.append(revocation_of(certificate));
    };
    bool const delta = !scope.base.empty();
    auto const before = store.object(kind, delta ? scope.base : scope.name);
    auto const last = kept(before);
    if (last && last->covers) {
        if (!delta) out.go_on_from(*last);
        return revoked_in(store, *last->covers, end, take);
    }
    std::optional<base::Instant> since;
    if (delta && before) since = base::Instant::from_text(before->data->at("this_update").get<std::string>());
    store.objects({.kind = "certificate", .state = "revoked"}, [&](model::Object const& certificate) {
        if (!since || revocation_of(certificate).at >= *since) take(certificate);
    });
}

Json record(Authority const& authority, std::string const& list, KeptCrl const& kept,
            model::CrlFacts const& facts, Services& services, port::Transaction& transaction) {
    Json files = Json::array();
    for (auto const& each : kept.files) files.push_back(each.hex());
    Json data{{"authority", authority.name},
              {"number", facts.content.number},
              {"base", facts.content.base},
              {"this_update", facts.content.this_update.text()},
              {"next_update", facts.content.next_update.text()},
              {"entries", facts.entries},
              {"issuer", facts.issuer},
              {"files", files},
              {"tbs", facts.tbs.hex()}};
    if (kept.covers) {
        data["listed"] = kept.listed;
        data["last"] = kept.last;
        data["covers"] = *kept.covers;
    }
    model::Object object;
    object.kind = kind;
    object.name = list;
    object.state = "current";
    object.due = facts.content.next_update;
    object.data = JsonValue(std::move(data));
    journal(transaction, services, "crl.issued",
            {{"authority", authority.name},
             {"list", list},
             {"number", facts.content.number},
             {"tbs", facts.tbs.hex()}},
            {object});
    return crl_words(object);
}

}  // namespace

std::vector<CrlScope> crl_scopes(Authority const& authority, CrlExtent extent) {
    std::vector<CrlScope> out;
    if (authority.shards == 0) out.push_back({authority.name, std::nullopt, {}});
    for (std::int64_t shard = 0; shard < authority.shards; ++shard) {
        out.push_back({shard_name(authority, shard), shard, {}});
    }
    if (extent == CrlExtent::full) return out;
    for (auto& each : out) each = {delta_name(each.name), each.shard, each.name};
    return out;
}

model::CrlContent next_crl(port::Store const& store, Authority const& authority, CrlScope const& scope,
                           base::Instant now, base::Duration life, port::Certifier const& certifier) {
    auto const above = certifier.describe(authority.certificate());
    auto const& full = scope.base.empty() ? scope.name : scope.base;
    auto const last = store.object(kind, full);
    model::CrlContent content;
    content.issuer = above.content.subject;
    content.authority_key_id = above.content.subject_key_id;
    content.number = std::max(number_of(last), number_of(store.object(kind, delta_name(full)))) + 1;
    content.this_update = now;
    content.next_update = now + life;
    // RFC 5280 5.2.5: the same URL as in the certificates, or verifiers take the list for another's.
    if (scope.shard) content.place = list_url(authority, full);
    if (!scope.base.empty()) content.base = number_of(last);
    if (scope.base.empty() && authority.deltas) content.freshest = list_url(authority, delta_name(full));
    return content;
}

model::Revocation revocation_of(model::Object const& certificate) {
    auto const& revoked = certificate.data->at("revoked");
    model::Revocation out;
    out.serial = certificate.name;
    out.at = base::Instant::from_text(revoked.at("at").get<std::string>());
    out.reason = model::reason_code(revoked.at("reason").get<std::string>());
    if (!revoked.at("compromised").is_null()) {
        out.compromised = base::Instant::from_text(revoked.at("compromised").get<std::string>());
    }
    return out;
}

port::Certifier::Revocations revocations(port::Store const& store, std::string authority) {
    return [&store, authority](port::Certifier::Each const& each) {
        store.objects({.kind = "certificate", .state = "revoked"}, [&](model::Object const& object) {
            if (object.data->at("issuer") == authority) each(revocation_of(object));
        });
    };
}

Json record_crl(Authority const& authority, BytesView der, model::CrlFacts const& facts, Services& services,
                port::Transaction& transaction) {
    KeptCrl kept;
    kept.files.push_back(transaction.put_file(base::as_text(der)));
    return record(authority, authority.name, kept, facts, services, transaction);
}

Json sign_crl(Authority const& authority, CrlScope const& scope, base::Duration life, Services& services,
              port::Transaction& transaction) {
    auto const& form = services.certifier.lists();
    auto const content =
        next_crl(services.store, authority, scope, services.clock.now(), life, services.certifier);
    auto const covers = services.store.head().size;
    Entries entries(services, transaction);
    gather(authority, scope, covers, services.store, entries);
    auto kept = entries.finish();
    kept.covers = covers;
    auto const pieces = pieces_of(services.store, kept.files);

    auto const signer = services.keys.open(authority.key);
    auto const tbs = form.frame(content, kept.listed, signer->algorithm());
    auto const signature = signer->sign_pieces([&](auto const& each) {
        each(tbs.front);
        pieces(each);
        each(tbs.end);
    });
    auto const list = form.assemble(tbs, kept.listed, signer->algorithm(), signature);
    auto facts = form.accept(list, pieces, entries.shared(), authority.certificate());
    if (facts.content != content || facts.entries != entries.fresh()) {
        throw base::Error(base::Code::internal, "a revocation list does not say what it was asked to say");
    }
    facts.entries = kept.entries;
    kept.files.insert(kept.files.begin(), transaction.put_file(base::as_text(list.front)));
    kept.files.push_back(transaction.put_file(base::as_text(list.end)));
    return record(authority, scope.name, kept, facts, services, transaction);
}

Json crl_words(model::Object const& list) {
    Json out = *list.data;
    for (auto const* inside : {"file", "files", "listed", "last", "covers"}) out.erase(inside);
    out["list"] = list.name;
    if (!out.contains("authority")) out["authority"] = list.name;  // of before there were shards
    return out;
}

std::optional<port::Pieces> crl_pieces(port::Store const& store, std::string_view list) {
    auto const last = kept(store.object(kind, list));
    return last ? std::optional(pieces_of(store, last->files)) : std::nullopt;
}

std::optional<Bytes> current_crl(port::Store const& store, std::string_view list) {
    auto const pieces = crl_pieces(store, list);
    return pieces ? std::optional(port::joined(*pieces)) : std::nullopt;
}

std::vector<Bytes> held_crls(port::Store const& store) {
    std::vector<Bytes> out;
    store.objects({.kind = kind}, [&](model::Object const& object) {
        out.push_back(port::joined(pieces_of(store, kept(object)->files)));
    });
    return out;
}

}  // namespace consortium::flow
