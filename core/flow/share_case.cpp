#include "core/flow/share_case.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/root_compose.h"
#include "core/flow/sign.h"
#include "core/policy/permission.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Code;
using base::Error;
using base::Path;
using model::ShareAct;

namespace {

constexpr std::size_t name_digits = 6, max_word = 4096;

std::string named(char letter, base::Digest const& act) {
    return fmt::format("{}-{}", letter, act.hex().substr(0, name_digits));
}

/// Whether "s-3fa9c1", with six digits or more, names this act.
bool names(std::string_view text, char letter, base::Digest const& act) {
    if (text.size() < 2 + name_digits || text[0] != letter || text[1] != '-') return false;
    return act.hex().starts_with(text.substr(2));
}

bool is_proven(ShareAct const& body, model::StoredAct const& act, model::ShareDeal const& deal,
               port::Verifier const& verifier) {
    auto const* custodian = deal.custodian(body.index);
    auto const text = model::share_proof_text(body, act.act.officer, act.act.epoch.hash);
    return custodian != nullptr && verifier.verify("raw", custodian->proof, base::as_bytes(text), body.proof);
}

ShareCase begin(model::StoredAct const& act, ShareAct const& body, port::Store const& store) {
    auto const text = store.file(body.deal);
    if (!text)
        throw Error(Code::storage, "the manifest of a deal is missing from the store",
                    "run 'consortium exchange sync'", {{"file", body.deal.hex()}});
    ShareCase out;
    out.act = act.id;
    out.file = body.deal;
    out.deal = model::share_deal_from_text(*text);
    out.officer = act.act.officer;
    out.member = act.act.member;
    out.dealt = act.act.time;
    return out;
}

ShareSession* session_of(ShareCase& one, model::StoredAct const& act) {
    for (auto& session : one.sessions)
        if (act.act.refs.size() > 1 && session.act == act.act.refs[1]) return &session;
    return nullptr;
}

void open_session(ShareCase& to, ShareAct const& body, model::StoredAct const& act) {
    ShareSession session;
    session.act = act.id;
    session.purpose = body.purpose;
    session.officer = act.act.officer;
    session.member = act.act.member;
    session.to = body.to;
    session.opened = act.act.time;
    session.closes = body.closes;
    to.sessions.push_back(std::move(session));
}

void add(ShareCase& to, ShareAct const& body, model::StoredAct const& act, port::Verifier const& verifier) {
    ShareReceipt const receipt{act.act.time, body.proof.empty() || is_proven(body, act, to.deal, verifier)};
    // A receipt that proves nothing never takes the place of one that does.
    auto const note = [&](auto& receipts) {
        auto& last = receipts[body.index];
        if (receipt.proven || !last.proven) last = receipt;
    };
    if (body.about == "accepted") note(to.accepted);
    if (body.about == "drilled") note(to.drilled);
    if (body.about == "destroyed") to.destroyed[body.index] = act.act.time;
    if (body.about == "opened") open_session(to, body, act);
    auto* session = session_of(to, act);
    if (session == nullptr) return;
    if (body.about == "submitted") session->submitted[body.index] = body.file;
    if (body.about != "recovered" && body.about != "rehearsed") return;
    session->ended = act.act.time;
    session->used = body.used;
}

/// What keepers of roots have said of the end of a key, each of its own member's.
void end_with_roots(port::Store const& store, std::vector<ShareCase>& cases) {
    if (cases.empty()) return;
    for (auto const& act : store.acts({.kind = "ceremony"})) {
        auto const notice = model::ceremony_notice_from_json(*act.act.body);
        auto const plan = notice.about == "destroyed" ? store.file(notice.plan) : std::nullopt;
        if (!plan) continue;
        auto const key = "ca-" + root_of(model::rotation_plan_from_text(*plan).from);
        for (auto& one : cases)
            if (one.deal.key == key && one.member == act.act.member) one.key_destroyed = act.act.time;
    }
}

[[noreturn]] void fail_unknown(std::string const& what, std::string const& named) {
    throw Error(Code::not_found, fmt::format("no {} '{}' is known here", what, base::printable(named)),
                "run 'consortium share list', or 'consortium exchange sync' for what others did");
}

/// The session of a deal that is open.
std::pair<ShareCase, ShareSession> one_open(ShareCase deal, base::Instant now) {
    std::vector<ShareSession> open;
    std::vector<std::string> choices;
    for (auto const& session : deal.sessions) {
        if (!session.is_open(now)) continue;
        open.push_back(session);
        choices.push_back(session.name());
    }
    if (open.empty())
        throw Error(Code::not_found, fmt::format("no session is open for the shares of '{}'", deal.deal.key),
                    "run 'consortium share open " + deal.deal.key + "' where the key is to be recovered");
    if (open.size() > 1)
        throw Error(Code::conflict, fmt::format("several sessions are open for '{}'", deal.deal.key),
                    "name one of them: " + base::join(choices, ", "));
    return {std::move(deal), std::move(open.front())};
}

}  // namespace

port::Verifier const& receipts_as_said() {
    class Believing : public port::Verifier {
    public:
        bool verify(std::string_view, base::BytesView, base::BytesView, base::BytesView) const override {
            return true;
        }
    };
    static Believing const believing;
    return believing;
}

std::string share_name(base::Digest const& act) {
    return named('s', act);
}

std::string ShareSession::name() const {
    return named('r', act);
}

std::string ShareCase::name() const {
    return share_name(act);
}

bool ShareCase::is_kept(std::int64_t index) const {
    auto const found = accepted.find(index);
    return found != accepted.end() && found->second.proven;
}

std::vector<ShareCase> share_cases(port::Store const& store, port::Verifier const& verifier) {
    std::vector<ShareCase> out;
    auto const find = [&](base::Digest const& id) {
        return std::find_if(out.begin(), out.end(), [&](ShareCase const& one) { return one.act == id; });
    };
    for (auto const& act : store.acts({.kind = "share"})) {
        auto const body = model::share_act_from_json(*act.act.body);
        auto const at = act.act.refs.empty() ? out.end() : find(act.act.refs.front());
        if (body.about == "dealt") {
            if (at != out.end()) at->next = act.id;
            out.push_back(begin(act, body, store));
        } else if (at != out.end()) {
            add(*at, body, act, verifier);
        }
    }
    end_with_roots(store, out);
    return out;
}

ShareCase share_case(State const& state, Services const& services, std::string const& named) {
    auto all = share_cases(state.store, services.verifier);
    std::vector<ShareCase*> found;
    for (auto& one : all) {
        bool const by_key = one.deal.key == named && !one.next;
        if (by_key || names(named, 's', one.act) || base::to_hex(one.deal.id) == named) found.push_back(&one);
    }
    if (found.empty()) fail_unknown("deal of shares", named);
    auto const own = std::find_if(found.rbegin(), found.rend(),
                                  [&](auto const* one) { return one->member == state.self.member; });
    if (own != found.rend()) return **own;
    if (found.size() > 1) {
        std::vector<std::string> choices;
        choices.reserve(found.size());
        for (auto const* one : found) choices.push_back(one->name() + " of " + one->member);
        throw Error(Code::conflict, fmt::format("several deals are called '{}'", base::printable(named)),
                    "name one of them: " + base::join(choices, ", "));
    }
    return *found.front();
}

std::pair<ShareCase, ShareSession> share_session(State const& state, Services const& services,
                                                 std::string const& named) {
    if (!named.starts_with("r-")) return one_open(share_case(state, services, named), state.now);
    for (auto const& one : share_cases(state.store, services.verifier))
        for (auto const& session : one.sessions)
            if (names(named, 'r', session.act)) return {one, session};
    fail_unknown("session", named);
}

std::optional<ShareCase> own_case(port::Store const& store, port::Verifier const& verifier,
                                  std::string const& member, base::Digest const& key) {
    std::optional<ShareCase> out;
    for (auto& one : share_cases(store, verifier))
        if (one.member == member && one.deal.key_id == key && !one.next) out = std::move(one);
    return out;
}

std::optional<ShareCase> case_of(port::Store const& store, port::Verifier const& verifier,
                                 base::Bytes const& deal) {
    for (auto& one : share_cases(store, verifier))
        if (one.deal.id == deal) return std::move(one);
    return std::nullopt;
}

Path dealt_folder(Path const& workspace, base::Bytes const& deal) {
    return workspace / "private" / "shares" / base::to_hex(deal);
}

Path kept_file(Path const& workspace, base::Bytes const& deal, std::int64_t index) {
    return workspace / "private" / "shares" / "kept" /
           fmt::format("{}-{}{}", base::to_hex(deal), index, share_ending);
}

Path out_folder(Path const& workspace) {
    return workspace / "out" / "shares";
}

Path staged_file(Path const& workspace, std::string const& session, std::string const& officer) {
    return workspace / "private" / "shares" / "submitted" /
           fmt::format("{}-{}{}", session, officer, share_ending);
}

Path handed_over_file(Path const& workspace, std::string const& session, std::string const& officer) {
    return out_folder(workspace) / staged_file(workspace, session, officer).filename();
}

void make_private(Path const& workspace, Path const& folder) {
    for (auto const& each : {workspace / "private", workspace / "private" / "shares", folder})
        base::make_folder(each, base::FileMode::owner);
}

port::Custody& custody(Services& services) {
    if (services.custody == nullptr) throw Error(Code::unsupported, "shares cannot be handled here");
    return *services.custody;
}

model::Plan share_plan(State const& state, model::Request const& request) {
    model::Plan plan;
    plan.request = request;
    plan.epoch = model::reference(state.joined());
    return plan;
}

void require_signer(State const& state, model::Plan& plan) {
    auto const may = policy::may_sign(state.joined(), state.self.officer, "share", state.now);
    for (auto const& rule : may.rules)
        if (!rule.holds) plan.verdict.require(rule.name, false, rule.words);
}

void require_living(ShareCase const& deal, model::Plan& plan) {
    if (!deal.key_destroyed) return;
    plan.verdict.require(
        "key", false,
        fmt::format("'{}' was destroyed with its root on {}: its shares are to be destroyed, "
                    "and bring nothing back",
                    deal.deal.key, deal.key_destroyed->text()));
    plan.verdict.next = "consortium share destroy " + deal.name();
}

void require_in_force(State const& state, Services const& services, ShareCase const& deal,
                      model::Plan& plan) {
    require_living(deal, plan);
    if (!deal.next) return;
    auto const now = own_case(state.store, services.verifier, deal.member, deal.deal.key_id);
    plan.verdict.require(
        "deal", false,
        fmt::format("{} is an earlier deal, whose shares open nothing; the present one is {}", deal.name(),
                    now ? now->name() : "none"));
}

std::int64_t own_index(State const& state, ShareCase const& deal) {
    auto const index = deal.deal.index_of(state.self.officer);
    if (index == 0)
        throw Error(Code::not_authorized,
                    fmt::format("'{}' keeps no share of {}", state.self.officer, deal.name()),
                    "name another officer with --as, or run 'consortium share list'");
    return index;
}

model::Draft share_draft(ShareAct const& act, std::vector<base::Digest> refs) {
    return {"share", std::move(refs), base::JsonValue(model::to_json(act)), false};
}

base::JsonValue sign_share(ShareAct const& act, std::vector<base::Digest> refs, Services& services,
                           Identity const& self, base::Json result) {
    auto const made = sign(share_draft(act, std::move(refs)), services, self);
    result["id"] = made.id.hex();
    result["kind"] = "share";
    result["envelope"] = made.envelope;
    return base::JsonValue(std::move(result));
}

base::JsonValue append_share(model::Step const&, base::JsonValue const& prepared, Services& services,
                             port::Transaction& transaction) {
    auto result = *prepared;
    if (result.contains("manifest")) transaction.put_file(result.at("manifest").get<std::string>());
    append_own(services, transaction, result.at("envelope").get<std::string>());
    result.erase("envelope");
    result.erase("manifest");
    return base::JsonValue(std::move(result));
}

base::Secret open_share(port::Custody& custody, model::ShareBox const& box, ShareCase const& deal,
                        std::string const& file, base::Secret const& word) {
    auto share = custody.open(box, word);
    if (!share)
        throw Error(
            Code::verification_failed,
            fmt::format("'{}', the share of '{}', does not open: it was changed{}", file, box.custodian,
                        box.to.sort == "passphrase" ? ", or the passphrase is wrong" : ""),
            "ask who made it to hand it out again", {{"file", file}, {"custodian", box.custodian}});
    auto const* custodian = deal.deal.custodian(box.index);
    if (custodian == nullptr ||
        model::share_commitment(deal.deal.id, box.index, share->view()) != custodian->commitment)
        throw Error(Code::verification_failed,
                    fmt::format("'{}', the share of '{}', is not the one that the deal {} commits to", file,
                                box.custodian, deal.name()),
                    "it would spoil the recovery; ask who made it",
                    {{"file", file}, {"custodian", box.custodian}});
    return *std::move(share);
}

base::Secret word_in(std::string const& file) {
    if (file.empty()) return {};
    base::Secret const content(base::read_file(file, max_word));
    auto const text = content.text();
    base::Secret word(base::to_bytes(text.substr(0, text.find_first_of("\r\n"))));
    if (word.empty()) throw Error(Code::not_authorized, "'" + file + "' holds no passphrase");
    return word;
}

}  // namespace consortium::flow
