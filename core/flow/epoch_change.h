#pragma once

#include "core/model/epoch.h"
#include "core/port/certifier.h"

namespace consortium::flow {

/// One thing that becomes another.
struct ChangeItem {
    std::string place;          // pointer: "/member/umbrella", "/charter/decision/all/pass/min"
    std::string words;          // "member 'umbrella'"
    base::JsonValue now, next;  // null: not there
};

/// Every member, officer, network, release and trusted certificate that one epoch has and another has not or
/// has otherwise, and how many must agree afterwards. The charters are not compared.
std::vector<ChangeItem> epoch_changes(model::Epoch const& now, model::Epoch const& next,
                                      port::Certifier const& certifier);

/// The same of the charters.
std::vector<ChangeItem> charter_changes(model::Charter const& now, model::Charter const& next);

}  // namespace consortium::flow
