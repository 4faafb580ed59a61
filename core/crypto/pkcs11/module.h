#pragma once

#include "core/base/file.h"

#include <memory>
#include <p11-kit/pkcs11.h>
#include <string>
#include <string_view>

namespace consortium::crypto::pkcs11 {

/// A PKCS#11 module: somebody else's shared library, which is believed nothing.
class Module {
public:
    /// Loads and initializes it, once a process while somebody holds it. Throws Error(usage) for a path that
    /// is not absolute, Error(unsupported) for what is no module.
    static std::shared_ptr<Module> load(base::Path const& path);
    ~Module();
    Module(Module const&) = delete;
    Module& operator=(Module const&) = delete;

    CK_FUNCTION_LIST const& functions() const { return *m_functions; }
    base::Path const& path() const { return m_path; }

private:
    explicit Module(base::Path path);
    base::Path m_path;
    CK_FUNCTION_LIST* m_functions = nullptr;
    enum class Started { by_us, by_others } m_started = Started::by_us;
};

/// "CKR_DEVICE_REMOVED", or the number of one that is unknown.
std::string name_of(CK_RV result);

/// An Error that says what failed, by the module's own name for why: unavailable for a token that is gone,
/// not_authorized for one that does not let us, unsupported for what it cannot do, else internal.
[[noreturn]] void fail(CK_RV result, std::string_view what);
inline void need_ok(CK_RV result, std::string_view what) {
    if (result != CKR_OK) fail(result, what);
}

}  // namespace consortium::crypto::pkcs11
