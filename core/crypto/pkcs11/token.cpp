#include "core/crypto/pkcs11/token.h"

#include <array>
#include <cstring>
#include <fmt/format.h>

namespace consortium::crypto::pkcs11 {

using base::Code;
using base::Error;

namespace {

/// More than any key, label or signature that is wanted here.
constexpr std::size_t max_value = 2048;

std::vector<CK_ATTRIBUTE> raw(Attributes& attributes) {
    std::vector<CK_ATTRIBUTE> out;
    out.reserve(attributes.size());
    for (auto& attribute : attributes) out.push_back(attribute.raw());
    return out;
}

/// Ends a search, however it ended.
class Search {
public:
    Search(CK_FUNCTION_LIST const& functions, CK_SESSION_HANDLE session, Attributes& wanted)
        : m_functions(functions), m_session(session) {
        auto attributes = raw(wanted);
        need_ok(functions.C_FindObjectsInit(session, attributes.data(), attributes.size()),
                "looking for a key on the token");
    }
    ~Search() { m_functions.C_FindObjectsFinal(m_session); }
    Search(Search const&) = delete;
    Search& operator=(Search const&) = delete;

private:
    CK_FUNCTION_LIST const& m_functions;
    CK_SESSION_HANDLE m_session;
};

}  // namespace

Attribute Attribute::of_number(CK_ATTRIBUTE_TYPE type, CK_ULONG number) {
    base::Bytes value(sizeof number);
    std::memcpy(value.data(), &number, sizeof number);
    return {type, value};
}

Token::~Token() {
    // Section 5.6, C_CloseSession: with the last session of a token ends the login too.
    if (m_session != CK_INVALID_HANDLE) m_functions.C_CloseSession(m_session);
}

void Token::open_session(CK_SLOT_ID slot, Access access) {
    auto const flags = CKF_SERIAL_SESSION | (access == Access::write ? CKF_RW_SESSION : CK_FLAGS{0});
    need_ok(m_functions.C_OpenSession(slot, flags, nullptr, nullptr, &m_session),
            fmt::format("opening a session with {}", m_name));
}

CK_OBJECT_HANDLE Token::find(Attributes attributes, std::string_view what) {
    std::lock_guard const lock(m_mutex);
    std::array<CK_OBJECT_HANDLE, 2> found{};
    CK_ULONG count = 0;
    {
        Search const search(m_functions, m_session, attributes);
        need_ok(m_functions.C_FindObjects(m_session, found.data(), found.size(), &count),
                fmt::format("looking for a key on {}", m_name));
    }
    if (count == 0)
        throw Error(Code::not_found, fmt::format("there is no {} on {}", what, m_name),
                    "see what the token holds with its own tool, such as 'pkcs11-tool -O'");
    if (count > 1)
        throw Error(Code::usage, fmt::format("{} holds more than one such {}", m_name, what),
                    "name the key by its id too: id=%01%02…");
    return found.front();
}

base::Bytes Token::attribute(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) {
    std::lock_guard const lock(m_mutex);
    base::Bytes value(max_value);
    CK_ATTRIBUTE wanted{type, value.data(), value.size()};
    need_ok(m_functions.C_GetAttributeValue(m_session, object, &wanted, 1),
            fmt::format("reading an attribute of a key on {}", m_name));
    if (wanted.ulValueLen > value.size()) fail(CKR_BUFFER_TOO_SMALL, "reading an attribute of a key");
    value.resize(wanted.ulValueLen);
    return value;
}

bool Token::is_true(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) {
    auto const value = attribute(object, type);
    return value.size() == 1 && value.front() == CK_TRUE;
}

Pair Token::generate(CK_MECHANISM_TYPE mechanism, Attributes public_key, Attributes private_key) {
    std::lock_guard const lock(m_mutex);
    CK_MECHANISM how{mechanism, nullptr, 0};
    auto for_public = raw(public_key);
    auto for_private = raw(private_key);
    Pair pair;
    need_ok(m_functions.C_GenerateKeyPair(m_session, &how, for_public.data(), for_public.size(),
                                          for_private.data(), for_private.size(), &pair.public_key,
                                          &pair.private_key),
            fmt::format("making a key on {}", m_name));
    return pair;
}

void Token::destroy(Pair const& pair) noexcept {
    m_functions.C_DestroyObject(m_session, pair.private_key);
    m_functions.C_DestroyObject(m_session, pair.public_key);
}

base::Bytes Token::sign(CK_OBJECT_HANDLE key, CK_MECHANISM_TYPE mechanism, base::BytesView data) {
    std::lock_guard const lock(m_mutex);
    auto const what = fmt::format("signing on {}", m_name);
    CK_MECHANISM how{mechanism, nullptr, 0};
    need_ok(m_functions.C_SignInit(m_session, &how, key), what);
    base::Bytes input(data.begin(), data.end());
    base::Bytes signature(max_value);
    CK_ULONG size = signature.size();
    need_ok(m_functions.C_Sign(m_session, input.data(), input.size(), signature.data(), &size), what);
    if (size > signature.size()) fail(CKR_BUFFER_TOO_SMALL, what);
    signature.resize(size);
    return signature;
}

std::shared_ptr<Token> Tokens::open(Uri const& uri) {
    auto token = uri;
    token.id.clear();
    token.object.clear();
    for (auto const& tried : m_tried) {
        if (tried.uri != token) continue;
        if (tried.refusal) std::rethrow_exception(tried.refusal);
        return tried.token;
    }
    try {
        m_tried.push_back({token, std::make_shared<Token>(token, Token::Access::read, m_pin), {}});
    } catch (Error const&) {
        m_tried.push_back({token, nullptr, std::current_exception()});
        throw;
    }
    return m_tried.back().token;
}

}  // namespace consortium::crypto::pkcs11
