#include "tests/support/data_folder.h"

namespace consortium::test {

std::string const& data_folder() {
    static std::string const folder = CONSORTIUM_TEST_DATA;
    return folder;
}

}  // namespace consortium::test
