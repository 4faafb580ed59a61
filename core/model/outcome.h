#pragma once

#include "core/base/error.h"
#include "core/base/json.h"

#include <variant>

namespace consortium::model {

struct Table {
    std::vector<std::string> columns;
    std::vector<std::vector<std::string>> rows;
    std::string when_empty;  // the sentence printed for no rows
};

/// Aligned "name  value" lines.
struct Fields {
    std::vector<std::pair<std::string, std::string>> rows;
};

using Paragraph = std::variant<std::string, Fields, Table>;

/// What a command returns. `data` is the record that --format json wraps; `text` is what people see; a list
/// command has data {"items":[…]} so that jsonl and csv can print one item a line.
struct Outcome {
    std::string schema;  // "consortium.member/1"
    base::JsonValue data;
    std::vector<Paragraph> text;
    std::string raw;  // bytes that --format text writes as they are, instead of `text`
    std::vector<std::string> warnings;
    std::vector<std::string> by_hand;  // what people do elsewhere, in order
    std::vector<std::string> next;     // commands
    std::optional<base::Code>
        status;               // none: done. pending, refused, verification_failed …: the answer is "no"
    bool is_private = false;  // it may show what acts say in private: a file of it is for its owner alone
};

}  // namespace consortium::model
