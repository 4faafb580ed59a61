#include "core/model/bundle.h"

#include "core/base/error.h"

#include <algorithm>
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

[[noreturn]] void changed(std::string const& what, std::size_t line) {
    throw Error(Code::verification_failed, "the bundle was changed or cut short on its way: " + what,
                "ask its sender for it again, and run 'consortium exchange verify' on it first",
                {{"line", std::to_string(line)}});
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

std::size_t count_lines(std::string_view text) {
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

/// What the last line says of those before it.
struct End {
    std::int64_t lines = 0;
    std::string digest;
};

End read_end(std::string_view line, std::size_t number) {
    try {
        auto const last = base::parse_json(line, line_limits());
        JsonReader in(last);
        auto inner = in.object("end");
        End end{inner.integer("lines", 1, max_bundle_lines), inner.text("digest", 64)};
        inner.done();
        in.done();
        return end;
    } catch (Error const&) {
        changed("line " + std::to_string(number) + " is the last, and is not an end", number);
    }
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
            throw Error(Code::malformed, "the file that ends here is not what its name says");
        }
        files.push_back(std::move(content));
        m_open.erase(name);
    }
    void done(std::size_t lines) const {
        if (m_open.empty()) return;
        throw Error(Code::malformed, "a file lacks its last part", {}, {{"line", std::to_string(lines)}});
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
        auto const digest = in.digest("digest");
        in.done();
        if (base::sha256(bundle.acts.back()) != digest)
            throw Error(Code::malformed, "an act is not what its digest says");
    } else if (in.has("private")) {
        BundlePart part;
        part.act = in.digest("private");
        part.sealed = in.base64("age", max_bundle_line);
        in.done();
        bundle.parts.push_back(std::move(part));
    } else {
        parts.add(in);
    }
}

/// The lines before the last. Throws Error(malformed) with the line.
Bundle read_body(std::string_view body) {
    if (body.empty()) throw Error(Code::malformed, "a bundle begins with a line that names its consortium");
    auto const lines = count_lines(body);
    Bundle bundle;
    FileParts parts;
    for (std::size_t number = 1; !body.empty(); ++number) {
        auto const end = body.find('\n');
        try {
            auto const value = base::parse_json(body.substr(0, end), line_limits());
            if (number == 1) {
                read_header(value, bundle);
            } else {
                read_line(value, bundle, parts);
            }
        } catch (Error const& error) {
            throw error.with("line", std::to_string(number));
        }
        bundle.lines.resize(bundle.acts.size(), number);
        body.remove_prefix(end + 1);
    }
    parts.done(lines);
    bundle.files = std::move(parts.files);
    return bundle;
}

/// Names the first line of a body that is not what was written.
[[noreturn]] void name_change(std::string_view body, End const& end) {
    try {
        static_cast<void>(read_body(body));
    } catch (Error const& error) {
        auto const line = error.details().empty() ? "1" : error.details().back().second;
        changed("line " + line + ": " + error.message(), std::stoul(line));
    }
    auto const lines = count_lines(body);
    auto const last = std::to_string(lines + 1);
    // Acts and files have digests of their own; the first line and the last have not.
    if (static_cast<std::size_t>(end.lines) == lines)
        changed("line 1 or line " + last + " is not what it was", 1);
    changed("line " + last + " says that " + std::to_string(end.lines) + " come before it", lines + 1);
}

}  // namespace

std::string to_text(Bundle const& bundle) {
    std::string text;
    add_line(text, Json{{"schema", schema}, {"genesis", bundle.genesis.hex()}, {"member", bundle.member}});
    for (auto const& content : bundle.files) add_file(text, content);
    for (auto const& act : bundle.acts)
        add_line(text, Json{{"act", act}, {"digest", base::sha256(act).hex()}});
    for (auto const& part : bundle.parts)
        add_line(text, Json{{"private", part.act.hex()}, {"age", base::to_base64(part.sealed)}});
    auto const lines = count_lines(text);
    add_line(text, Json{{"end", {{"lines", lines}, {"digest", base::sha256(text).hex()}}}});
    if (text.size() > max_bundle || lines + 1 > max_bundle_lines) {
        throw Error(Code::refused, "this is more than one bundle may hold (64 MiB, 100,000 lines)",
                    "export a part of it with --since");
    }
    return text;
}

Bundle bundle_from_text(std::string_view text) {
    if (text.size() > max_bundle) throw Error(Code::malformed, "a bundle has at most 64 MiB");
    auto const lines = count_lines(text);
    if (lines > max_bundle_lines) throw Error(Code::malformed, "a bundle has at most 100,000 lines");
    if (text.empty() || text.back() != '\n') {
        changed("line " + std::to_string(lines + 1) + " is not whole", lines + 1);
    }
    text.remove_suffix(1);
    auto const split = text.rfind('\n') + 1;  // npos + 1 is 0: one line only
    auto const end = read_end(text.substr(split), lines);
    auto const body = text.substr(0, split);
    bool const whole =
        end.digest == base::sha256(body).hex() && static_cast<std::size_t>(end.lines) == lines - 1;
    if (!whole) name_change(body, end);
    return read_body(body);
}

}  // namespace consortium::model
