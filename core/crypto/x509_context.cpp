#include "core/crypto/x509_context.h"

#include "core/crypto/openssl.h"

#include <openssl/core_dispatch.h>
#include <openssl/provider.h>
#include <string_view>
#include <vector>

namespace consortium::crypto {

namespace {

using ProviderPtr = std::unique_ptr<OSSL_PROVIDER, FreeWith<OSSL_PROVIDER_unload>>;
using ContextPtr = std::unique_ptr<OSSL_LIB_CTX, FreeWith<OSSL_LIB_CTX_free>>;

/// "EC:id-ecPublicKey:1.2.840.10045.2.1"
bool is_certified(OSSL_ALGORITHM const& each) {
    std::string_view const names = each.algorithm_names;
    auto const name = names.substr(0, names.find(':'));
    return name == "EC" || name == "ED25519" || name == "RSA";
}

/// "provider=default,fips=yes,input=der,structure=SubjectPublicKeyInfo"
bool is_decoder(OSSL_ALGORITHM const& each) {
    std::string_view const form = each.property_definition;
    return is_certified(each) && form.find("structure=SubjectPublicKeyInfo") != std::string_view::npos;
}

/// The default provider under another name, with fewer decoders.
class Selection {
public:
    static Selection& one() {
        static Selection selection;
        return selection;
    }
    OSSL_LIB_CTX* context() const { return m_context.get(); }

private:
    Selection() : m_whole(OSSL_PROVIDER_load(nullptr, "default")), m_context(OSSL_LIB_CTX_new()) {
        if (!m_whole || !m_context || !select()) m_context.reset();
    }

    bool select() {
        m_decoders = selected(OSSL_OP_DECODER, is_decoder);
        m_keys = selected(OSSL_OP_KEYMGMT, is_certified);
        s_selection = this;
        if (OSSL_PROVIDER_add_builtin(m_context.get(), "selection", &begin) != 1) return false;
        m_selected.reset(OSSL_PROVIDER_load(m_context.get(), "selection"));
        return m_selected != nullptr;
    }

    std::vector<OSSL_ALGORITHM> selected(int operation, bool (*is_wanted)(OSSL_ALGORITHM const&)) const {
        std::vector<OSSL_ALGORITHM> out;
        int no_cache = 0;
        auto const* each = OSSL_PROVIDER_query_operation(m_whole.get(), operation, &no_cache);
        for (; each != nullptr && each->algorithm_names != nullptr; ++each)
            if (is_wanted(*each)) out.push_back(*each);
        out.push_back({});  // their end
        return out;
    }

    static OSSL_ALGORITHM const* query(void* /*context*/, int operation, int* no_cache) {
        *no_cache = 0;
        if (operation == OSSL_OP_DECODER) return s_selection->m_decoders.data();
        if (operation == OSSL_OP_KEYMGMT) return s_selection->m_keys.data();
        return OSSL_PROVIDER_query_operation(s_selection->m_whole.get(), operation, no_cache);
    }

    static int begin(OSSL_CORE_HANDLE const* /*handle*/, OSSL_DISPATCH const* /*core*/,
                     OSSL_DISPATCH const** functions, void** context) {
        static OSSL_DISPATCH const table[] = {{OSSL_FUNC_PROVIDER_QUERY_OPERATION,
                                               reinterpret_cast<void (*)()>(&query)},  // NOLINT: C interface
                                              {0, nullptr}};
        *functions = table;
        // What it hands out is the default provider's, and works with that one's own state.
        *context = OSSL_PROVIDER_get0_provider_ctx(s_selection->m_whole.get());
        return 1;
    }

    static inline Selection* s_selection = nullptr;
    ProviderPtr m_whole;
    std::vector<OSSL_ALGORITHM> m_decoders, m_keys;
    ContextPtr m_context;
    ProviderPtr m_selected;  // last: unloaded before its context ends
};

}  // namespace

OSSL_LIB_CTX* certificate_context() {
    return Selection::one().context();
}

}  // namespace consortium::crypto
