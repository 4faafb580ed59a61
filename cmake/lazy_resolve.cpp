// Opens a library when its first function is called; see lazy_stubs.sh, which writes the tables.

#include <atomic>
#include <cstdint>
#include <cstring>
#include <dlfcn.h>
#include <iterator>
#include <unistd.h>

extern "C" {
extern std::atomic<void*> lazy_slots[];
extern std::uint8_t const lazy_libraries[];
extern char const lazy_names[];
extern char const lazy_sonames[];
void* lazy_resolve(std::uint64_t index) noexcept;
}

namespace {

constexpr int unsupported = 11;  // the exit status for what is missing here

char const* text_at(char const* texts, std::uint64_t index) {
    while (index-- > 0) texts += std::strlen(texts) + 1;
    return texts;
}

void say(char const* text) {
    [[maybe_unused]] auto const written = ::write(STDERR_FILENO, text, std::strlen(text));
}

[[noreturn]] void give_up(char const* soname) {
    say("consortium: cannot load ");
    say(soname);
    say("\n  hint: install the package that has it\n");
    ::_exit(unsupported);
}

// More libraries than are ever put off. Two threads that open one at the same time get the same handle.
std::atomic<void*> opened[16];

void* open_library(std::uint8_t number, char const* soname) {
    if (number >= std::size(opened)) return ::dlopen(soname, RTLD_LAZY | RTLD_LOCAL);
    void* library = opened[number];
    if (library == nullptr) {
        library = ::dlopen(soname, RTLD_LAZY | RTLD_LOCAL);  // kept open: nothing closes it
        opened[number] = library;
    }
    return library;
}

}  // namespace

void* lazy_resolve(std::uint64_t index) noexcept {
    char const* const soname = text_at(lazy_sonames, lazy_libraries[index]);
    void* const library = open_library(lazy_libraries[index], soname);
    void* const function = library == nullptr ? nullptr : ::dlsym(library, text_at(lazy_names, index));
    if (function == nullptr) give_up(soname);
    lazy_slots[index] = function;
    return function;
}
