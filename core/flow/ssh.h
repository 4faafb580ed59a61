#pragma once

#include "core/flow/apply.h"
#include "core/model/ssh_certificate.h"

namespace consortium::port {
class Certifier;
class Ssh;
}  // namespace consortium::port

namespace consortium::flow {

/// The longest that certificates last, and how long they do where nothing is asked.
inline constexpr base::Duration longest_ssh_user{30 * 86'400}, usual_ssh_user{86'400},
    longest_ssh_host{365 * 86'400}, usual_ssh_host{90 * 86'400};

/// A key of the keyring that signs certificates of hosts, or of users, and nothing else. Object kind
/// "ssh-authority".
struct SshAuthority {
    std::string name;  // "user-1"
    model::SshUse use = model::SshUse::user;
    std::int64_t number = 0;
    std::string key;         // its name in the keyring
    std::string algorithm;   // "ed25519"
    base::Bytes public_key;  // SPKI
    base::Instant made;
    base::Instant issued;  // its last certificate; `made` before the first
    std::optional<base::Instant> revoked;
    std::uint64_t version = 0;  // of the object
};

model::Object to_object(SshAuthority const& authority);
std::vector<SshAuthority> ssh_authorities(port::Store const& store);
/// Throws Error(not_found) with the next command.
SshAuthority ssh_authority(port::Store const& store, std::string_view name);
/// The newest of this use that is not revoked. Throws as above.
SshAuthority newest_ssh_authority(port::Store const& store, model::SshUse use);

/// `ssh init --for USE [--key NAME | --type T --no-passphrase]`.
model::Plan plan_ssh_init(State const& state, port::Keyring const& keys, port::Certifier const& certifier,
                          model::Request const& request);
/// `ssh trust [--for USE] [--hosts PATTERN]`: the lines that hosts and users put into their files.
model::Outcome ssh_trust(State const& state, port::Ssh const& ssh, model::Request const& request);

/// `ssh issue ID --for USE --public-key FILE --principal NAME …`.
model::Plan plan_ssh_issue(State const& state, port::Certifier const& certifier,
                           model::Request const& request);
/// `ssh revoke [SERIAL] [--authority NAME] [--reason]`.
model::Plan plan_ssh_revoke(State const& state, model::Request const& request);
/// `ssh krl`: the list's bytes are the outcome's raw content. The same journal gives the same list.
model::Outcome ssh_krl(State const& state, port::Ssh const& ssh);

/// The object of a certificate, kind "ssh-certificate", by its serial in decimal digits, as ssh-keygen shows
/// it. Throws Error(usage) for what is no serial, Error(not_found) for one that was not issued here.
model::Object ssh_certificate_object(port::Store const& store, std::string_view serial);
/// `ssh list [--for --state --expiring]`.
model::Outcome ssh_list(State const& state, model::Request const& request);
/// `ssh show SERIAL [--print FORM]`.
model::Outcome ssh_show(State const& state, model::Request const& request);
/// `ssh verify FILE [--principal NAME] [--at TIME]`.
model::Outcome ssh_verify(State const& state, port::Ssh const& ssh, model::Request const& request);

/// "ssh.init", "ssh.issue" and "ssh.revoke".
extern Applier const ssh_init_applier;
extern Applier const ssh_issue_applier;
extern Applier const ssh_revoke_applier;

}  // namespace consortium::flow
