#pragma once

#include "core/base/instant.h"

#include <optional>
#include <string>
#include <vector>

namespace consortium::flow {

/// What is published is listed under these headings, in this order.
enum class PageSection { roots, intermediates, links, bundle, lists, ssh };

struct PageRow {
    PageSection section;
    std::string path;
    std::string words;        // what it is
    std::string more = {};    // what it is for
    std::string digest = {};  // to compare
    std::optional<base::Instant> until = {};
};

/// The index of what `ca publish` writes: HTML of one file, without scripts.
std::string certificates_page(std::string const& title, std::vector<PageRow> const& rows,
                              std::size_t answers);

}  // namespace consortium::flow
