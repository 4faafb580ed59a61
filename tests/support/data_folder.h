#pragma once

#include <string>

namespace consortium::test {

/// The folder tests/data of this checkout. One file of code knows it: all others are the same in every
/// checkout, so that what one has compiled the next one finds.
std::string const& data_folder();

}  // namespace consortium::test
