#include "core/journal/dossier.h"

#include "core/base/error.h"
#include "core/model/act.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace consortium::journal {

using base::Code;
using base::Error;
using base::Json;
using base::JsonReader;

namespace {

constexpr std::string_view schema = "consortium.evidence/1";
constexpr std::string_view first_words = R"({"for":)";
constexpr std::size_t max_path = 64;
constexpr std::size_t max_acts = 10'000;
constexpr std::size_t max_note = 16u << 10;
constexpr std::size_t max_line_values = 200'000;  // an entry's path, an act, an epoch's ballots as texts
constexpr std::size_t max_token = 64u << 10;

base::JsonLimits line_limits() {
    return {.bytes = max_dossier, .depth = 8, .values = max_line_values};
}

void add_line(std::string& text, Json const& value) {
    text += base::canonical(value) + "\n";
}

Json path_json(std::vector<Digest> const& path) {
    Json out = Json::array();
    for (auto const& hash : path) out.push_back(base::to_base64(hash.view()));
    return out;
}

std::vector<Digest> read_path(JsonReader& in) {
    std::vector<Digest> path;
    for (auto const& text : in.texts("path", max_path)) {
        auto const bytes = base::from_base64(text);
        if (bytes.size() != 32) in.fail("path", "holds what is no hash");
        path.push_back(Digest::from_bytes(bytes));
    }
    return path;
}

Json or_null(std::string const& text) {
    return text.empty() ? Json() : Json(text);
}

Json entry_json(Dossier::Record const& record) {
    return {{"index", record.index}, {"leaf", record.leaf}, {"body", or_null(record.body)}};
}

std::uint64_t read_index(JsonReader& in) {
    return static_cast<std::uint64_t>(in.integer("index", 0, (std::int64_t{1} << 53) - 1));
}

Dossier::Record read_entry(JsonReader& in) {
    Dossier::Record record;
    record.index = read_index(in);
    record.leaf = in.text("leaf", model::max_entry);
    record.body = in.optional_text("body", max_dossier).value_or("");
    return record;
}

std::size_t count_lines(std::string_view text) {
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

[[noreturn]] void changed(std::string const& what, std::size_t line) {
    throw Error(Code::verification_failed, "this evidence was changed or cut short on its way: " + what,
                "ask whoever made it for it again", {{"line", std::to_string(line)}});
}

/// The file without its last line, which says how many come before it and what their digest is.
std::string_view without_end(std::string_view text) {
    auto const lines = count_lines(text);
    if (lines > max_dossier_lines) throw Error(Code::malformed, "evidence has at most 500,000 lines");
    if (text.empty() || text.back() != '\n') changed("its last line is not whole", lines + 1);
    text.remove_suffix(1);
    auto const split = text.rfind('\n') + 1;  // npos + 1 is 0: one line only
    auto const body = text.substr(0, split);
    Json const end{{"end", {{"lines", lines - 1}, {"digest", base::sha256(body).hex()}}}};
    if (text.substr(split) != base::canonical(end))
        changed("its digest is not the one in its last line", lines);
    return body;
}

/// Takes lines in any order: that they are in the one order is seen when the text is made again.
class LineReader {
public:
    void read(Json const& value, bool first) {
        JsonReader in(value);
        if (first) {
            read_header(in);
        } else if (in.has("leaf")) {
            m_dossier.records.push_back(read_entry(in));
        } else if (in.has("index")) {
            read_record_path(in);
        } else {
            read_other(in);
        }
        in.done();
    }
    Dossier take() {
        if (m_paths != m_dossier.records.size())
            throw Error(Code::malformed, "an entry has no path to the root");
        if (m_dossier.head.empty()) throw Error(Code::malformed, "there is no head");
        return std::move(m_dossier);
    }

private:
    void read_header(JsonReader& in) {
        if (in.text("schema", 64) != schema) in.fail("schema", "is not '" + std::string(schema) + "'");
        m_dossier.genesis = in.digest("genesis");
        m_dossier.recipient = in.optional_text("for", 500).value_or("");
        m_dossier.scope = base::JsonValue(in.value("scope"));
        if (!m_dossier.scope->is_object()) in.fail("scope", "is not a record");
    }
    void read_record_path(JsonReader& in) {
        if (m_paths == m_dossier.records.size()) in.fail("index", "is of no entry");
        auto& record = m_dossier.records[m_paths++];
        if (record.index != read_index(in)) in.fail("index", "is not that of the next entry");
        record.path = read_path(in);
    }
    void read_other(JsonReader& in) {
        if (in.has("epoch")) {
            Dossier::Epoch epoch;
            epoch.number = static_cast<std::uint64_t>(in.integer("epoch", 0, (std::int64_t{1} << 53) - 1));
            epoch.document = in.text("document", 16u << 20);
            in.objects(
                "acts",
                [&](JsonReader& act) {
                    epoch.acts.push_back(act.text("envelope", model::max_entry));
                    act.done();
                },
                max_acts);
            m_dossier.epochs.push_back(std::move(epoch));
        } else if (in.has("context")) {
            m_dossier.context.push_back(in.text("context", model::max_entry));
        } else if (in.has("file")) {
            auto const bytes = in.base64("file", 24u << 20);
            m_dossier.files.emplace_back(base::as_text(bytes));
        } else if (in.has("head")) {
            m_dossier.head = in.text("head", max_note);
        } else if (in.has("cosigned")) {
            Dossier::Cosigned cosigned;
            cosigned.checkpoint = in.text("cosigned", max_note);
            cosigned.path = read_path(in);
            m_dossier.cosigned.push_back(std::move(cosigned));
        } else if (in.has("stamped")) {
            if (m_dossier.stamped.size() == max_stamped) in.fail("stamped", "is of too many heads");
            Dossier::Stamped stamped;
            stamped.checkpoint = in.text("stamped", max_note);
            stamped.path = read_path(in);
            stamped.token = in.base64("token", max_token * 4 / 3 + 4);
            m_dossier.stamped.push_back(std::move(stamped));
        } else {
            auto inner = in.object("disclosure");
            m_dossier.disclosure = read_entry(inner);
            m_dossier.disclosure->path = read_path(inner);
            inner.done();
        }
    }

    Dossier m_dossier;
    std::size_t m_paths = 0;  // read so far
};

}  // namespace

std::string content_text(Dossier const& dossier) {
    std::string text;
    add_line(text, {{"schema", schema},
                    {"genesis", dossier.genesis.hex()},
                    {"for", or_null(dossier.recipient)},
                    {"scope", *dossier.scope}});
    for (auto const& epoch : dossier.epochs) {
        Json acts = Json::array();
        for (auto const& act : epoch.acts) acts.push_back({{"envelope", act}});
        add_line(text, {{"epoch", epoch.number}, {"document", epoch.document}, {"acts", std::move(acts)}});
    }
    for (auto const& act : dossier.context) add_line(text, {{"context", act}});
    for (auto const& file : dossier.files) add_line(text, {{"file", base::to_base64(base::as_bytes(file))}});
    for (auto const& record : dossier.records) add_line(text, entry_json(record));
    return text;
}

std::string to_text(Dossier const& dossier) {
    auto text = content_text(dossier);
    add_line(text, {{"head", dossier.head}});
    for (auto const& cosigned : dossier.cosigned)
        add_line(text, {{"cosigned", cosigned.checkpoint}, {"path", path_json(cosigned.path)}});
    for (auto const& stamped : dossier.stamped)
        add_line(text, {{"stamped", stamped.checkpoint},
                        {"path", path_json(stamped.path)},
                        {"token", base::to_base64(stamped.token)}});
    for (auto const& record : dossier.records)
        add_line(text, {{"index", record.index}, {"path", path_json(record.path)}});
    if (dossier.disclosure) {
        auto disclosure = entry_json(*dossier.disclosure);
        disclosure["path"] = path_json(dossier.disclosure->path);
        add_line(text, {{"disclosure", std::move(disclosure)}});
    }
    auto const lines = count_lines(text);
    add_line(text, {{"end", {{"lines", lines}, {"digest", base::sha256(text).hex()}}}});
    if (text.size() > max_dossier || lines + 1 > max_dossier_lines)
        throw Error(Code::refused, "this is more than one file of evidence may hold (256 MiB, 500,000 lines)",
                    "take a part of it, for example a smaller range");
    return text;
}

bool is_dossier(std::string_view text) {
    return text.starts_with(first_words);
}

Dossier dossier_from_text(std::string_view text) {
    if (text.size() > max_dossier) throw Error(Code::malformed, "evidence has at most 256 MiB");
    auto rest = without_end(text);
    LineReader reader;
    for (std::size_t number = 1; !rest.empty(); ++number) {
        auto const end = rest.find('\n');
        try {
            reader.read(base::parse_json(rest.substr(0, end), line_limits()), number == 1);
        } catch (Error const& error) {
            throw error.with("line", std::to_string(number));
        }
        rest.remove_prefix(end + 1);
    }
    auto dossier = reader.take();
    if (to_text(dossier) != text)
        throw Error(Code::malformed, "this evidence is not in its one canonical form");
    return dossier;
}

}  // namespace consortium::journal
