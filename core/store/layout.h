#pragma once

namespace consortium::store {

/// The layout of the database (SQLite's user_version). A journal of an older one is migrated, a newer one
/// refused (Error(too_new)).
///   1  pages of 4,096 bytes, their checksum in one lane
///   2  pages of 4,096 bytes; private parts of acts ("sealed")
///   3  pages of 16,384 bytes
inline constexpr int layout_version = 3;

}  // namespace consortium::store
