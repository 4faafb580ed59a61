#include "cli/man.h"

#include "cli/help.h"
#include "cli/mdoc.h"
#include "cli/settings.h"
#include "cli/suggest.h"
#include "cli/value.h"

#include <algorithm>

namespace consortium::cli {

namespace {

std::string upper(std::string text) {
    for (char& c : text) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    return text;
}

/// "Fl \-format Ar text|json": how mdoc marks a flag with its value.
std::string flag_macro(Flag const& flag) {
    auto text = "Fl " + Mdoc::argument(long_name(flag).substr(1));
    if (flag.kind == Kind::toggle) return text;
    return text + " Ar " + Mdoc::argument(value_of(flag));
}

void synopsis_of(Mdoc& page, Command const& command) {
    page.request("Nm consortium").request("Cm " + full_name(command));
    if (auto const& operand = command.operand; !operand.name.empty()) {
        auto const name = "Ar " + Mdoc::argument(operand.name);
        page.request(operand.need == Need::optional ? "Op " + name : name);
    }
    for (Flag const& flag : command.flags) {
        page.request(flag.need == Need::required ? flag_macro(flag) : "Op " + flag_macro(flag));
    }
}

std::string flag_words(Flag const& flag) {
    auto words = std::string(flag.help);
    if (!words.empty()) words[0] = upper(words.substr(0, 1))[0];
    if (auto const choices = choices_in_help(flag); !choices.empty()) words += ": " + choices;
    if (!words.ends_with('.')) words += '.';
    if (flag.need == Need::repeatable) words += " May be repeated.";
    if (flag.need == Need::required) words += " Required.";
    if (!flag.fallback.empty()) words += " Default: " + std::string(flag.fallback);
    return words;
}

void flag_list(Mdoc& page, std::span<Flag const> flags) {
    if (flags.empty()) return;
    page.request("Bl -tag -width Ds");
    for (Flag const& flag : flags) {
        std::string item = "It ";
        if (auto const letter = short_name(flag); !letter.empty()) {
            item += "Fl " + std::string(letter.substr(1)) + " , ";
        }
        page.request(item + flag_macro(flag)).text(flag_words(flag));
    }
    page.request("El");
}

void code_list(Mdoc& page, std::span<base::Code const> codes) {
    page.request("Bl -tag -width 4n");
    for (auto const code : codes) {
        auto const& about = base::info(code);
        page.request("It " + std::to_string(about.exit_status))
            .text(std::string(about.name) + ": " + std::string(about.meaning));
    }
    page.request("El");
}

constexpr std::string_view effect_words(Command const& command) {
    switch (command.effect) {
        case Effect::write:
            if (command.planned == Planned::no) return "It does not ask.";
            return "It shows its plan and asks before it changes anything.";
        case Effect::danger:
            return "It cannot be undone: a name must be typed, or given with --confirm; --yes does not "
                   "suffice.";
        case Effect::read:
            break;
    }
    return "It changes nothing.";
}

void command_section(Mdoc& page, Command const& command) {
    page.request("Ss " + full_name(command));
    synopsis_of(page, command);
    auto summary = std::string(command.summary);
    summary[0] = upper(summary.substr(0, 1))[0];
    page.paragraph().text(summary + ". " + std::string(effect_words(command)));
    if (!command.description.empty()) page.paragraph().text(command.description);
    if (!command.operand.name.empty()) {
        page.paragraph()
            .request("Ar " + Mdoc::argument(command.operand.name) + " :")
            .text(command.operand.help);
    }
    flag_list(page, command.flags);
    if (auto const codes = exit_codes(command); !codes.empty()) {
        page.paragraph().text("Beyond 0, 1 and 2 it exits with:");
        code_list(page, codes);
    }
    for (auto const& example : command.examples) {
        page.paragraph().text("Example, " + std::string(example.words) + ":").display(example.command);
    }
}

/// Not "Xr": mandoc's check wants those to be installed already.
void see_also(Mdoc& page, std::string_view names) {
    page.section("SEE ALSO").text(names);
}

ManualPage noun_page(Noun const& noun) {
    auto const name = "consortium-" + std::string(noun.name);
    Mdoc page(upper(name), 1);
    page.section("NAME").request("Nm " + name).request("Nd " + std::string(noun.summary));
    page.section("SYNOPSIS");
    for (Command const& command : noun.commands) {
        page.request("Nm consortium");
        page.request("Cm " + full_name(command));
        if (!command.operand.name.empty()) page.request("Op Ar " + Mdoc::argument(command.operand.name));
        page.request("Op Ar flags");
    }
    page.section("DESCRIPTION");
    page.text("The flags that every command takes are in consortium(1).");
    for (Command const& command : noun.commands) command_section(page, command);
    bool const trust = noun.heading == "TRUST";
    bool const recovers = noun.name == "share" || noun.name == "root";
    bool const rotates = recovers || noun.name == "approval";
    see_also(page, std::string("consortium(1), ") + (trust ? "consortium-certificates(7), " : "") +
                       (rotates ? "consortium-rotation(7), " : "") +
                       (recovers ? "consortium-recovery(7), " : "") + "consortium-exit-codes(7)");
    return {name + ".1", page.page()};
}

void heading_list(Mdoc& page) {
    std::string_view heading = "-";
    for (Noun const* noun : registry()) {
        if (!is_public(*noun)) continue;
        if (heading != noun->heading) {
            if (heading != "-") page.request("El");
            heading = noun->heading;
            page.request("Ss " + (heading.empty() ? "START" : std::string(heading)));
            page.request("Bl -tag -width completion");
        }
        page.request("It Cm " + std::string(noun->name)).text(noun->summary);
    }
    page.request("El");
}

void environment_list(Mdoc& page) {
    page.section("ENVIRONMENT");
    page.text(
        "A flag goes before the environment, that before the workspace's consortium.toml, that before the "
        "user's "
        "file, and that before the default.");
    page.request("Bl -tag -width CONSORTIUM_WORKSPACE");
    for (auto const& setting : setting_table()) {
        if (!setting.variable.empty())
            page.request("It Ev " + std::string(setting.variable)).text(setting.help);
    }
    page.request("It Ev CONSORTIUM_PIN_FD")
        .text("descriptor, above 2, from which the PIN of a PKCS#11 token is read");
    page.request("It Ev CONSORTIUM_CLOCK").text("the time, in RFC 3339; rehearsals only, refused elsewhere");
    page.request("It Ev CONSORTIUM_DATA_DIR").text("folder of the templates");
    page.request("It Ev NO_COLOR").text("no colour, whatever its value");
    page.request("It Ev SSH_AUTH_SOCK").text("the ssh-agent that signs acts with keys of SSH");
    page.request("El");
}

void file_list(Mdoc& page) {
    page.section("FILES");
    page.request("Bl -tag -width Ds");
    page.request("It Pa consortium.toml")
        .text("settings of a workspace; found upward from the current folder");
    page.request("It Pa journal.db").text("the journal and what follows from it");
    page.request("It Pa keys/").text("private keys, PKCS#8, with their public parts beside them");
    page.request("It Pa private/").text("keys of erasable payloads; never part of a backup");
    page.request("It Pa out/").text("what this workspace wrote for others");
    page.request("It Pa $XDG_CONFIG_HOME/consortium/config.toml").text("settings of the user");
    page.request("It Pa $XDG_STATE_HOME/consortium/")
        .text("high-water marks of journals, and what 'key trust' trusts");
    page.request("El");
}

ManualPage main_page() {
    Mdoc page("CONSORTIUM", 1);
    page.section("NAME").request("Nm consortium");
    page.request("Nd govern a permissioned network together");
    page.section("SYNOPSIS").request("Nm").request("Ar noun").request("Op Ar verb").request("Op Ar operand");
    page.request("Op Ar flags");
    page.section("DESCRIPTION")
        .text(
            "The organizations of a permissioned network use it to decide who belongs, who may decide what, "
            "what was "
            "decided, by whom and under which rules, what was then done to which node, what it costs whom, "
            "and how a "
            "member leaves. It needs no server: signed documents travel as files, and every workspace keeps "
            "an "
            "append-only journal from which all that it shows can be rebuilt.\n\n"
            "Every change is planned, judged by the charter, confirmed, and then applied. Flags may stand "
            "before or "
            "after the command; after -- everything is an operand.");
    page.section("COMMANDS");
    heading_list(page);
    page.section("OPTIONS");
    flag_list(page, common_flags());
    environment_list(page);
    file_list(page);
    page.section("EXIT STATUS").text("0 is done, or yes; consortium-exit-codes(7) lists the others.");
    see_also(
        page,
        "consortium-charter(5), consortium-evidence(5), consortium-formats(5), consortium-exit-codes(7)");
    return {"consortium.1", page.page()};
}

ManualPage exit_page() {
    Mdoc page("CONSORTIUM-EXIT-CODES", 7);
    page.section("NAME").request("Nm consortium-exit-codes");
    page.request("Nd exit status and error codes of consortium");
    page.section("DESCRIPTION")
        .text(
            "Every command exits with 0 when it is done, or when the answer is yes. Otherwise the status "
            "says what "
            "kind of failure it was, and the stable code in the error says it more finely. With --format "
            "json an "
            "error is one line on standard error: a record of code, message, hint, retry, details and "
            "operation.");
    page.request("Bl -column \"Status\" \"verification_failed\" \"Retry\" \"Meaning\"");
    page.request("It Sy Status Ta Sy Code Ta Sy Retry Ta Sy Meaning");
    for (auto const& row : base::error_table()) {
        page.request("It " + std::to_string(row.exit_status) + " Ta " + std::string(row.name) + " Ta " +
                     (row.retry ? "yes" : "no") + " Ta " + Mdoc::escaped(row.meaning));
    }
    page.request("El").paragraph();
    page.text(
        "Status 6 is for a command whose effect awaits the consent of others; --wait-ok maps it to 0. Retry: "
        "the "
        "same command, unchanged, may succeed later.");
    see_also(page, "consortium(1)");
    return {"consortium-exit-codes.7", page.page()};
}

}  // namespace

std::vector<ManualPage> manual_pages() {
    std::vector<ManualPage> pages{main_page()};
    for (Noun const* noun : registry()) {
        if (is_public(*noun)) pages.push_back(noun_page(*noun));
    }
    pages.push_back(exit_page());
    return pages;
}

}  // namespace consortium::cli
