#include "core/crypto/pkcs11/module.h"

#include "core/base/error.h"

#include <dlfcn.h>
#include <fmt/format.h>
#include <map>
#include <mutex>

namespace consortium::crypto::pkcs11 {

using base::Code;
using base::Error;

namespace {

[[noreturn]] void refuse(base::Path const& path, std::string const& why) {
    throw Error(Code::unsupported, fmt::format("cannot load the PKCS#11 module '{}': {}", path.string(), why),
                "install the token's package, or correct 'module-path' in the URI");
}

/// Section 5.3: a module has every function, if only to say that it is not supported. Ours must not be null.
bool is_whole(CK_FUNCTION_LIST const& list) {
    return list.C_Initialize && list.C_Finalize && list.C_GetSlotList && list.C_GetTokenInfo &&
           list.C_OpenSession && list.C_CloseSession && list.C_Login && list.C_Logout &&
           list.C_FindObjectsInit && list.C_FindObjects && list.C_FindObjectsFinal &&
           list.C_GetAttributeValue && list.C_GenerateKeyPair && list.C_DestroyObject && list.C_SignInit &&
           list.C_Sign;
}

CK_FUNCTION_LIST* load_functions(base::Path const& path) {
    // Never closed: what it loads keeps state that must outlive us.
    void* const library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
        char const* const why = dlerror();
        refuse(path, why != nullptr ? why : "unknown reason");
    }
    auto const get = reinterpret_cast<CK_C_GetFunctionList>(dlsym(library, "C_GetFunctionList"));
    if (get == nullptr) refuse(path, "it has no function 'C_GetFunctionList'");
    CK_FUNCTION_LIST* functions = nullptr;
    if (auto const result = get(&functions); result != CKR_OK) refuse(path, name_of(result));
    if (functions == nullptr || functions->version.major < 2 || !is_whole(*functions))
        refuse(path, "it does not speak all of PKCS#11 version 2 or later that is needed");
    return functions;
}

struct Meaning {
    CK_RV result;
    std::string_view name;
    Code code = Code::internal;
};

/// PKCS#11 v2.40 section 5.1: what one of our calls may come back with.
constexpr Meaning meanings[] = {
    {CKR_HOST_MEMORY, "CKR_HOST_MEMORY"},
    {CKR_SLOT_ID_INVALID, "CKR_SLOT_ID_INVALID", Code::unavailable},
    {CKR_GENERAL_ERROR, "CKR_GENERAL_ERROR"},
    {CKR_FUNCTION_FAILED, "CKR_FUNCTION_FAILED"},
    {CKR_ARGUMENTS_BAD, "CKR_ARGUMENTS_BAD"},
    {CKR_NEED_TO_CREATE_THREADS, "CKR_NEED_TO_CREATE_THREADS", Code::unsupported},
    {CKR_CANT_LOCK, "CKR_CANT_LOCK", Code::unsupported},
    {CKR_ATTRIBUTE_READ_ONLY, "CKR_ATTRIBUTE_READ_ONLY", Code::unsupported},
    {CKR_ATTRIBUTE_SENSITIVE, "CKR_ATTRIBUTE_SENSITIVE", Code::refused},
    {CKR_ATTRIBUTE_TYPE_INVALID, "CKR_ATTRIBUTE_TYPE_INVALID", Code::unsupported},
    {CKR_ATTRIBUTE_VALUE_INVALID, "CKR_ATTRIBUTE_VALUE_INVALID", Code::unsupported},
    {CKR_DATA_INVALID, "CKR_DATA_INVALID"},
    {CKR_DATA_LEN_RANGE, "CKR_DATA_LEN_RANGE", Code::unsupported},
    {CKR_DEVICE_ERROR, "CKR_DEVICE_ERROR", Code::unavailable},
    {CKR_DEVICE_MEMORY, "CKR_DEVICE_MEMORY", Code::storage},
    {CKR_DEVICE_REMOVED, "CKR_DEVICE_REMOVED", Code::unavailable},
    {CKR_FUNCTION_CANCELED, "CKR_FUNCTION_CANCELED", Code::declined},
    {CKR_FUNCTION_NOT_SUPPORTED, "CKR_FUNCTION_NOT_SUPPORTED", Code::unsupported},
    {CKR_KEY_HANDLE_INVALID, "CKR_KEY_HANDLE_INVALID", Code::unavailable},
    {CKR_KEY_SIZE_RANGE, "CKR_KEY_SIZE_RANGE", Code::unsupported},
    {CKR_KEY_TYPE_INCONSISTENT, "CKR_KEY_TYPE_INCONSISTENT", Code::unsupported},
    {CKR_KEY_FUNCTION_NOT_PERMITTED, "CKR_KEY_FUNCTION_NOT_PERMITTED", Code::refused},
    {CKR_MECHANISM_INVALID, "CKR_MECHANISM_INVALID", Code::unsupported},
    {CKR_MECHANISM_PARAM_INVALID, "CKR_MECHANISM_PARAM_INVALID", Code::unsupported},
    {CKR_OBJECT_HANDLE_INVALID, "CKR_OBJECT_HANDLE_INVALID", Code::unavailable},
    {CKR_OPERATION_ACTIVE, "CKR_OPERATION_ACTIVE"},
    {CKR_OPERATION_NOT_INITIALIZED, "CKR_OPERATION_NOT_INITIALIZED"},
    {CKR_PIN_INCORRECT, "CKR_PIN_INCORRECT", Code::not_authorized},
    {CKR_PIN_INVALID, "CKR_PIN_INVALID", Code::not_authorized},
    {CKR_PIN_LEN_RANGE, "CKR_PIN_LEN_RANGE", Code::not_authorized},
    {CKR_PIN_EXPIRED, "CKR_PIN_EXPIRED", Code::not_authorized},
    {CKR_PIN_LOCKED, "CKR_PIN_LOCKED", Code::not_authorized},
    {CKR_SESSION_CLOSED, "CKR_SESSION_CLOSED", Code::unavailable},
    {CKR_SESSION_COUNT, "CKR_SESSION_COUNT", Code::unavailable},
    {CKR_SESSION_HANDLE_INVALID, "CKR_SESSION_HANDLE_INVALID", Code::unavailable},
    {CKR_SESSION_READ_ONLY, "CKR_SESSION_READ_ONLY"},
    {CKR_TEMPLATE_INCOMPLETE, "CKR_TEMPLATE_INCOMPLETE", Code::unsupported},
    {CKR_TEMPLATE_INCONSISTENT, "CKR_TEMPLATE_INCONSISTENT", Code::unsupported},
    {CKR_TOKEN_NOT_PRESENT, "CKR_TOKEN_NOT_PRESENT", Code::unavailable},
    {CKR_TOKEN_NOT_RECOGNIZED, "CKR_TOKEN_NOT_RECOGNIZED", Code::unavailable},
    {CKR_TOKEN_WRITE_PROTECTED, "CKR_TOKEN_WRITE_PROTECTED", Code::refused},
    {CKR_USER_NOT_LOGGED_IN, "CKR_USER_NOT_LOGGED_IN", Code::not_authorized},
    {CKR_USER_PIN_NOT_INITIALIZED, "CKR_USER_PIN_NOT_INITIALIZED", Code::not_authorized},
    {CKR_USER_ANOTHER_ALREADY_LOGGED_IN, "CKR_USER_ANOTHER_ALREADY_LOGGED_IN", Code::not_authorized},
    {CKR_USER_TOO_MANY_TYPES, "CKR_USER_TOO_MANY_TYPES", Code::not_authorized},
    {CKR_DOMAIN_PARAMS_INVALID, "CKR_DOMAIN_PARAMS_INVALID", Code::unsupported},
    {CKR_CURVE_NOT_SUPPORTED, "CKR_CURVE_NOT_SUPPORTED", Code::unsupported},
    {CKR_BUFFER_TOO_SMALL, "CKR_BUFFER_TOO_SMALL"},
    {CKR_CRYPTOKI_NOT_INITIALIZED, "CKR_CRYPTOKI_NOT_INITIALIZED"},
    {CKR_FUNCTION_REJECTED, "CKR_FUNCTION_REJECTED", Code::declined},
};

Meaning const* meaning_of(CK_RV result) {
    for (auto const& meaning : meanings)
        if (meaning.result == result) return &meaning;
    return nullptr;
}

std::string hint_for(Code code) {
    switch (code) {
        case Code::unavailable:
            return "put the token in, then run the same command again";
        case Code::unsupported:
            return "choose another type of key, or another token";
        case Code::not_authorized:
            return "see to the token's PIN with its own tool";
        default:
            return "see what the token's own tool says of it";
    }
}

}  // namespace

std::string name_of(CK_RV result) {
    auto const* const meaning = meaning_of(result);
    return meaning != nullptr ? std::string(meaning->name) : fmt::format("CKR {:#x}", result);
}

void fail(CK_RV result, std::string_view what) {
    auto const* const meaning = meaning_of(result);
    auto const code = meaning != nullptr ? meaning->code : Code::internal;
    throw Error(code, fmt::format("{} failed: {}", what, name_of(result)), hint_for(code),
                {{"pkcs11", name_of(result)}});
}

std::shared_ptr<Module> Module::load(base::Path const& path) {
    static std::mutex mutex;
    static std::map<base::Path, std::weak_ptr<Module>> loaded;
    if (!path.is_absolute())
        throw Error(Code::usage, "a PKCS#11 module is named by its absolute path",
                    "write module-path=/usr/lib/…/module.so");
    std::lock_guard const lock(mutex);
    auto& known = loaded[path];
    auto module = known.lock();
    if (!module) {
        module.reset(new Module(path));
        known = module;
    }
    return module;
}

Module::Module(base::Path path) : m_path(std::move(path)), m_functions(load_functions(m_path)) {
    // Section 5.4: a program of several threads says so, or the module need not lock anything.
    CK_C_INITIALIZE_ARGS arguments{};
    arguments.flags = CKF_OS_LOCKING_OK;
    auto const result = m_functions->C_Initialize(&arguments);
    if (result == CKR_CRYPTOKI_ALREADY_INITIALIZED)
        m_started = Started::by_others;
    else if (result != CKR_OK)
        refuse(m_path, name_of(result));
}

Module::~Module() {
    if (m_started == Started::by_us) m_functions->C_Finalize(nullptr);
}

}  // namespace consortium::crypto::pkcs11
