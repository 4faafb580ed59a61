#include "core/flow/timestamp.h"

#include "core/base/text.h"
#include "core/flow/audit.h"
#include "core/flow/evidence.h"
#include "core/flow/workspace.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Bytes;
using base::Code;
using base::Error;
using base::Json;
using base::JsonValue;

namespace {

std::string const kind = "timestamp";
constexpr std::size_t nonce_size = 16;
/// Clocks of others may be ahead by so much.
constexpr std::int64_t ahead = 300;

void check_time(port::TimestampFacts const& facts, base::Instant now) {
    if (facts.time.seconds <= now.seconds + ahead) return;
    throw Error(Code::verification_failed,
                fmt::format("the timestamp is of the future: it names {}, and now is {}", facts.time.text(),
                            now.text()),
                "compare the clock of this machine with another");
}

/// What the authority answers: HTTP with any other status than 200, or another type, is no answer.
Bytes ask(StampingAuthority const& authority, Bytes const& request) {
    port::HttpRequest query;
    query.method = "POST";
    query.url = authority.url;
    query.headers = {{"Content-Type", "application/timestamp-query"},
                     {"Accept", "application/timestamp-reply"}};
    query.body = std::string(base::as_text(request));
    query.max_answer = port::Timestamps::max_token + 4096;
    auto const answer = authority.transport.send(query);
    if (answer.status != 200)
        throw Error(Code::unavailable,
                    fmt::format("the time-stamping authority answers with HTTP status {}", answer.status),
                    "check the setting 'tsa'", {{"url", base::printable(authority.url)}});
    return base::to_bytes(answer.body);
}

/// Nonsense is the remote's failure, and nothing that the user wrote.
Bytes token_from(StampingAuthority const& authority, Stamping const& stamping,
                 port::TimestampQuery const& query) {
    auto const answer = ask(authority, stamping.timestamps.request(query));
    try {
        return stamping.timestamps.token_in(answer);
    } catch (Error const& error) {
        if (error.code() != Code::malformed) throw;
        throw Error(Code::unavailable, "the time-stamping authority answers nonsense: " + error.message(),
                    "check the setting 'tsa'", {{"url", base::printable(authority.url)}});
    }
}

/// What the journal recorded of each, by size.
std::vector<model::Object> records_of(port::Store const& store) {
    std::vector<model::Object> out;
    port::ObjectQuery query;
    query.kind = kind;
    store.objects(query, [&](model::Object const& object) { out.push_back(object); });
    std::ranges::stable_sort(
        out, {}, [](model::Object const& one) { return one.data->at("size").get<std::uint64_t>(); });
    return out;
}

StampedHead read_stamped(model::Object const& object) {
    StampedHead stamped;
    stamped.note = object.data->at("note").get<std::string>();
    stamped.checkpoint = journal::Checkpoint::parse(journal::Note::parse(stamped.note).body);
    stamped.token = base::from_base64(object.data->at("token").get<std::string>());
    stamped.time = base::Instant::from_text(object.data->at("time").get<std::string>());
    return stamped;
}

model::Event event_of(StampedHead const& stamped, TimestampLook const& look, std::string const& url,
                      base::Instant now) {
    model::Object object;
    object.kind = kind;
    object.name = "t-" + base::sha256(base::as_text(stamped.token)).hex().substr(0, 16);
    object.state = "held";
    object.data = JsonValue(Json{{"size", stamped.checkpoint.size},
                                 {"note", stamped.note},
                                 {"token", base::to_base64(stamped.token)},
                                 {"time", look.facts.time.text()},
                                 {"url", url}});
    model::Event event;
    event.kind = kind;
    event.time = now;
    event.body = object.data;
    event.writes.push_back(std::move(object));
    return event;
}

void require_settings(Stamping const& stamping, StampingAuthority const& authority) {
    if (authority.url.empty())
        throw Error(Code::configuration, "no time-stamping authority is set",
                    "set 'tsa' to its URL in consortium.toml, and 'tsa-ca' to its root certificate");
    if (stamping.authorities.empty())
        throw Error(Code::configuration, "no root is trusted for timestamps, so none can be judged",
                    "give --tsa-ca FILE, or set 'tsa-ca'");
}

}  // namespace

ObtainedTimestamp obtain_timestamp(Stamping const& stamping, StampingAuthority const& authority,
                                   port::Entropy& entropy, base::Digest const& imprint) {
    require_settings(stamping, authority);
    port::TimestampQuery query;
    query.imprint = imprint;
    query.nonce = entropy.bytes(nonce_size);
    query.nonce.front() = static_cast<std::uint8_t>((query.nonce.front() & 0x7fU) | 0x40U);  // positive
    query.policy = authority.policy;
    ObtainedTimestamp out;
    out.token = token_from(authority, stamping, query);
    out.look.facts = stamping.timestamps.verify(out.token, query, stamping.authorities);
    out.look.trusted = true;
    check_time(out.look.facts, stamping.now());
    return out;
}

model::Outcome audit_timestamp(Services& services, Stamping const& stamping,
                               StampingAuthority const& authority, base::Path const& folder) {
    auto const key = own_log_key(services);
    StampedHead stamped;
    stamped.note = services.store.head().checkpoint;
    stamped.checkpoint = journal::open_checkpoint(stamped.note, {key}, services.verifier).checkpoint;
    auto obtained = obtain_timestamp(stamping, authority, services.entropy, base::sha256(stamped.note));
    stamped.token = std::move(obtained.token);
    auto const& look = obtained.look;

    auto const size = stamped.checkpoint.size;
    auto const event = event_of(stamped, look, authority.url, services.clock.now());
    base::make_folder(folder);
    auto const file = folder / fmt::format("{}.{}.tsr", size, event.writes.front().name);
    base::write_file(file, stamped.token);
    services.store.write([&](port::Transaction& transaction) { transaction.append_event(event); });

    model::Outcome outcome;
    outcome.schema = "consortium.checkpoint/1";
    outcome.data = JsonValue(Json{{"origin", key.name},
                                  {"size", size},
                                  {"root", stamped.checkpoint.root.hex()},
                                  {"checkpoint", stamped.note},
                                  {"vkey", key.vkey()},
                                  {"timestamp", look.json(size)},
                                  {"file", file.string()}});
    outcome.text.emplace_back(stamped.note);
    outcome.next = {"consortium audit verify FILE --timestamp " + file.string() + " --key " + key.vkey()};
    return outcome;
}

std::vector<StampedHead> stamped_heads(port::Store const& store) {
    std::vector<StampedHead> out;
    for (auto const& object : records_of(store)) out.push_back(read_stamped(object));
    return out;
}

std::vector<StampedHead> stamps_over(port::Store const& store, std::uint64_t size, std::uint64_t head) {
    auto all = stamped_heads(store);
    auto const origin = own_origin(store);
    std::erase_if(all, [&](StampedHead const& one) {
        auto const& checkpoint = one.checkpoint;
        return checkpoint.size < size || checkpoint.size > head || checkpoint.origin != origin;
    });
    if (all.size() > 2) all.erase(all.begin() + 1, all.end() - 1);
    return all;
}

std::string TimestampLook::words() const {
    return fmt::format(
        "{}, says '{}'", facts.time.text(),
        facts.signer.empty() ? "somebody without a certificate" : base::printable(facts.signer));
}

Json TimestampLook::json(std::uint64_t size) const {
    return {{"size", size},
            {"time", facts.time.text()},
            {"signer", base::printable(facts.signer)},
            {"policy", facts.policy},
            {"serial", facts.serial},
            {"checked", trusted},
            {"reason", reason.empty() ? Json() : Json(base::printable(reason))}};
}

TimestampLook look_at(Stamping const& stamping, base::BytesView token, std::string_view note) {
    TimestampLook look;
    look.facts = stamping.timestamps.read(token);
    if (look.facts.imprint != base::sha256(note))
        throw Error(Code::verification_failed, "the timestamp is of something else than this head");
    check_time(look.facts, stamping.now());
    if (stamping.authorities.empty()) return look;
    port::TimestampQuery query;
    query.imprint = look.facts.imprint;
    try {
        static_cast<void>(stamping.timestamps.verify(token, query, stamping.authorities));
        look.trusted = true;
    } catch (Error const& error) {
        if (error.code() != Code::verification_failed || stamping.roots == Roots::named) throw;
        look.reason = error.message();
    }
    return look;
}

Json check_timestamps(Services const& services, Stamping const& stamping, Found& found) {
    Json records = Json::array();
    auto const head = services.store.head();
    auto const read = subtrees(services.store);
    for (auto const& object : records_of(services.store)) {
        found.probe("timestamp " + object.name, [&] {
            auto const stamped = read_stamped(object);
            auto const& checkpoint = stamped.checkpoint;
            if (checkpoint.size > head.size || journal::tree_root(checkpoint.size, read) != checkpoint.root)
                throw Error(Code::verification_failed, "its head is none of this journal");
            records.push_back(look_at(stamping, stamped.token, stamped.note).json(checkpoint.size));
        });
    }
    return records;
}

}  // namespace consortium::flow
