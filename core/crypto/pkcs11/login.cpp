#include "core/base/text.h"
#include "core/crypto/pkcs11/token.h"

#include <algorithm>
#include <fmt/format.h>
#include <span>

namespace consortium::crypto::pkcs11 {

using base::Code;
using base::Error;

namespace {

constexpr CK_ULONG max_slots = 1024;
constexpr std::string_view see_to_it =
    "see to it with the token's own tool and the PIN of its security officer";

/// Section 3.2: fields of fixed length, padded with blanks.
std::string text_of(std::span<CK_UTF8CHAR const> field) {
    std::string text(field.begin(), field.end());
    text.resize(text.find_last_not_of(std::string_view(" \0", 2)) + 1);
    return text;
}

struct Slot {
    CK_SLOT_ID id = 0;
    CK_TOKEN_INFO token{};
};

bool is_meant(CK_TOKEN_INFO const& token, Uri const& uri) {
    auto const fits = [](std::string const& wanted, std::span<CK_UTF8CHAR const> field) {
        return wanted.empty() || wanted == text_of(field);
    };
    return (token.flags & CKF_TOKEN_INITIALIZED) != 0 && fits(uri.token, token.label) &&
           fits(uri.manufacturer, token.manufacturerID) && fits(uri.model, token.model) &&
           fits(uri.serial, token.serialNumber);
}

std::vector<CK_SLOT_ID> slots_of(CK_FUNCTION_LIST const& functions) {
    CK_ULONG count = 0;
    need_ok(functions.C_GetSlotList(CK_TRUE, nullptr, &count), "listing tokens");
    if (count > max_slots) fail(CKR_GENERAL_ERROR, "listing tokens");
    std::vector<CK_SLOT_ID> slots(count);
    // A token that is put in between the two calls makes this CKR_BUFFER_TOO_SMALL: run again.
    if (count > 0) need_ok(functions.C_GetSlotList(CK_TRUE, slots.data(), &count), "listing tokens");
    slots.resize(std::min<std::size_t>(count, slots.size()));
    return slots;
}

Slot find_slot(CK_FUNCTION_LIST const& functions, Uri const& uri) {
    std::vector<Slot> found;
    for (auto const id : slots_of(functions)) {
        Slot slot{id, {}};
        // What is in a slot may be gone by now, or be no token at all: then it is not the one that is meant.
        if (functions.C_GetTokenInfo(id, &slot.token) == CKR_OK && is_meant(slot.token, uri))
            found.push_back(slot);
    }
    auto const named = uri.token.empty() ? uri.serial : uri.token;
    if (found.empty())
        throw Error(
            Code::unavailable, fmt::format("there is no PKCS#11 token '{}'", named),
            "put it in, then run the same command again; 'pkcs11-tool -L --module MODULE' lists tokens");
    if (found.size() > 1)
        throw Error(Code::usage, fmt::format("there are {} PKCS#11 tokens '{}'", found.size(), named),
                    "say which by its serial number: serial=…");
    return found.front();
}

Uri uri_of(CK_TOKEN_INFO const& token, base::Path const& module) {
    Uri uri;
    uri.token = base::printable(text_of(token.label));
    uri.serial = base::printable(text_of(token.serialNumber));
    uri.module_path = module;
    return uri;
}

/// Before anything is tried: a wrong PIN costs one of few attempts.
void check_attempts(CK_FLAGS flags, std::string const& name, Pin const& pin) {
    if ((flags & CKF_USER_PIN_LOCKED) != 0)
        throw Error(Code::not_authorized, fmt::format("the PIN of {} is locked", name),
                    std::string(see_to_it));
    if ((flags & CKF_USER_PIN_INITIALIZED) == 0)
        throw Error(Code::not_authorized, fmt::format("{} has no user PIN yet", name),
                    std::string(see_to_it));
    bool const last = (flags & CKF_USER_PIN_FINAL_TRY) != 0;
    if (last && pin.last_try != Pin::LastTry::allowed)
        throw Error(Code::declined, fmt::format("one more wrong PIN locks {}", name),
                    "make sure of the PIN, then run the same command with --last-pin-try");
    if ((last || (flags & CKF_USER_PIN_COUNT_LOW) != 0) && pin.warn)
        pin.warn(fmt::format("a wrong PIN was given to {} before; {}", name,
                             last ? "another one locks it" : "it locks after a few"));
}

base::Secret ask(CK_TOKEN_INFO const& info, std::string const& name, Pin const& pin) {
    // Section 5.6, C_Login: then the token takes its PIN from a keypad of its own, and from nobody else.
    if ((info.flags & CKF_PROTECTED_AUTHENTICATION_PATH) != 0) {
        if (pin.warn) pin.warn(fmt::format("enter the PIN of {} on its own keypad", name));
        return {};
    }
    auto secret = pin.ask ? pin.ask(name) : base::Secret();
    if (secret.empty())
        throw Error(Code::not_authorized, fmt::format("{} needs its PIN", name),
                    "name the file that holds it with --pin-file");
    auto const size = secret.view().size();
    if (size < info.ulMinPinLen || (info.ulMaxPinLen != 0 && size > info.ulMaxPinLen))
        throw Error(Code::not_authorized,
                    fmt::format("a PIN of {} has {} to {} characters; this one was not tried", name,
                                info.ulMinPinLen, info.ulMaxPinLen));
    return secret;
}

std::string attempts_left(CK_FLAGS flags) {
    if ((flags & CKF_USER_PIN_LOCKED) != 0) return "none, it is locked";
    if ((flags & CKF_USER_PIN_FINAL_TRY) != 0) return "one";
    return (flags & CKF_USER_PIN_COUNT_LOW) != 0 ? "few" : "unknown";
}

}  // namespace

Token::Token(Uri const& uri, Access access, Pin const& pin)
    : m_module(Module::load(uri.module_path)), m_functions(m_module->functions()) {
    auto const slot = find_slot(m_functions, uri);
    m_uri = uri_of(slot.token, uri.module_path);
    m_name = fmt::format("PKCS#11 token '{}'", m_uri.token.empty() ? m_uri.serial : m_uri.token);
    open_session(slot.id, access);
    try {
        log_in(slot.token, slot.id, pin);
    } catch (...) {
        m_functions.C_CloseSession(m_session);
        throw;
    }
}

void Token::log_in(CK_TOKEN_INFO const& info, CK_SLOT_ID slot, Pin const& pin) {
    if ((info.flags & CKF_LOGIN_REQUIRED) == 0) return;
    check_attempts(info.flags, m_name, pin);
    auto const secret = ask(info, m_name, pin);
    auto const letters = secret.view();
    auto* const start = letters.empty() ? nullptr : const_cast<CK_UTF8CHAR*>(letters.data());
    auto const result = m_functions.C_Login(m_session, CKU_USER, start, letters.size());
    if (result == CKR_OK || result == CKR_USER_ALREADY_LOGGED_IN) return;
    if (result != CKR_PIN_INCORRECT) fail(result, fmt::format("logging in to {}", m_name));
    CK_TOKEN_INFO after{};
    bool const known = m_functions.C_GetTokenInfo(slot, &after) == CKR_OK;
    throw Error(
        Code::not_authorized, fmt::format("wrong PIN for {}", m_name),
        "it was tried once: the token counts failed attempts and locks. Make sure of the PIN first",
        {{"pkcs11", "CKR_PIN_INCORRECT"}, {"attempts left", known ? attempts_left(after.flags) : "unknown"}});
}

}  // namespace consortium::crypto::pkcs11
