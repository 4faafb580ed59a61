#include "core/model/act_plain.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

namespace consortium::model {

using base::Code;
using base::Digest;
using base::Error;

namespace {

void require(bool holds) {
    if (!holds) throw Error(Code::malformed, "not the plain form");
}

/// Takes a text apart from its beginning on. Throws Error(malformed) where it goes on otherwise.
class Cursor {
public:
    explicit Cursor(std::string_view text) : m_rest(text) {}

    bool take(std::string_view expected) {
        if (!m_rest.starts_with(expected)) return false;
        m_rest.remove_prefix(expected.size());
        return true;
    }
    void expect(std::string_view expected) { require(take(expected)); }
    /// What stands between two quotation marks.
    std::string_view text() {
        expect("\"");
        auto const end = m_rest.find('"');
        require(end != std::string_view::npos);
        auto const found = m_rest.substr(0, end);
        m_rest.remove_prefix(end + 1);
        return found;
    }
    Digest digest() { return Digest::from_hex(text()); }
    base::Instant instant() { return base::Instant::from_text(text()); }
    std::string name(std::string_view what) {
        std::string found(text());
        base::check_name(found, what);
        return found;
    }
    std::uint64_t integer(std::uint64_t min, std::uint64_t max) {
        std::uint64_t number = 0;
        auto const* const begin = m_rest.data();
        auto const [end, status] = std::from_chars(begin, begin + m_rest.size(), number);
        auto const digits = static_cast<std::size_t>(end - begin);
        require(status == std::errc{} && number >= min && number <= max && (digits == 1 || *begin != '0'));
        m_rest.remove_prefix(digits);
        return number;
    }
    void expect_end() const { require(m_rest.empty()); }

private:
    std::string_view m_rest;
};

bool is_plain(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~' && c != '\\'; });
}

Envelope read_envelope(std::string_view text, std::string_view payload_type) {
    Cursor in(text);
    in.expect(R"({"payload":)");
    auto const payload = in.text();
    in.expect(R"(,"payloadType":)");
    require(in.text() == payload_type);
    in.expect(R"(,"signatures":[{"keyid":)");
    auto const key_id = in.text();
    bool const is_ssh = in.take(R"(,"scheme":"sshsig")");
    in.expect(R"(,"sig":)");
    auto const signature = in.text();
    in.expect("}]}");
    in.expect_end();
    require(payload.size() <= max_payload / 3 * 4 && signature.size() <= max_signature / 3 * 4);
    require(is_plain(key_id) && key_id.size() <= max_key_id);
    Envelope envelope;
    envelope.payload_type = payload_type;
    envelope.payload = base::as_text(base::from_base64(payload));
    envelope.key_id = key_id;
    if (is_ssh) envelope.scheme = "sshsig";
    envelope.signature = base::from_base64(signature);
    return envelope;
}

std::vector<Digest> read_references(Cursor& in) {
    std::vector<Digest> refs;
    if (in.take("]")) return refs;
    do refs.push_back(in.digest());
    while (in.take(","));
    in.expect("]");
    require(refs.size() <= max_references);
    return refs;
}

base::JsonValue read_body(std::string_view text) {
    // One level less than the act, which is around it.
    auto body = base::parse_canonical(text, {.bytes = max_payload, .depth = max_depth - 1});
    require(body.is_object());
    return body;
}

// In the order of RFC 8785, in which "body" comes first. Nothing behind it is free text: where it ends, its
// last neighbour begins for the last time.
Act read_act(std::string_view payload) {
    constexpr std::string_view begin = R"({"body":)";
    constexpr std::string_view behind = R"(,"epoch":{"hash":)";
    auto const end = payload.rfind(behind);
    require(payload.size() <= max_payload && payload.starts_with(begin) && end != std::string_view::npos &&
            end >= begin.size());
    Act act;
    Cursor in(payload.substr(end + behind.size()));
    act.epoch.hash = in.digest();
    in.expect(R"(,"number":)");
    act.epoch.number = in.integer(0, max_integer);
    in.expect(R"(},"expires":)");
    act.expires = in.instant();
    in.expect(R"(,"genesis":)");
    act.genesis = in.digest();
    in.expect(R"(,"key":)");
    act.key = in.digest();
    in.expect(R"(,"kind":)");
    act.kind = in.name("kind");
    in.expect(R"(,"member":)");
    act.member = in.name("member");
    in.expect(R"(,"nonce":)");
    act.nonce = in.text();
    require(is_nonce(act.nonce));
    in.expect(R"(,"officer":)");
    if (!in.take("null")) act.officer = in.name("officer");
    in.expect(R"(,"private":)");
    if (!in.take("null")) act.private_part = in.digest();
    in.expect(R"(,"protocol":)");
    act.protocol = static_cast<int>(in.integer(1, highest_protocol));
    in.expect(R"(,"refs":[)");
    act.refs = read_references(in);
    in.expect(R"(,"time":)");
    act.time = in.instant();
    in.expect("}");
    in.expect_end();
    require(act.time < act.expires);
    act.body = read_body(payload.substr(begin.size(), end - begin.size()));
    return act;
}

}  // namespace

bool is_nonce(std::string_view text) {
    auto const digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
    return text.size() == 32 && std::all_of(text.begin(), text.end(), digit);
}

std::optional<Envelope> plain_envelope(std::string_view text, std::string_view payload_type) {
    try {
        return read_envelope(text, payload_type);
    } catch (Error const&) {
        return std::nullopt;
    }
}

std::optional<Act> plain_act(std::string_view payload) {
    try {
        return read_act(payload);
    } catch (Error const&) {
        return std::nullopt;
    }
}

}  // namespace consortium::model
