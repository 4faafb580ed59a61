#pragma once

#include "core/base/error.h"
#include "core/crypto/pin.h"
#include "core/crypto/pkcs11/module.h"
#include "core/crypto/pkcs11/uri.h"

#include <exception>
#include <mutex>

namespace consortium::crypto::pkcs11 {

/// One attribute of an object that is looked for or made, with its value.
class Attribute {
public:
    Attribute(CK_ATTRIBUTE_TYPE type, base::BytesView value)
        : m_type(type), m_value(value.begin(), value.end()) {}
    static Attribute of_number(CK_ATTRIBUTE_TYPE type, CK_ULONG number);
    static Attribute yes(CK_ATTRIBUTE_TYPE type) { return {type, base::Bytes{CK_TRUE}}; }
    static Attribute no(CK_ATTRIBUTE_TYPE type) { return {type, base::Bytes{CK_FALSE}}; }

    base::Bytes const& value() const { return m_value; }
    /// Points into this.
    CK_ATTRIBUTE raw() { return {m_type, m_value.data(), m_value.size()}; }

private:
    CK_ATTRIBUTE_TYPE m_type;
    base::Bytes m_value;
};
using Attributes = std::vector<Attribute>;

struct Pair {
    CK_OBJECT_HANDLE public_key = CK_INVALID_HANDLE;
    CK_OBJECT_HANDLE private_key = CK_INVALID_HANDLE;
};

/// A session with one token, logged in. Ends both when it goes.
class Token {
public:
    enum class Access { read, write };

    /// Finds the one token that the URI means and logs in, at most once: a PIN that was wrong is not tried
    /// again. Throws Error(unavailable) for a token that is not there, usage if several are meant, declined
    /// before the last attempt unless that is allowed, not_authorized for a PIN that is locked or wrong.
    Token(Uri const& uri, Access access, Pin const& pin);
    ~Token();
    Token(Token const&) = delete;
    Token& operator=(Token const&) = delete;

    /// The URI of this very token, by what it says of itself.
    Uri const& uri() const { return m_uri; }

    /// The one object of these attributes. Throws Error(not_found), or usage if there are several.
    CK_OBJECT_HANDLE find(Attributes attributes, std::string_view what);
    base::Bytes attribute(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type);
    bool is_true(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type);
    Pair generate(CK_MECHANISM_TYPE mechanism, Attributes public_key, Attributes private_key);
    void destroy(Pair const& pair) noexcept;
    base::Bytes sign(CK_OBJECT_HANDLE key, CK_MECHANISM_TYPE mechanism, base::BytesView data);

private:
    void open_session(CK_SLOT_ID slot, Access access);
    void log_in(CK_TOKEN_INFO const& info, CK_SLOT_ID slot, Pin const& pin);

    std::shared_ptr<Module> m_module;
    CK_FUNCTION_LIST const& m_functions;
    Uri m_uri;
    std::string m_name;  // for messages
    CK_SESSION_HANDLE m_session = CK_INVALID_HANDLE;
    std::mutex m_mutex;  // a session does one thing at a time
};

/// The tokens of a process: each is opened once, and its PIN asked for once, whether it was right or wrong.
class Tokens {
public:
    explicit Tokens(Pin pin) : m_pin(std::move(pin)) {}
    std::shared_ptr<Token> open(Uri const& uri);

private:
    struct Tried {
        Uri uri;
        std::shared_ptr<Token> token;
        std::exception_ptr refusal;
    };
    Pin m_pin;
    std::vector<Tried> m_tried;
};

}  // namespace consortium::crypto::pkcs11
