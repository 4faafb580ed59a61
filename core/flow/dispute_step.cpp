#include "core/flow/dispute_step.h"

#include "core/base/text.h"

#include <algorithm>
#include <fmt/format.h>

namespace consortium::flow {

using agreement::DisputeView;
using agreement::Phase;
using agreement::StageView;

namespace {

std::optional<DisputeStep> own_step(DisputeView const& view, Identity const& self) {
    auto const& part = view.last();
    auto const name = dispute_name(view.first.stage.id);
    auto const waits_for_one = [&](std::string const& who) {
        return std::find(part.missing.begin(), part.missing.end(), who) != part.missing.end();
    };
    bool const party = part.stage.party(self.member) >= 0;
    bool const mine = waits_for_one(self.member);
    switch (part.phase) {
        case Phase::answer:
            if (mine) return DisputeStep{"consortium dispute submit " + name + " --text …", true, "plea"};
            break;
        case Phase::reveal:
            if (mine) return DisputeStep{"consortium dispute submit " + name, true, "reveal"};
            break;
        case Phase::strike:
            if (mine)
                return DisputeStep{"consortium dispute submit " + name + " --strike OFFICER", true, "strike"};
            break;
        case Phase::assign:
            return DisputeStep{"consortium dispute assign " + name, party, "assign"};
        case Phase::rule:
            if (waits_for_one(self.officer))
                return DisputeStep{"consortium dispute rule " + name + " --finding …", true, "ruling"};
            break;
        case Phase::ruled:
            return DisputeStep{"consortium dispute close " + name, party, "close"};
    }
    return std::nullopt;
}

}  // namespace

std::string waits_for(StageView const& part) {
    switch (part.phase) {
        case Phase::answer:
            return "answer";
        case Phase::reveal:
            return "reveal";
        case Phase::strike:
            return "strike";
        case Phase::assign:
            return "panel";
        case Phase::rule:
            return "ruling";
        case Phase::ruled:
            break;
    }
    return "close";
}

std::string waiting_words(StageView const& part) {
    auto const who = base::join(part.missing, " and ");
    switch (part.phase) {
        case Phase::answer:
            return who + " has the right of reply, and has not answered";
        case Phase::reveal:
            return "for the salt of " + who + ", from which the panel is drawn";
        case Phase::strike:
            return fmt::format("for {}, who may refuse {} of those drawn", who, part.drawn->list.strikes);
        case Phase::assign:
            return "for anybody to state the panel";
        case Phase::rule:
            return "for the ruling of " + who;
        case Phase::ruled:
            break;
    }
    return "for nobody: the ruling is in force";
}

std::optional<DisputeStep> dispute_step(DisputeView const& view, Identity const& self, base::Instant now) {
    if (auto step = own_step(view, self)) return step;
    auto const& part = view.last();
    // A time that has passed is said by those who are no party.
    if (!part.deadline || *part.deadline > now || part.stage.party(self.member) >= 0) return std::nullopt;
    auto const* verb = part.phase == Phase::rule ? "close " : "assign ";
    return DisputeStep{std::string("consortium dispute ") + verb + dispute_name(view.first.stage.id), true,
                       "overdue"};
}

std::vector<DisputeView> open_disputes(port::Store const& store) {
    std::vector<base::Digest> ids;
    store.objects({.kind = "dispute", .state = "open"},
                  [&](model::Object const& object) { ids.push_back(base::Digest::from_hex(object.name)); });
    std::vector<DisputeView> out;
    for (auto const& id : ids) {
        auto view = agreement::load_dispute(store, id);
        if (!view.close) out.push_back(std::move(view));
    }
    return out;
}

std::vector<model::Object> ended_disputes(port::Store const& store) {
    std::vector<model::Object> out;
    store.objects({.kind = "dispute", .state = "open"}, [&](model::Object object) {
        auto const view = agreement::load_dispute(store, base::Digest::from_hex(object.name));
        if (!view.close) return;
        object.state = view.status();
        out.push_back(std::move(object));
    });
    return out;
}

}  // namespace consortium::flow
