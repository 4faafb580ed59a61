#pragma once

#include "core/base/bytes.h"
#include "core/store/layout.h"

#include <string>

namespace consortium::store {

/// Every page of the database ends with eight bytes (SQLite's reserved bytes) that hold a checksum of the
/// rest, so that a changed bit is found also where no content check would see it: in free pages, in unused
/// space, in indexes. It guards against damage; against forgery there are the tree and its signed head.
inline constexpr int page_size = 16384;       // of this layout
inline constexpr int older_page_size = 4096;  // of layouts 1 and 2
inline constexpr int page_reserve = 8;

/// Each step is a bijection of the running value, so a difference within one eight-byte word always shows.
std::uint64_t page_checksum(base::BytesView page, std::uint64_t number);
/// That of layout 1: in one lane.
std::uint64_t first_page_checksum(base::BytesView page, std::uint64_t number);
using Checksum = std::uint64_t (*)(base::BytesView page, std::uint64_t number);
/// True for a page that carries its checksum, and for one of zeros only (allocated, never written).
bool page_holds(base::BytesView page, std::uint64_t number, Checksum checksum = page_checksum);
void seal_page(std::span<std::uint8_t> page, std::uint64_t number, Checksum checksum = page_checksum);

/// How the pages of a layout are.
struct PageForm {
    int size;
    Checksum checksum;
};
/// Of a layout from 1 to layout_version.
PageForm const& page_form(int layout);
/// Registers, once for each layout from 1 to layout_version, the file layer that seals the pages of main
/// databases on each write and checks them on each read; returns its name for sqlite3_open_v2. A page that
/// does not hold reads as SQLITE_IOERR_DATA.
std::string const& page_file_layer(int layout);

/// The layout that a database's first page says it is of, whether or not it holds: as the file says before
/// its pages can be checked, since those of another layout are of another form.
inline constexpr std::size_t layout_header_size = 64;
std::uint32_t layout_in_header(std::span<std::uint8_t const, layout_header_size> header);

/// The number of the last page that did not hold in this thread; zero: none. Reading it resets it.
std::uint64_t take_damaged_page();
/// The layout that the first page of the same database says it is of; zero: that does not hold itself.
/// Reading it resets it.
std::uint32_t take_damaged_layout();

}  // namespace consortium::store
