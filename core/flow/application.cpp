#include "core/flow/application.h"

#include "core/agreement/reference.h"
#include "core/base/error.h"
#include "core/flow/exchange_read.h"
#include "core/flow/exchange_witness.h"
#include "core/flow/genesis.h"
#include "core/flow/recover.h"
#include "core/flow/workspace.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <set>

namespace consortium::flow {

namespace {

/// More than anybody needs to apply; a stranger's folder is not read further.
constexpr std::size_t max_applications = 16;
constexpr std::size_t max_recovering = 1'024;
/// More than officers sign between two syncs of their seat; the rest is taken at the next.
constexpr std::size_t max_handed_over = 1'000;

bool is_member(Services const& services, std::string const& id) {
    auto const epoch = known_epoch(services.store);
    return epoch && epoch->member(id) != nullptr;
}

/// The act of an envelope if it is that member's; whatever else there is, is left alone.
std::optional<model::Act> act_by(std::string const& envelope, std::string const& member) {
    try {
        auto act = model::act_from_text(model::envelope_from_text(envelope).payload);
        return act.member == member ? std::optional(std::move(act)) : std::nullopt;
    } catch (base::Error const&) {
        return std::nullopt;
    }
}

bool is_held(Services const& services, std::string const& name) {
    try {
        return services.store.has_act(base::Digest::from_hex(name));
    } catch (base::Error const&) {
        return true;  // not named by an id: left alone
    }
}

/// Up to `most` acts of the member under <member>/acts/ that are not held yet; of one kind, if it is given.
std::vector<std::string> read_singles(Services const& services, port::Exchange const& exchange,
                                      std::string const& member, std::string_view kind, std::size_t most) {
    std::vector<std::string> acts;
    auto const folder = member + "/acts";
    auto reads = 4 * most;  // whatever else lies there
    for (auto const& name : list_if_reached(exchange, folder)) {
        if (acts.size() == most || reads == 0) break;
        if (is_held(services, name)) continue;
        --reads;
        auto envelope = read_if_sound(exchange, fmt::format("{}/{}", folder, name), model::max_entry);
        auto const act = envelope ? act_by(*envelope, member) : std::nullopt;
        if (act && (kind.empty() || act->kind == kind)) acts.push_back(*std::move(envelope));
    }
    return acts;
}

/// What lies under <member>/acts/ and is not held; none where that is nothing.
std::optional<Intake> take_singles(Services& services, port::Exchange& exchange, std::string const& member) {
    auto const acts = read_singles(services, exchange, member, {}, max_handed_over);
    if (acts.empty()) return std::nullopt;
    return take_in(services, acts,
                   FileFetcher(services, exchange, member).fetch(files_wanted(services, acts)));
}

/// Says to the others that nobody publishes this member's tree before an epoch names the key of its new
/// origin.
void tell_recovery(Services const& services, Identity const& self, port::Exchange& exchange) {
    State const state{services.store, services.store.latest(), services.clock.now(), self};
    if (!begun_origin(state)) return;
    auto const text = own_origin(services.store) + "\n";
    auto const file = recovering_file(self.member);
    if (read_if_sound(exchange, file, max_recovering) != text) exchange.write(file, text);
}

}  // namespace

std::vector<std::string> invited(Services const& services) {
    port::ObjectQuery query;
    query.kind = "invitation";
    query.state = "open";
    std::set<std::string> members;
    services.store.objects(query, [&](model::Object const& object) {
        auto id = object.data->at("body").at("member").get<std::string>();
        if (!is_member(services, id)) members.insert(std::move(id));
    });
    return {members.begin(), members.end()};
}

Intake take_applications(Services& services, port::Exchange& exchange, std::string const& member) {
    auto const acts = read_singles(services, exchange, member, "submit", max_applications);
    return acts.empty() ? Intake{} : take_in(services, acts);
}

std::optional<Intake> take_handed_over(Services& services, Identity const& self, port::Exchange& exchange) {
    if (!own_log_key(services, self)) return std::nullopt;
    return take_singles(services, exchange, self.member);
}

std::optional<Intake> take_direct(Services& services, port::Exchange& exchange, std::string const& member) {
    // Read, not only looked for: an object store that others may not list says of what is absent that they
    // may not see it, and there are servers that answer no other question than GET.
    if (!read_if_sound(exchange, recovering_file(member), max_recovering)) return std::nullopt;
    return take_singles(services, exchange, member);
}

std::string recovering_file(std::string const& member) {
    return member + "/recovering";
}

std::size_t hand_over(Services& services, Identity const& self, port::Exchange& exchange) {
    auto const put = [&](std::string const& path, std::string_view content) {
        // Compared, not only looked for: a power cut may have left a part.
        if (read_if_sound(exchange, path, content.size()) != content) exchange.write(path, content);
    };
    std::size_t count = 0;
    std::string const kind = is_member(services, self.member) ? "" : "submit";
    for (auto const& held : services.store.acts({.kind = kind, .member = self.member})) {
        if (!services.keys.has(held.act.key)) continue;
        for (auto const& file : agreement::named_by(services.store, held.act).files) {
            if (auto const content = services.store.file(file))
                put(self.member + "/files/" + file.hex(), *content);
        }
        put(self.member + "/acts/" + held.id.hex(), held.envelope);
        ++count;
    }
    tell_recovery(services, self, exchange);
    exchange.settle();
    return count;
}

}  // namespace consortium::flow
