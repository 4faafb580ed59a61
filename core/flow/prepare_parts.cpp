#include "core/flow/prepare_parts.h"

#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/text.h"
#include "core/flow/agreement.h"
#include "core/flow/officer.h"
#include "core/model/ssh_key.h"

#include <fmt/format.h>

namespace consortium::flow {

namespace {

constexpr base::Duration act_life{90 * 86'400};

}  // namespace

model::Officer const& officer_elsewhere(model::Epoch const& epoch, std::string_view id,
                                        std::string_view otherwise) {
    auto const& officer = find_officer(epoch, id);
    auto const* key = epoch.key(officer.key);
    if (key == nullptr || key->algorithm != "ssh")
        throw base::Error(base::Code::unsupported,
                          fmt::format("the key of '{}' is no SSH key, so ssh-keygen cannot use it", id),
                          fmt::format("run '{}' in the officer's own workspace", otherwise));
    return officer;
}

State seen_by(State const& state, model::Officer const& officer) {
    State out = state;
    out.self.member = officer.member;
    out.self.officer = officer.id;
    return out;
}

model::Act prepared_act(model::Draft const& draft, Services& services, State const& state,
                        model::Officer const& officer) {
    model::Act act;
    act.kind = draft.kind;
    act.genesis = ground(services).genesis;
    act.epoch = model::reference(state.joined());
    act.member = officer.member;
    act.officer = officer.id;
    act.key = officer.key;
    act.time = state.now;
    act.expires = state.now + act_life;
    act.nonce = base::to_hex(services.entropy.bytes(16));
    act.refs = draft.refs;
    act.body = draft.body;
    return act;
}

std::string how_to_sign(model::Act const& act, std::string_view bytes, std::string_view file) {
    return fmt::format(
        "  epoch    {epoch}\n"
        "  key      {key}, as 'ssh-keygen -lf KEY' shows it\n"
        "  SHA-256  {digest}, as 'sha256sum {file}' shows it\n"
        "What is signed can be read in {file} itself. Sign with\n"
        "  ssh-keygen -Y sign -n consortium -f KEY {file}\n"
        "and send {file}.sig back; 'consortium exchange import {file}.sig' takes it in where {file} lies "
        "beside it.\n",
        fmt::arg("epoch", act.epoch.number), fmt::arg("key", model::ssh_fingerprint(act.key)),
        fmt::arg("digest", base::sha256(bytes).hex()), fmt::arg("file", file));
}

void write_prepared(std::string const& file, std::string const& bytes, std::string const& summary,
                    std::optional<model::PrivatePart> const& part) {
    if (part)
        base::write_file(file + ".private", model::to_bytes(*part), base::FileMode::owner);
    else
        std::filesystem::remove(file + ".private");
    // The summary shows the words.
    base::write_file(file + ".txt", summary, part ? base::FileMode::owner : base::FileMode::shared);
    base::write_file(file, bytes);
}

}  // namespace consortium::flow
