#include "cli/spec.h"

#include <algorithm>
#include <array>

namespace consortium::cli {

// Each is defined in cli/command/<noun>.cpp.
// clang-format off
extern Noun const
    init_noun,
    join_noun,
    status_noun,
    // GOVERN
    charter_noun,
    member_noun,
    officer_noun,
    role_noun,
    tier_noun,
    proposal_noun,
    vote_noun,
    approval_noun,
    dispute_noun,
    epoch_noun,
    release_noun,
    // TRUST
    key_noun,
    ca_noun,
    cert_noun,
    crl_noun,
    ocsp_noun,
    root_noun,
    share_noun,
    ssh_noun,
    token_noun,
    // OPERATE
    node_noun,
    plan_noun,
    operation_noun,
    // ACCOUNT
    cost_noun,
    // LEAVE
    exit_noun,
    privacy_noun,
    report_noun,
    // EVIDENCE
    audit_noun,
    exchange_noun,
    workspace_noun,
    // TOOL
    config_noun,
    doctor_noun,
    template_noun,
    completion_noun,
    help_noun,
    version_noun,
    spec_noun;
// clang-format on

namespace {

// In the order in which help shows them: one line a noun.
constexpr Noun const* nouns[] = {
    // no heading
    &init_noun,
    &join_noun,
    &status_noun,
    // GOVERN
    &charter_noun,
    &member_noun,
    &officer_noun,
    &role_noun,
    &tier_noun,
    &proposal_noun,
    &vote_noun,
    &approval_noun,
    &dispute_noun,
    &epoch_noun,
    &release_noun,
    // TRUST
    &key_noun,
    &ca_noun,
    &cert_noun,
    &crl_noun,
    &ocsp_noun,
    &root_noun,
    &share_noun,
    &ssh_noun,
    &token_noun,
    // OPERATE
    &node_noun,
    &plan_noun,
    &operation_noun,
    // ACCOUNT
    &cost_noun,
    // LEAVE
    &exit_noun,
    &privacy_noun,
    &report_noun,
    // EVIDENCE
    &audit_noun,
    &exchange_noun,
    &workspace_noun,
    // TOOL
    &config_noun,
    &doctor_noun,
    &template_noun,
    &completion_noun,
    &help_noun,
    &version_noun,
    &spec_noun,
};

}  // namespace

std::span<Noun const* const> registry() {
    return nouns;
}

Command const* find_command(std::string_view noun, std::string_view verb) {
    for (Noun const* entry : registry()) {
        if (entry->name != noun) continue;
        for (Command const& command : entry->commands) {
            if (command.verb == verb) return &command;
        }
    }
    return nullptr;
}

std::vector<base::Code> exit_codes(Command const& command) {
    std::vector<base::Code> codes(command.codes.begin(), command.codes.end());
    if (command.effect != Effect::read) codes.push_back(base::Code::partial);
    std::ranges::sort(codes);  // declared in the order of their exit status
    auto const repeated = std::ranges::unique(codes);
    codes.erase(repeated.begin(), repeated.end());
    return codes;
}

std::span<Flag const> common_flags() {
    static constexpr auto flags = std::to_array<Flag>({
        {"-C,--workspace", Kind::text, "DIR", "work in the workspace at or above DIR"},
        {"--format", Kind::choice, "FORM", "form of the output", Need::optional, "text|json|jsonl|csv",
         "text"},
        {"-o,--out", Kind::output, "FILE", "write the result to FILE, whole or not at all"},
        {"--dry-run", Kind::toggle, "", "show the plan and the verdict; change nothing"},
        {"--save-plan", Kind::output, "FILE", "write the plan to FILE for 'plan apply'; change nothing"},
        {"--yes", Kind::toggle, "", "do not ask; never suffices for danger"},
        {"--confirm", Kind::text, "NAME", "confirm a dangerous change by repeating its name"},
        {"--no-input", Kind::toggle, "", "never prompt; fail where an answer is needed"},
        {"--operation", Kind::name, "ID", "name of this operation: repeating it changes nothing twice"},
        {"--as", Kind::name, "OFFICER", "act as this officer"},
        {"--passphrase-file", Kind::secret, "FILE", "read the passphrase of keys from FILE"},
        {"--pin-file", Kind::secret, "FILE", "read the PIN of a PKCS#11 token from FILE"},
        {"--last-pin-try", Kind::toggle, "", "give the PIN although another wrong one locks the token"},
        {"--timeout", Kind::duration, "DUR", "give up on a remote after this time"},
        {"--wait-ok", Kind::toggle, "", "exit 0 instead of 6 when others must still act"},
        {"-q,--quiet", Kind::toggle, "", "print data and errors only"},
        {"-v,--verbose", Kind::toggle, "", "say more"},
        {"--color", Kind::choice, "WHEN", "when to use colour", Need::optional, "auto|always|never", "auto"},
    });
    return flags;
}

}  // namespace consortium::cli
