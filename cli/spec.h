#pragma once

#include "core/base/error.h"
#include "core/model/outcome.h"
#include "core/model/plan.h"

#include <span>
#include <string_view>
#include <vector>

namespace consortium::cli {

class Session;

/// What a verb does to the world. Write shows its plan and asks; danger also wants a typed name.
enum class Effect { read, write, danger };

/// The type of a value: how it is parsed, checked, completed and shown in help.
enum class Kind {
    toggle,  // no value
    text,
    name,  // [a-z0-9-]{1,63}
    integer,
    duration,  // P14D, 6H
    instant,   // RFC 3339, or a day
    month,     // 2026-10
    digest,    // 64 hexadecimal digits
    choice,    // one of Flag::choices
    money,
    input,   // a file that is read ("-": standard input)
    output,  // a file or folder that is written
    secret,  // a file that holds a secret ("-": standard input)
};

enum class Need { optional, required, repeatable };

struct Flag {
    std::string_view name;  // "--charter"
    Kind kind = Kind::text;
    std::string_view value;  // its placeholder in help: "FILE"
    std::string_view help;   // one line, lower case, no full stop
    Need need = Need::optional;
    std::string_view choices = {};   // "yes|no|abstain"
    std::string_view fallback = {};  // the default, as text
};

struct Operand {
    std::string_view name;  // "PROPOSAL"; empty: the verb takes none
    Kind kind = Kind::text;
    std::string_view help;
    Need need = Need::required;
};

struct Example {
    std::string_view command;  // without a prompt
    std::string_view words;    // what it does
};

/// Whether a change goes by a plan, which is shown, asked about and can be saved. What only makes something
/// new, or does what follows from what it finds, has none: it does not ask.
enum class Planned { yes, no };

using Handler = model::Outcome (*)(Session&, model::Request const&);
/// What people get of a record of what was carried out, now or before by the same --operation.
using Shown = model::Outcome (*)(Session&, model::Outcome);

/// One command: the only definition of it. Parser, help, manual page, completion, did-you-mean and `__spec`
/// read it. Tables of these are constant data beside the handlers, in cli/command/<noun>.cpp.
struct Command {
    std::string_view noun;  // "member"; "status" for a command without a verb
    std::string_view verb;  // "invite"; empty
    Effect effect = Effect::read;
    std::string_view summary;  // one line for headings: imperative, no full stop
    Operand operand = {};
    std::span<Flag const> flags = {};
    std::string_view description = {};  // paragraphs, separated by blank lines
    std::span<Example const> examples = {};
    std::span<base::Code const> codes = {};  // refusals that this verb can give, beyond usage and internal
    Handler handler = nullptr;
    Shown shown = nullptr;  // none: the steps, one a line
    Planned planned = Planned::yes;
};

/// A noun with its heading (GOVERN, TRUST …) and the verbs that it has.
struct Noun {
    std::string_view heading;
    std::string_view name;
    std::string_view summary;
    std::span<Command const> commands;
};

/// All nouns, in the order of the headings. registry.cpp lists them; nothing else does.
std::span<Noun const* const> registry();
Command const* find_command(std::string_view noun, std::string_view verb);

/// What this command can exit with beyond 0, 1 and 2, by exit status: what its table says, and of whatever
/// changes something also that it was done in part, or done and could not be shown.
std::vector<base::Code> exit_codes(Command const& command);

/// The flags that every command takes, see facts of the command line.
std::span<Flag const> common_flags();

}  // namespace consortium::cli
