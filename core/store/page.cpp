#include "core/store/page.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <sqlite3.h>
#include <utility>

namespace consortium::store {

namespace {

constexpr int header_size = 100;
/// The bytes of a database header that never change in ours: the name of the format, and behind the page size
/// both format versions (1: rollback journal), reserved bytes (8), payload fractions.
constexpr std::string_view format_name("SQLite format 3\0", 16);
constexpr std::uint8_t fixed_header[] = {1, 1, page_reserve, 64, 32, 32};
constexpr std::size_t page_size_at = format_name.size();
constexpr std::size_t fixed_header_at = page_size_at + 2;

thread_local std::uint64_t damaged_page = 0;
thread_local std::uint32_t damaged_layout = 0;
constexpr std::size_t layout_offset = 60;  // of user_version in SQLite's header, big-endian

/// What SQLite allocates for an open database: this, with the file of the layer below right behind it.
struct PageFile {
    sqlite3_file file;
    PageForm const* form;
    std::uint32_t layout;  // as the first page says that was read last
};

sqlite3_file* below(sqlite3_file* file) {
    return reinterpret_cast<sqlite3_file*>(reinterpret_cast<PageFile*>(file) + 1);
}

PageForm const& form_of(sqlite3_file* file) {
    return *reinterpret_cast<PageFile*>(file)->form;
}

bool is_page(PageForm const& form, int amount, sqlite3_int64 offset) {
    return amount == form.size && offset % form.size == 0;
}

std::uint64_t number_at(PageForm const& form, sqlite3_int64 offset) {
    return static_cast<std::uint64_t>(offset / form.size) + 1;
}

int damaged(sqlite3_file* file, std::uint64_t number) {
    damaged_page = number;
    damaged_layout = reinterpret_cast<PageFile*>(file)->layout;
    return SQLITE_IOERR_DATA;
}

void note_layout(sqlite3_file* file, base::BytesView header) {
    reinterpret_cast<PageFile*>(file)->layout = layout_in_header(header.first<layout_header_size>());
}

/// The header is read before the page size is known, and without a lock: only what never changes in it can be
/// checked here. The whole first page is checked when it is read.
int check_header(sqlite3_file* file, base::BytesView header) {
    if (!base::as_text(header).starts_with(format_name)) return damaged(file, 1);
    auto const size = static_cast<int>(base::read_u16(header.subspan(page_size_at, 2)));
    if (size != form_of(file).size) {
        note_layout(file, header);  // its pages cannot be read: what it says may be why
        return damaged(file, 1);
    }
    bool const fixed =
        std::ranges::equal(fixed_header, header.subspan(fixed_header_at).first(sizeof fixed_header));
    return fixed ? SQLITE_OK : damaged(file, 1);
}

int read(sqlite3_file* file, void* out, int amount, sqlite3_int64 offset) {
    int const code = below(file)->pMethods->xRead(below(file), out, amount, offset);
    if (code != SQLITE_OK) return code;
    base::BytesView const bytes(static_cast<std::uint8_t const*>(out), static_cast<std::size_t>(amount));
    auto const& form = form_of(file);
    if (!is_page(form, amount, offset))
        return offset == 0 && amount >= header_size ? check_header(file, bytes) : SQLITE_OK;
    auto const number = number_at(form, offset);
    if (!page_holds(bytes, number, form.checksum)) return damaged(file, number);
    if (number == 1) note_layout(file, bytes);
    return SQLITE_OK;
}

int write(sqlite3_file* file, void const* in, int amount, sqlite3_int64 offset) {
    auto const& form = form_of(file);
    if (!is_page(form, amount, offset)) return below(file)->pMethods->xWrite(below(file), in, amount, offset);
    std::uint8_t page[page_size];  // no layout has larger ones
    std::memcpy(page, in, static_cast<std::size_t>(amount));
    seal_page(std::span(page).first(static_cast<std::size_t>(amount)), number_at(form, offset),
              form.checksum);
    return below(file)->pMethods->xWrite(below(file), page, amount, offset);
}

int close(sqlite3_file* file) {
    return below(file)->pMethods->xClose(below(file));
}
int truncate(sqlite3_file* file, sqlite3_int64 size) {
    return below(file)->pMethods->xTruncate(below(file), size);
}
int sync(sqlite3_file* file, int flags) {
    return below(file)->pMethods->xSync(below(file), flags);
}
int file_size(sqlite3_file* file, sqlite3_int64* size) {
    return below(file)->pMethods->xFileSize(below(file), size);
}
int lock(sqlite3_file* file, int level) {
    return below(file)->pMethods->xLock(below(file), level);
}
int unlock(sqlite3_file* file, int level) {
    return below(file)->pMethods->xUnlock(below(file), level);
}
int reserved(sqlite3_file* file, int* out) {
    return below(file)->pMethods->xCheckReservedLock(below(file), out);
}
int control(sqlite3_file* file, int operation, void* argument) {
    return below(file)->pMethods->xFileControl(below(file), operation, argument);
}
int sector_size(sqlite3_file* file) {
    return below(file)->pMethods->xSectorSize(below(file));
}
int characteristics(sqlite3_file* file) {
    return below(file)->pMethods->xDeviceCharacteristics(below(file));
}

/// Version 1: no memory mapping and no shared memory, which would read pages past the check.
sqlite3_io_methods const methods = {
    1,       close,    read,    write,       truncate,        sync,    file_size, lock,
    unlock,  reserved, control, sector_size, characteristics, nullptr, nullptr,   nullptr,
    nullptr, nullptr,  nullptr,
};

sqlite3_vfs* system_layer() {
    // Before SQLite is used for the first time: it would count every allocation, under a lock.
    static int const uncounted = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    static_cast<void>(uncounted);
    return sqlite3_vfs_find(nullptr);
}

template <int layout>
int open(sqlite3_vfs*, char const* name, sqlite3_file* file, int flags, int* out_flags) {
    auto* system = static_cast<sqlite3_vfs*>(sqlite3_vfs_find("unix"));
    if ((flags & SQLITE_OPEN_MAIN_DB) == 0) return system->xOpen(system, name, file, flags, out_flags);
    file->pMethods = nullptr;
    reinterpret_cast<PageFile*>(file)->form = &page_form(layout);
    reinterpret_cast<PageFile*>(file)->layout = 0;
    int const code = system->xOpen(system, name, below(file), flags, out_flags);
    if (code == SQLITE_OK) file->pMethods = &methods;
    return code;
}

std::uint64_t step(std::uint64_t value, std::uint64_t word) {
    return std::rotl((value ^ word) * 0x9e3779b97f4a7c15, 29);
}

std::uint64_t word_of(base::BytesView page, std::size_t at) {
    std::uint64_t word = 0;
    std::memcpy(&word, page.data() + at, 8);
    return std::endian::native == std::endian::big ? __builtin_bswap64(word) : word;
}

constexpr std::uint64_t first_value = 0x636f6e736f727469;

/// The first page has the same in every layout, so that what it says of the layout can be believed.
Checksum checksum_for(std::uint64_t number, Checksum checksum) {
    return number == 1 ? first_page_checksum : checksum;
}

constexpr std::array<PageForm, layout_version> forms{
    {{older_page_size, first_page_checksum}, {older_page_size, page_checksum}, {page_size, page_checksum}}};

/// Registers the file layer of a layout. Everything but opening is the system's own.
template <int layout>
std::string const& layer() {
    static std::string const name = "consortium-" + std::to_string(layout);
    static sqlite3_vfs made = [] {
        auto layer = *system_layer();
        layer.pNext = nullptr;
        layer.zName = name.c_str();
        layer.szOsFile = static_cast<int>(sizeof(PageFile)) + system_layer()->szOsFile;
        layer.xOpen = open<layout>;
        return layer;
    }();
    static int const registered = sqlite3_vfs_register(&made, 0);
    static_cast<void>(registered);
    return name;
}

}  // namespace

std::uint64_t page_checksum(base::BytesView page, std::uint64_t number) {
    // Four at once: each step waits for the one before it.
    auto const word_at = [&](std::size_t at) { return word_of(page, at); };
    std::uint64_t lanes[4] = {first_value ^ number, 1, 2, 3};
    std::size_t at = 0;
    auto const end = page.size() - page_reserve;
    for (; at + 32 <= end; at += 32)
        for (std::size_t lane = 0; lane < 4; ++lane) lanes[lane] = step(lanes[lane], word_at(at + 8 * lane));
    for (std::size_t lane = 0; at + 8 <= end; at += 8, ++lane) lanes[lane] = step(lanes[lane], word_at(at));
    auto const value = step(step(step(lanes[0], lanes[1]), lanes[2]), lanes[3]);
    return value ^ (value >> 32);
}

std::uint64_t first_page_checksum(base::BytesView page, std::uint64_t number) {
    std::uint64_t value = first_value ^ number;
    for (std::size_t at = 0; at + 8 <= page.size() - page_reserve; at += 8)
        value = step(value, word_of(page, at));
    return value ^ (value >> 32);
}

bool page_holds(base::BytesView page, std::uint64_t number, Checksum checksum) {
    auto const stored = base::read_u64(page.last(page_reserve));
    if (stored == checksum_for(number, checksum)(page, number)) return true;
    return stored == 0 && std::ranges::all_of(page, [](std::uint8_t byte) { return byte == 0; });
}

void seal_page(std::span<std::uint8_t> page, std::uint64_t number, Checksum checksum) {
    base::Bytes sealed;
    base::append_u64(sealed, checksum_for(number, checksum)(page, number));
    std::ranges::copy(sealed, page.last(page_reserve).begin());
}

PageForm const& page_form(int layout) {
    return forms.at(static_cast<std::size_t>(layout - 1));
}

std::string const& page_file_layer(int layout) {
    using Register = std::string const& (*)();
    constexpr std::array<Register, layout_version> layers{layer<1>, layer<2>, layer<3>};
    return layers.at(static_cast<std::size_t>(layout - 1))();
}

std::uint32_t layout_in_header(std::span<std::uint8_t const, layout_header_size> header) {
    std::uint32_t layout = 0;
    for (auto const byte : header.subspan<layout_offset>()) layout = layout << 8U | byte;
    return layout;
}

std::uint64_t take_damaged_page() {
    return std::exchange(damaged_page, 0);
}

std::uint32_t take_damaged_layout() {
    return std::exchange(damaged_layout, 0);
}

}  // namespace consortium::store
