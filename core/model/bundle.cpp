#include "core/model/bundle.h"

#include "core/base/error.h"

#include <map>
#include <nlohmann/json.hpp>

namespace consortium::model {

using base::Code;
using base::Error;
using base::Json;
using base::JsonReader;

namespace {

constexpr std::string_view schema = "consortium.bundle/1";
constexpr std::size_t part_size = 48u << 10;  // its base64 is 64 KiB
constexpr std::size_t max_file = 16u << 20;

base::JsonLimits line_limits() {
    base::JsonLimits limits;
    limits.bytes = max_bundle_line;
    return limits;
}

[[noreturn]] void changed(std::string const& what) {
    throw Error(Code::verification_failed, "the bundle was changed or cut short on its way: " + what,
                "ask its sender for it again");
}

void add_line(std::string& text, Json const& value) {
    text += base::canonical(value) + "\n";
}

void add_file(std::string& text, std::string const& content) {
    auto const name = base::sha256(content).hex();
    auto const parts = std::max<std::size_t>(1, (content.size() + part_size - 1) / part_size);
    for (std::size_t part = 0; part < parts; ++part) {
        auto const piece = std::string_view(content).substr(part * part_size, part_size);
        add_line(text, Json{{"file", name},
                            {"part", part},
                            {"of", parts},
                            {"data", base::to_base64(base::as_bytes(piece))}});
    }
}

/// The text before the last line, once that line is found to fit it.
std::string_view checked_body(std::string_view text) {
    if (text.size() > max_bundle) throw Error(Code::malformed, "a bundle has at most 64 MiB");
    if (text.empty() || text.back() != '\n') changed("the last line is not whole");
    auto const end = text.substr(0, text.size() - 1).rfind('\n');
    if (end == std::string_view::npos) changed("it has one line only");
    auto const body = text.substr(0, end + 1);
    std::string wanted;
    try {
        auto const last = base::parse_json(text.substr(end + 1, text.size() - end - 2), line_limits());
        JsonReader in(last);
        auto inner = in.object("end");
        wanted = inner.text("digest");
    } catch (Error const&) {
        changed("the last line is not an end");
    }
    if (wanted != base::sha256(body).hex()) changed("its digest does not fit");
    return body;
}

class FileParts {
public:
    void add(JsonReader& in) {
        auto const name = in.text("file", 64);
        auto const part = in.integer("part", 0, 1000);
        auto const of = in.integer("of", 1, 1000);
        auto const data = in.base64("data", max_bundle_line);
        in.done();
        auto& content = m_open[name];
        if (part * static_cast<std::int64_t>(part_size) != static_cast<std::int64_t>(content.size())) {
            throw Error(Code::malformed, "parts of a file are not in order");
        }
        content += base::as_text(data);
        if (content.size() > max_file) throw Error(Code::malformed, "a file has at most 16 MiB");
        if (part + 1 < of) return;
        if (base::sha256(content).hex() != name) {
            throw Error(Code::verification_failed, "a file is not what its name says");
        }
        files.push_back(std::move(content));
        m_open.erase(name);
    }
    void done() const {
        if (!m_open.empty()) throw Error(Code::malformed, "a file lacks its last part");
    }

    std::vector<std::string> files;

private:
    std::map<std::string, std::string> m_open;
};

void read_header(Json const& value, Bundle& bundle) {
    JsonReader in(value);
    if (in.text("schema") != schema) in.fail("schema", "must be '" + std::string(schema) + "'");
    bundle.genesis = in.digest("genesis");
    bundle.member = in.name("member");
    in.done();
}

void read_line(Json const& value, Bundle& bundle, FileParts& parts) {
    JsonReader in(value);
    if (in.has("act")) {
        bundle.acts.push_back(in.text("act", max_bundle_line));
        in.done();
    } else {
        parts.add(in);
    }
}

}  // namespace

std::string to_text(Bundle const& bundle) {
    std::string text;
    add_line(text, Json{{"schema", schema}, {"genesis", bundle.genesis.hex()}, {"member", bundle.member}});
    for (auto const& content : bundle.files) add_file(text, content);
    for (auto const& act : bundle.acts) add_line(text, Json{{"act", act}});
    auto const lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
    add_line(text, Json{{"end", {{"lines", lines}, {"digest", base::sha256(text).hex()}}}});
    if (text.size() > max_bundle || lines + 1 > max_bundle_lines) {
        throw Error(Code::refused, "this is more than one bundle may hold (64 MiB, 100,000 lines)",
                    "export a part of it with --since");
    }
    return text;
}

Bundle bundle_from_text(std::string_view text) {
    auto body = checked_body(text);
    Bundle bundle;
    FileParts parts;
    std::size_t number = 0;
    while (!body.empty()) {
        auto const end = body.find('\n');
        auto const line = body.substr(0, end);
        body.remove_prefix(end + 1);
        if (++number > max_bundle_lines) throw Error(Code::malformed, "a bundle has at most 100,000 lines");
        try {
            auto const value = base::parse_json(line, line_limits());
            if (number == 1) {
                read_header(value, bundle);
            } else {
                read_line(value, bundle, parts);
            }
        } catch (Error const& error) {
            throw error.with("line", std::to_string(number));
        }
    }
    parts.done();
    bundle.files = std::move(parts.files);
    return bundle;
}

}  // namespace consortium::model
