#include "cli/command/exchange_import.h"

#include "cli/session.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/crypto/sshsig.h"
#include "core/flow/act_import.h"
#include "core/flow/prepare.h"
#include "core/model/ssh_key.h"

#include <algorithm>
#include <fmt/format.h>

namespace consortium::cli {

namespace {

using base::Code;
using base::Error;

constexpr std::size_t most_files = 10'000;
constexpr std::string_view envelope_end = ".dsse.json";

std::string read_prepared(base::Path const& prepared, base::Path const& signature) {
    if (base::exists(prepared)) return base::read_text(prepared, model::max_entry);
    throw Error(
        Code::not_found,
        "'" + signature.string() + "' is a signature, but '" + prepared.string() + "' is not beside it",
        "put the file that 'vote prepare' wrote there, or that of 'approval prepare', unchanged");
}

/// What ssh-keygen was told otherwise than it should have been, in its own words.
void check_signer(crypto::SshSignatureFacts const& facts, base::Digest const& key, base::Path const& file) {
    if (facts.name_space != crypto::ssh_namespace)
        throw Error(Code::verification_failed,
                    fmt::format("'{}' was made in the namespace '{}', not '{}'", file.string(),
                                base::printable(facts.name_space), crypto::ssh_namespace),
                    "sign again, with 'ssh-keygen -Y sign -n consortium'");
    if (base::sha256(facts.key) == key) return;
    throw Error(
        Code::verification_failed, "'" + file.string() + "' was made with another key",
        "sign again, with the key that the consortium knows ('ssh-keygen -lf KEY' shows which)",
        {{"wanted", model::ssh_fingerprint(key)}, {"used", model::ssh_fingerprint(base::sha256(facts.key))}});
}

/// What FILE commits to, where 'vote prepare' wrote it and it came along; empty: not at hand.
std::string read_words(base::Path prepared) {
    constexpr std::size_t longest = 8192;
    prepared += ".private";
    return base::exists(prepared) ? base::read_text(prepared, longest) : std::string();
}

// FILE.sig, as ssh-keygen writes it, over the prepared bytes in FILE beside it.
flow::ActFile read_signature(base::Path const& file) {
    auto prepared = file;
    prepared.replace_extension();
    auto const bytes = read_prepared(prepared, file);
    auto const signature = crypto::ssh_signature(base::read_text(file, model::max_entry));
    auto envelope = flow::signed_elsewhere(bytes, signature);
    check_signer(crypto::describe_ssh_signature(signature),
                 base::Digest::from_hex(model::envelope_from_text(envelope).key_id), file);
    return {prepared, std::move(envelope), read_words(prepared)};
}

flow::ActFile read_envelope(base::Path const& file) {
    auto envelope = base::read_text(file, model::max_entry + 1);
    if (envelope.ends_with('\n')) envelope.pop_back();
    static_cast<void>(model::envelope_from_text(envelope));
    return {file, std::move(envelope), {}};
}

bool is_envelope(base::Path const& file) {
    return file.string().ends_with(envelope_end);
}

bool is_act(base::Path const& file) {
    return file.extension() == ".sig" || is_envelope(file);
}

flow::ActFile read_act(base::Path const& file) {
    return is_envelope(file) ? read_envelope(file) : read_signature(file);
}

bool is_folder(base::Path const& place) {
    std::error_code none;
    return std::filesystem::is_directory(place, none);
}

std::vector<base::Path> files_in(base::Path const& folder) {
    std::vector<base::Path> out;
    std::error_code failed;
    std::filesystem::directory_iterator entry(folder, failed);
    for (; !failed && entry != std::filesystem::directory_iterator(); entry.increment(failed)) {
        std::error_code none;
        if (!entry->is_regular_file(none) || !is_act(entry->path())) continue;
        if (out.size() == most_files)
            throw Error(Code::malformed,
                        fmt::format("'{}' has more than {} files to take in", folder.string(), most_files));
        out.push_back(entry->path());
    }
    if (failed)
        throw Error(Code::storage, "cannot read the folder '" + folder.string() + "': " + failed.message());
    if (out.empty())
        throw Error(Code::not_found, "'" + folder.string() + "' has no signed act: no .sig, no .dsse.json",
                    "sign with 'ssh-keygen -Y sign -n consortium -f KEY FILE' what 'approval prepare' wrote");
    std::sort(out.begin(), out.end());
    return out;
}

}  // namespace

bool holds_acts(base::Path const& place) {
    return is_act(place) || is_folder(place);
}

model::Outcome import_signed(Session& session, base::Path const& place) {
    if (!is_folder(place)) return flow::import_acts(session.services(), {read_act(place)});
    std::vector<flow::ActFile> acts;
    std::vector<flow::NoActFile> spoiled;
    for (auto const& file : files_in(place)) {
        try {
            acts.push_back(read_act(file));
        } catch (Error const& error) {
            spoiled.push_back({file, error.code(), error.what()});
        }
    }
    return flow::import_acts(session.services(), acts, spoiled);
}

}  // namespace consortium::cli
