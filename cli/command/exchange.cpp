#include "core/flow/exchange.h"

#include "cli/command/exchange_import.h"
#include "cli/place.h"
#include "cli/settings.h"
#include "cli/spec.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/bundle.h"
#include "core/flow/exchange_watch.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::cli {

namespace {

using base::Code;
using base::Error;
using base::Json;

void refuse_dry_run(Session& session, std::string_view verb) {
    if (session.common().dry_run || !session.common().save_plan.empty()) {
        throw Error(
            Code::usage,
            "'exchange " + std::string(verb) + "' has no plan: what it does follows from what it finds",
            "run 'consortium exchange verify FILE' to judge a bundle without taking it in");
    }
}

/// The report in words, with whose heads stand still.
model::Outcome told(Session& session, flow::SyncReport const& report) {
    auto outcome = flow::to_outcome(report);
    auto const alarm = base::Duration::from_text(session.settings().text("alarm"));
    for (auto const& one :
         flow::silent_peers(session.services().store, session.self(), session.now(), alarm)) {
        outcome.warnings.push_back(
            fmt::format("'{}' has published nothing since {}, though there was something to take note of",
                        one.member, one.renewed.text()));
    }
    return outcome;
}

model::Outcome publish(Session& session, model::Request const& request) {
    refuse_dry_run(session, "publish");
    flow::SyncReport report;
    report.published = flow::publish(session.services(), session.self(), *exchange_place(session, request));
    return flow::to_outcome(report);
}

model::Outcome pull(Session& session, model::Request const& request) {
    refuse_dry_run(session, "pull");
    return told(session, flow::pull(session.services(), session.self(), *exchange_place(session, request),
                                    exchanged_over(request)));
}

model::Outcome sync(Session& session, model::Request const& request) {
    refuse_dry_run(session, "sync");
    return told(session, flow::sync(session.services(), session.self(), *exchange_place(session, request),
                                    exchanged_over(request)));
}

model::Outcome write_bundle(Session& session, model::Request const& request) {
    auto const& arguments = *request.arguments;
    flow::BundleScope scope;
    scope.since = arguments.value("since", std::uint64_t{0});
    if (arguments.value("mine", false)) scope.member = session.self().member;
    auto const bundle = flow::make_bundle(session.services(), session.self(), scope);
    auto const text = model::to_text(bundle);
    auto const file = arguments.at("to").get<std::string>();
    base::write_file(file, text);
    auto const to = flow::recipients(session.services());
    model::Outcome outcome;
    outcome.schema = "consortium.bundle/1";
    outcome.data = base::JsonValue(Json{{"file", file},
                                        {"acts", bundle.acts.size()},
                                        {"files", bundle.files.size()},
                                        {"private", bundle.parts.size()},
                                        {"recipients", to.members},
                                        {"digest", base::sha256(text).hex()}});
    outcome.text.emplace_back(
        fmt::format("wrote {} acts and {} files to {}", bundle.acts.size(), bundle.files.size(), file));
    if (!bundle.parts.empty())
        outcome.text.emplace_back(fmt::format("with {} private parts, which only these can open: {}",
                                              bundle.parts.size(), base::join(to.members, ", ")));
    for (auto const& other : to.others)
        outcome.warnings.push_back(fmt::format(
            "'{}' is no member: nothing private is sent to it; 'peer.{}.recipient' is still in the settings",
            other, other));
    outcome.next = {"consortium exchange import " + file};
    return outcome;
}

model::Outcome import(Session& session, model::Request const& request) {
    refuse_dry_run(session, "import");
    base::Path const place = request.arguments->at("operand").get<std::string>();
    if (holds_acts(place)) return import_signed(session, place);
    return flow::import_bundle(session.services(), session.self(), place);
}

model::Outcome verify(Session& session, model::Request const& request) {
    return flow::verify_bundle(session.services(), request.arguments->at("operand").get<std::string>());
}

constexpr Flag with{"--with", Kind::text, "PLACE",
                    "one place for everything; default: the settings 'exchange', 'peer'"};
constexpr Flag place_flags[] = {with};
constexpr Flag export_flags[] = {
    {"--to", Kind::output, "FILE", "the bundle", Need::required},
    {"--since", Kind::integer, "INDEX", "only what the journal holds from this index on"},
    {"--mine", Kind::toggle, "", "only acts of one's own organization"},
};
constexpr Operand bundle{"FILE", Kind::input, "a bundle"};
constexpr Operand bundle_or_signature{
    "FILE", Kind::input, "a bundle, the .sig beside prepared bytes, a .dsse.json, or a folder of the latter"};

constexpr Example publish_examples[] = {
    {"consortium exchange publish", "let the others see what was signed here"}};
constexpr Example pull_examples[] = {
    {"consortium exchange pull", "take in what the others have said, sign nothing"}};
constexpr Example sync_examples[] = {
    {"consortium exchange sync", "pull, do the seat's part, publish: run it from a timer"},
    {"consortium exchange sync --with git+ssh://git@example.org/tree.git --format json",
     "over another place, for a monitor"}};
constexpr Example export_examples[] = {{"consortium exchange export --mine --to submission.bundle",
                                        "what one's own organization signed, for mail"}};
constexpr Example import_examples[] = {
    {"consortium exchange import submission.bundle", "take a bundle in"},
    {"consortium exchange import stick", "take in every approval that came back on a stick"},
};
constexpr Example verify_examples[] = {{"consortium exchange verify submission.bundle", "judge it first"}};

constexpr Code tree_codes[] = {Code::configuration, Code::not_found,           Code::not_authorized,
                               Code::refused,       Code::verification_failed, Code::conflict,
                               Code::unavailable,   Code::unsupported,         Code::storage};
constexpr Code bundle_codes[] = {Code::not_found, Code::malformed, Code::verification_failed, Code::refused,
                                 Code::not_authorized};

constexpr Command commands[] = {
    {"exchange",
     "publish",
     Effect::write,
     "write this journal's tree for the others",
     {},
     place_flags,
     "Writes entries, tiles, files and cosignatures below the folder named after the member, the signed "
     "checkpoint last; partial tiles go once the full one is there. Refuses when the folder, or a "
     "cosignature "
     "of a peer, shows a head of this journal that it does not contain: that is a restored backup, and "
     "publishing would fork it.\n\n"
     "A member has one tree, signed with its log key. A workspace that has another log key (of a second "
     "officer, or on another host) writes what was signed in it below MEMBER/acts, act by act; the member's "
     "seat takes it over at its next 'consortium exchange sync'. An applicant's applications lie there too.",
     publish_examples,
     tree_codes,
     publish,
     nullptr,
     Planned::no},
    {"exchange",
     "pull",
     Effect::write,
     "take in what the others have published",
     {},
     place_flags,
     "Checks each member's tree against its signed checkpoint and against what was seen of it before, "
     "validates each act, fetches the files that acts name, and cosigns the head. A tree that is smaller "
     "than "
     "it was, has forked, or does not fit its checkpoint is named and left out, the others are taken in; the "
     "exit status is then 7, or 9 if a tree could not be read. Of a fork both signed heads are kept in this "
     "journal, with a proof that they contradict one another: 'consortium audit log --kind fork.found'.\n\n"
     "A place that cannot be reached is named, with whose trees were not read there; the others are read. "
     "consortium-exchange(7) says what places there are.\n\n"
     "Where the folder shows a head of this journal that it does not contain, this workspace was restored "
     "from a backup: nothing is taken in, and nothing can be appended until the newer journal is put back.",
     pull_examples,
     tree_codes,
     pull,
     nullptr,
     Planned::no},
    {"exchange",
     "sync",
     Effect::write,
     "pull, do the seat's part, publish",
     {},
     place_flags,
     "The one command for a timer. Where this workspace holds the member's seat key it states, leads, "
     "prepares, commits and skips what its checks and timers allow, answers newcomers, and publishes. It "
     "asks "
     "nothing. What it waits for, for whom, until when and what it does then is its last line but one; "
     "exit status 5 says that a person must decide. Where nothing can be published, since the place can only "
     "be read, it says so. A place that cannot be used is its last line, and the exit status 9 where it was "
     "not "
     "reached, else what is wrong with it: consortium-exchange(7).\n\n"
     "consortium-agreement(7) describes a systemd service and timer for it, which are in scripts/examples.",
     sync_examples,
     tree_codes,
     sync,
     nullptr,
     Planned::no},
    {"exchange",
     "export",
     Effect::read,
     "write acts and their files as a bundle",
     {},
     export_flags,
     "One file of JSON lines for mail or a stick, with its own digest at the end. At most 64 MiB.",
     export_examples,
     bundle_codes,
     write_bundle},
    {"exchange",
     "import",
     Effect::write,
     "take a bundle in, or an act that was signed elsewhere",
     bundle_or_signature,
     {},
     "Judges each act as if it had been pulled. Acts that are held already change nothing; acts that refer "
     "to "
     "something that is missing wait for it; each refused act is named with its reason, and the exit status "
     "is that of "
     "the first.\n\n"
     "FILE.sig, as 'ssh-keygen -Y sign' writes it beside the bytes that 'vote prepare' or 'approval prepare' "
     "wrote to FILE, is taken in as one act, and so is an envelope, NAME.dsse.json, as 'approval export' "
     "writes it. Of a folder every file of these two kinds is taken in; what is spoiled is named, the others "
     "count.",
     import_examples,
     bundle_codes,
     import,
     nullptr,
     Planned::no},
    {"exchange",
     "verify",
     Effect::read,
     "judge a bundle without taking it in",
     bundle,
     {},
     "The same judgement as 'exchange import', storing nothing.",
     verify_examples,
     bundle_codes,
     verify},
};

}  // namespace

extern Noun const exchange_noun;
constexpr Noun exchange_noun{"EVIDENCE", "exchange", "what organizations tell each other, by files",
                             commands};

}  // namespace consortium::cli
