#include "core/driver/http/curl.h"

#include "core/base/error.h"

#include <dlfcn.h>
#include <string>

namespace consortium::driver::http {

namespace {

[[noreturn]] void missing(std::string const& why) {
    throw base::Error(base::Code::unsupported, "cannot load libcurl: " + why, "install the package libcurl4");
}

template <typename Function>
void find(void* library, char const* name, Function& function) {
    function = reinterpret_cast<Function>(dlsym(library, name));
    if (function == nullptr) missing(std::string("it has no function '") + name + "'");
}

Curl load() {
    // Never closed: libcurl and what it loads keep state that must outlive us.
    void* library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
        char const* why = dlerror();
        missing(why != nullptr ? why : "unknown reason");
    }
    Curl c{};
    find(library, "curl_global_init", c.global_init);
    find(library, "curl_easy_init", c.easy_init);
    find(library, "curl_easy_setopt", c.easy_setopt);
    find(library, "curl_easy_getinfo", c.easy_getinfo);
    find(library, "curl_easy_strerror", c.easy_strerror);
    find(library, "curl_easy_cleanup", c.easy_cleanup);
    find(library, "curl_slist_append", c.slist_append);
    find(library, "curl_slist_free_all", c.slist_free_all);
    find(library, "curl_multi_init", c.multi_init);
    find(library, "curl_multi_setopt", c.multi_setopt);
    find(library, "curl_multi_add_handle", c.multi_add_handle);
    find(library, "curl_multi_remove_handle", c.multi_remove_handle);
    find(library, "curl_multi_perform", c.multi_perform);
    find(library, "curl_multi_poll", c.multi_poll);
    find(library, "curl_multi_info_read", c.multi_info_read);
    find(library, "curl_multi_cleanup", c.multi_cleanup);
    if (c.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) missing("it does not start");
    return c;
}

}  // namespace

Curl const& curl() {
    static Curl const loaded = load();
    return loaded;
}

}  // namespace consortium::driver::http
