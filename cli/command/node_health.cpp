#include "cli/command/node_health.h"

#include "cli/live.h"
#include "core/flow/node_health.h"

#include <nlohmann/json.hpp>

namespace consortium::cli {

namespace {

using base::Code;
using base::Error;

void refuse_without_watch(base::Json const& arguments) {
    for (char const* flag : {"rounds", "until"}) {
        if (arguments.contains(flag))
            throw Error(Code::usage, std::string("--") + flag + " is for --watch",
                        "add --watch, or run 'consortium help node health'");
    }
}

flow::HealthWatch watch_of(base::Json const& arguments) {
    flow::HealthWatch watch;
    auto const until = arguments.value("until", std::string());
    if (!until.empty()) watch.until = until == "well" ? flow::HealthEnd::well : flow::HealthEnd::wrong;
    watch.every = base::Duration::from_text(arguments.value("every", std::string("PT10S")));
    if (arguments.contains("rounds")) watch.rounds = arguments["rounds"].get<std::int64_t>();
    if (watch.every < base::Duration{1} && !watch.rounds)
        throw Error(Code::usage, "without a pause between two looks this would never rest",
                    "give --every 1S or more, or --rounds");
    return watch;
}

}  // namespace

model::Outcome node_health(Session& session, model::Request const& request) {
    auto const& arguments = *request.arguments;
    if (!arguments.value("watch", false)) {
        refuse_without_watch(arguments);
        return flow::node_health(session.state(), session.services(), request);
    }
    LiveView view(session);
    auto const look = [&] { return flow::ask_health(session.state(), session.services(), request); };
    auto const show = [&](model::Outcome const& outcome, std::vector<std::string> const& news) {
        view.show(outcome, news);
    };
    return view.end(flow::watch_health(watch_of(arguments), {look, show, LiveView::pause}));
}

model::Outcome node_metrics(Session& session, model::Request const& request) {
    return flow::node_metrics(session.state(), session.services(), request);
}

}  // namespace consortium::cli
