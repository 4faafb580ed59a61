#include "core/agreement/reference.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/flow/application.h"
#include "core/flow/exchange.h"
#include "core/flow/exchange_read.h"
#include "core/flow/exchange_witness.h"
#include "core/flow/tree_files.h"
#include "core/journal/checkpoint.h"
#include "core/journal/tile.h"
#include "core/port/remembering.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <set>

namespace consortium::flow {

using base::Error;

namespace {

constexpr std::size_t max_note = 16u << 10;
constexpr int lock_seconds = 10;

/// Of a partial tile: 1 to 255. What else others have put there is not asked for, and not removed.
bool is_width(std::string_view name) {
    return !name.empty() && name.size() <= 3 &&
           std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; });
}

class Publisher {
public:
    Publisher(Services const& services, std::string const& member, journal::NoteKey key,
              port::Exchange& exchange)
        : m_store(services.store),
          m_verifier(services.verifier),
          m_key(std::move(key)),
          m_member(member),
          m_folder(member + "/"),
          m_exchange(exchange),
          m_head(m_store.head()) {}

    PublishReport run() {
        auto const old = published();
        // Where nobody knows any more what was written, others may have removed some of it.
        auto const from = port::remembers(m_exchange) ? old : 0;
        if (from < m_head.size) {
            auto const to = [this](std::string const& path, std::string_view content) { put(path, content); };
            put_entries(m_store, from, m_head.size, to);
            put_tiles(m_store, from, m_head.size, to);
            write_files(from, old);
            m_exchange.separate();  // the checkpoint promises all this
        }
        write_cosignatures();
        if (old < m_head.size) {
            put("checkpoint", m_head.checkpoint);
            m_exchange.separate();
            remove_partial(old);
        }
        // The tree that is there now is this key's. Also where a run before was killed behind its checkpoint.
        if (m_head.size > 0 && read_if_sound(m_exchange, recovering_file(m_member), max_note))
            m_exchange.remove(recovering_file(m_member));
        m_exchange.settle();
        port::remember(m_exchange);
        m_report.size = m_head.size;
        return m_report;
    }

private:
    // The size of the tree that is there. What this log key has not signed is damage, or not ours, and is
    // written over; a tree that is ahead of this one has been refused before.
    std::uint64_t published() const {
        auto const note = read_own(m_exchange, m_folder + "checkpoint", max_note);
        if (!note) return 0;
        try {
            return journal::open_checkpoint(*note, {m_key}, m_verifier).checkpoint.size;
        } catch (Error const&) {
            return 0;
        }
    }

    void put(std::string const& path, std::string_view content) {
        m_exchange.write(m_folder + path, content);
        ++m_report.written;
    }

    // A partial tile may go once the full one is there (C2SP tlog-tiles).
    void remove_partial(std::uint64_t old) {
        for (auto number = old / 256; number < m_head.size / 256; ++number) {
            remove_parts(journal::entries_path(number, 256));
        }
        for (int level = 0; level < journal::tile_levels(m_head.size); ++level) {
            for (auto number = old >> (8 * (level + 1));
                 journal::tile_hashes(m_head.size, level, number) == journal::tile_width; ++number) {
                remove_parts(journal::tile_path(level, number, journal::tile_width));
            }
        }
    }

    void remove_parts(std::string const& full) {
        auto const folder = m_folder + full + ".p";
        for (auto const& width : list_if_reached(m_exchange, folder))
            if (is_width(width)) m_exchange.remove(std::string(folder).append("/").append(width));
    }

    // Who signs or relays an act publishes all that it refers to (PROTOCOL P3).
    void write_files(std::uint64_t from, std::uint64_t old) {
        m_store.entries(from, m_head.size, [&](model::Entry const& entry) {
            bool const is_new = entry.index >= old;
            m_report.substance = m_report.substance || (is_new && entry.kind != model::EntryKind::checkpoint);
            if (entry.kind != model::EntryKind::act) return;
            auto const payload = model::envelope_from_text(entry.leaf).payload;
            auto const act = model::act_from_text(payload);
            for (auto const& file : files_of(act, entry.index)) write_file(file);
        });
    }

    // A candidate names more through its document. One that cannot be read must not hold everything else
    // back.
    std::vector<base::Digest> files_of(model::Act const& act, std::uint64_t index) {
        try {
            return agreement::named_by(m_store, act).files;
        } catch (Error const& error) {
            if (error.code() != base::Code::malformed) throw;
            m_report.warnings.push_back(fmt::format(
                "what the act of kind '{}' in entry {} names is not published, it cannot be read: {}",
                act.kind, index, error.message()));
            return {};
        }
    }

    void write_file(base::Digest const& digest) {
        if (!m_files.insert(digest).second) return;
        // Also where it is there: whoever was stopped before it was durable may have left it, even in part.
        if (auto const content = m_store.file(digest)) put("files/" + digest.hex(), *content);
    }

    void write_cosignatures() {
        auto const epoch = m_store.latest();
        if (!epoch) return;
        for (auto const& member : epoch->members) {
            auto const note = m_store.note("cosigned/" + member.id);
            auto const path = "cosig/" + member.id;
            if (note && read_if_sound(m_exchange, m_folder + path, max_note) != *note) {
                m_exchange.write_again(m_folder + path, *note);
                ++m_report.written;
            }
        }
    }

    port::Store const& m_store;
    port::Verifier const& m_verifier;
    journal::NoteKey m_key;
    std::string m_member;
    std::string m_folder;
    port::Exchange& m_exchange;
    port::Head m_head;
    PublishReport m_report;
    std::set<base::Digest> m_files;  // written in this run
};

}  // namespace

PublishReport publish(Services& services, Identity const& self, port::Exchange& exchange) {
    if (exchange.is_read_only()) {
        throw Error(base::Code::unsupported, why_read_only(exchange),
                    "publish to a folder that your web server serves, to a git repository or to an object "
                    "store: set 'exchange'");
    }
    // One at a time: who has read an older head must not show it after a newer one. Not the journal's lock,
    // which is held across no network.
    base::FileLock const lock(self.workspace / "publish.lock", lock_seconds);
    auto const key = own_log_key(services, self);
    if (!key) {
        PublishReport report;
        report.handed_over = hand_over(services, self, exchange);
        return report;
    }
    refuse_restored(services, self, exchange, Unread::is_thrown);
    return Publisher(services, self.member, *key, exchange).run();
}

}  // namespace consortium::flow
