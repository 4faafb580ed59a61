// Approvals as files that other programs judge: DSSE envelopes, and what ssh-keygen and openssl take.

#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/text.h"
#include "core/flow/act_files.h"
#include "core/flow/approval_parts.h"
#include "core/model/public_key.h"

#include <fmt/format.h>
#include <map>
#include <nlohmann/json.hpp>

namespace consortium::flow {

namespace {

using base::Code;
using base::Error;
using base::Json;

constexpr std::string_view words = R"(Approvals of the digest {digest}
by the rule '{rule}'{about}, as files. Nothing here needs the program that wrote it.

NAME.dsse.json is an approval in its envelope (DSSE 1.0). Its payload says in 'body' which digest it approves: compare
that, and 'genesis', the consortium's id, before you look at a signature. 'key' names the file of the key in keys/.

NAME.pae has the bytes that were signed, as DSSE makes them of the payload and its type. An officer with a key of SSH
has signed with 'ssh-keygen -Y sign' or an agent:

    ssh-keygen -Y verify -f allowed_signers -I OFFICER -n consortium -s NAME.pae.sig < NAME.pae

Any other key has signed as DSSE says, so that every DSSE verifier takes NAME.dsse.json, and OpenSSL (3.0 or later) the
signature by itself, in NAME.raw; an Ed25519 key, then a P-256 key (for P-384 say -sha384):

    openssl pkeyutl -verify -pubin -inkey keys/KEY.pem -rawin -in NAME.pae -sigfile NAME.raw
    openssl dgst -sha256 -verify keys/KEY.pem -signature NAME.raw NAME.pae

Whether the key is that officer's, and whether these are enough, is for the consortium's epochs and charter to say:
'consortium approval verify'.
)";

std::string readme(ApprovalSubject const& wanted, std::string const& rule) {
    return fmt::format(
        words, fmt::arg("digest", wanted.subject.digest.hex()), fmt::arg("rule", rule),
        fmt::arg("about", wanted.about.empty() ? "" : " (" + base::printable(wanted.about) + ")"));
}

/// All of them at once: no folder is there that is half of what it says.
class Files {
public:
    void add(std::string const& name, std::string content) {
        m_files.insert_or_assign(name, std::move(content));
    }
    /// Of each approval: which names tell it apart.
    Json add(HeldApproval const& held, model::Epoch const& epoch) {
        auto const envelope = model::envelope_from_text(held.act.envelope);
        auto const& act = held.act.act;
        auto const name = act.officer + "-" + held.act.id.brief();
        bool const ssh = envelope.scheme == "sshsig";
        add(name + ".dsse.json", held.act.envelope + "\n");
        add(name + ".pae", model::pre_authentication(envelope));
        add(name + (ssh ? ".pae.sig" : ".raw"),
            ssh ? armoured(envelope.signature) : std::string(base::as_text(envelope.signature)));
        if (auto const* key = epoch.key(act.key)) add_key(act.officer, *key);
        return {{"name", name},
                {"id", held.act.id.hex()},
                {"officer", act.officer},
                {"member", act.member},
                {"scheme", envelope.scheme},
                {"key", act.key.hex()},
                {"expires", act.expires.text()}};
    }
    void write(base::Path const& folder) const {
        auto target = std::filesystem::absolute(folder).lexically_normal();
        if (!target.has_filename()) target = target.parent_path();
        base::make_folder(target.parent_path());
        base::TemporaryFolder const staged(target.parent_path());
        auto const whole = staged.path() / "whole";
        base::make_folder(whole);
        if (!m_allowed.empty()) base::write_file(whole / "allowed_signers", allowed());
        for (auto const& [name, content] : m_files) {
            base::make_folder((whole / name).parent_path());
            base::write_file(whole / name, content);
        }
        std::error_code failed;
        std::filesystem::rename(whole, target, failed);
        if (failed)
            throw Error(Code::storage,
                        "cannot make the folder '" + folder.string() + "': " + failed.message());
    }

private:
    void add_key(std::string const& officer, model::Key const& key) {
        if (key.algorithm == "ssh") {
            add("keys/" + key.id.hex() + ".pub", ssh_line(key.spki) + "\n");
            m_allowed[key.id] = allowed_signer(officer, key.spki);
        } else {
            add("keys/" + key.id.hex() + ".pem", model::public_pem(key.spki));
        }
    }
    std::string allowed() const {
        std::string out;
        for (auto const& one : m_allowed) out += one.second;
        return out;
    }

    std::map<std::string, std::string> m_files;
    std::map<base::Digest, std::string> m_allowed;
};

void require_room(base::Path const& folder) {
    if (!base::exists(folder)) return;
    std::error_code failed;
    bool const empty =
        std::filesystem::is_directory(folder, failed) && std::filesystem::is_empty(folder, failed) && !failed;
    if (empty) return;
    throw Error(Code::conflict, "'" + folder.string() + "' is there already", "name a new folder");
}

}  // namespace

model::Outcome approval_export(State const& state, model::Request const& request) {
    auto const rule = approval_rule_of(state, request);
    auto const wanted = approval_wanted(state, request);
    base::Path const folder = request.arguments->at("to").get<std::string>();
    require_room(folder);
    Files files;
    Json items = Json::array();
    model::Table table{{"file", "officer", "member", "signed by"}, {}, ""};
    for (auto const& held : relevant_approvals(state, rule, wanted)) {
        if (held.approval.digest != wanted.subject.digest) continue;
        auto const item = files.add(held, state.joined());
        table.rows.push_back({item.at("name").get<std::string>() + ".dsse.json", held.act.act.officer,
                              held.act.act.member,
                              item.at("scheme") == "sshsig" ? "an SSH key" : "a raw key"});
        items.push_back(item);
    }
    if (items.empty())
        throw Error(Code::not_found,
                    "nobody has approved " + wanted.subject.digest.hex() + " by this rule yet",
                    "see 'consortium approval list'");
    files.add("README.txt", readme(wanted, rule));
    files.write(folder);
    model::Outcome outcome;
    outcome.schema = "consortium.approval.export/1";
    outcome.data = base::JsonValue(Json{{"folder", folder.string()},
                                        {"digest", wanted.subject.digest.hex()},
                                        {"rule", rule},
                                        {"items", std::move(items)}});
    outcome.text = {table};
    outcome.next = {"consortium exchange import " + folder.string()};
    return outcome;
}

}  // namespace consortium::flow
