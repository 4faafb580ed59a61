#include "core/agreement/reference.h"
#include "core/base/error.h"
#include "core/flow/application.h"
#include "core/flow/exchange.h"
#include "core/journal/checkpoint.h"
#include "core/journal/tile.h"

#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Code;
using base::Error;

namespace {

constexpr std::size_t max_note = 16u << 10;

class Publisher {
public:
    Publisher(port::Store const& store, std::string const& member, port::Exchange& exchange)
        : m_store(store), m_folder(member + "/"), m_exchange(exchange), m_head(store.head()) {}

    PublishReport run() {
        auto const note = m_exchange.read(m_folder + "checkpoint", max_note);
        auto const old = note ? published(*note) : 0;
        if (old < m_head.size) {
            write_entries(old);
            write_tiles(old);
            write_files(old);
        }
        write_cosignatures();
        if (old < m_head.size) put("checkpoint", m_head.checkpoint);
        m_report.size = m_head.size;
        return m_report;
    }

private:
    std::uint64_t published(std::string const& note) const {
        auto const old = journal::Checkpoint::parse(journal::Note::parse(note).body);
        bool const forked = old.size == m_head.size && old.root != m_head.root;
        if (old.size > m_head.size || forked) {
            throw Error(Code::conflict,
                        "the published journal of " + std::to_string(old.size) +
                            " entries is not an earlier state of this one, which has " +
                            std::to_string(m_head.size),
                        "is this workspace a restored backup? run 'consortium audit verify'");
        }
        return old.size;
    }

    void put(std::string const& path, std::string_view content) {
        m_exchange.write(m_folder + path, content);
        ++m_report.written;
    }

    void write_entries(std::uint64_t old) {
        for (auto begin = old / 256 * 256; begin < m_head.size; begin += 256) {
            auto const end = std::min(begin + 256, m_head.size);
            std::vector<std::string> leaves;
            m_store.entries(begin, end, [&](model::Entry const& entry) { leaves.push_back(entry.leaf); });
            put(journal::entries_path(begin / 256, end - begin), journal::bundle_entries(leaves));
        }
    }

    void write_tiles(std::uint64_t old) {
        for (int level = 0; level < journal::tile_levels(m_head.size); ++level) {
            auto number = old >> (8 * (level + 1));
            for (;; ++number) {
                auto const width = journal::tile_hashes(m_head.size, level, number);
                if (width == 0) break;
                auto hashes = m_store.tile(level, number);
                hashes.resize(width);
                put(journal::tile_path(level, number, width), base::as_text(journal::tile_bytes(hashes)));
            }
        }
    }

    // Who signs or relays an act publishes all that it refers to (PROTOCOL P3).
    void write_files(std::uint64_t old) {
        m_store.entries(old, m_head.size, [&](model::Entry const& entry) {
            if (entry.kind != model::EntryKind::act) return;
            auto const payload = model::envelope_from_text(entry.leaf).payload;
            auto const act = model::act_from_json(base::parse_json(payload));
            for (auto const& file : agreement::named_by(m_store, act).files) write_file(file);
        });
    }

    void write_file(base::Digest const& digest) {
        auto const path = "files/" + digest.hex();
        if (m_exchange.has(m_folder + path)) return;
        if (auto const content = m_store.file(digest)) put(path, *content);
    }

    void write_cosignatures() {
        auto const epoch = m_store.latest();
        if (!epoch) return;
        for (auto const& member : epoch->members) {
            auto const note = m_store.note("cosigned/" + member.id);
            auto const path = "cosig/" + member.id;
            if (note && m_exchange.read(m_folder + path, max_note) != *note) put(path, *note);
        }
    }

    port::Store const& m_store;
    std::string m_folder;
    port::Exchange& m_exchange;
    port::Head m_head;
    PublishReport m_report;
};

}  // namespace

PublishReport publish(Services& services, Identity const& self, port::Exchange& exchange) {
    publish_applications(services, self, exchange);
    return Publisher(services.store, self.member, exchange).run();
}

}  // namespace consortium::flow
