#include "core/flow/cited_stamps.h"

#include "core/base/error.h"
#include "core/flow/timestamp.h"
#include "core/flow/workspace.h"
#include "core/journal/proof.h"
#include "core/journal/tile.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Json;

namespace {

/// Those of this log that the head continues: an earlier origin is another log.
std::vector<StampedHead> stamps_below(port::Store const& store, port::Head const& head) {
    auto all = stamped_heads(store);
    auto const origin = own_origin(store);
    std::erase_if(all, [&](StampedHead const& one) {
        return one.checkpoint.size > head.size || one.checkpoint.origin != origin;
    });
    return all;
}

Json growth(port::Store const& store, StampedHead const& stamped, port::Head const& head) {
    auto const& old = stamped.checkpoint;
    auto const read =
        journal::subtrees_of([&](int level, std::uint64_t number) { return store.tile(level, number); });
    auto const present = journal::Checkpoint::parse(journal::Note::parse(head.checkpoint).body);
    auto const proof = journal::prove_growth(old.size, present, head.checkpoint, read);
    if (!proof || proof->old_root != old.root)
        throw base::Error(
            base::Code::verification_failed,
            fmt::format("the journal does not continue its stamped head of {} entries", old.size),
            "run 'consortium audit verify'");
    return old.size == head.size ? Json() : Json(proof->text());
}

std::string plural(std::uint64_t count) {
    return count == 1 ? "1 act" : fmt::format("{} acts", count);
}

Json record_of(port::Store const& store, StampedHead const& stamped, std::uint64_t acts,
               port::Head const& head) {
    auto const& checkpoint = stamped.checkpoint;
    auto const file = fmt::format("timestamps/{}", checkpoint.size);
    auto const grown = growth(store, stamped, head);
    return {
        {"size", checkpoint.size},
        {"root", checkpoint.root.hex()},
        {"time", stamped.time.text()},
        {"acts", acts},
        {"words", fmt::format("The authority says that it saw this head on {}: the first {} entries of the "
                              "journal existed then, {} among them that no earlier timestamp covers.",
                              stamped.time.text(), checkpoint.size, plural(acts) + " cited here")},
        {"note", stamped.note},
        {"file", file},
        {"token", base::to_base64(stamped.token)},
        {"token_file", file + ".tsr"},
        {"growth", grown},
        {"growth_file", grown.is_null() ? Json() : Json(file + ".growth")}};
}

Json unstamped_record(std::uint64_t acts) {
    if (acts == 0) return nullptr;
    return {{"acts", acts},
            {"words", fmt::format("No timestamp covers {} cited here: that they existed at a time is said by "
                                  "those who signed them and by this journal alone.",
                                  plural(acts))},
            {"next", "consortium audit checkpoint --timestamp"}};
}

}  // namespace

Json cited_stamps(port::Store const& store, Json const& acts, port::Head const& head) {
    auto const stamps = stamps_below(store, head);  // by size
    std::map<std::size_t, std::uint64_t> covered;
    std::uint64_t unstamped = 0;
    for (auto const& act : acts) {
        auto const index = act.at("index").get<std::uint64_t>();
        auto const first =
            std::ranges::find_if(stamps, [&](StampedHead const& one) { return one.checkpoint.size > index; });
        if (first == stamps.end())
            ++unstamped;
        else
            ++covered[static_cast<std::size_t>(first - stamps.begin())];
    }
    Json out = Json::array();
    for (auto const& [place, count] : covered) out.push_back(record_of(store, stamps[place], count, head));
    return {{"timestamps", std::move(out)}, {"unstamped", unstamped_record(unstamped)}};
}

void write_stamps(base::Path const& folder, Json const& stamps) {
    for (auto const& each : stamps) {
        auto const put = [&](char const* file, std::string_view content) {
            base::write_file(folder / each.at(file).get<std::string>(), content);
        };
        base::make_folder(folder / "timestamps");
        put("file", each.at("note").get_ref<std::string const&>());
        put("token_file", base::as_text(base::from_base64(each.at("token").get<std::string>())));
        if (!each.at("growth").is_null()) put("growth_file", each.at("growth").get_ref<std::string const&>());
    }
}

}  // namespace consortium::flow
