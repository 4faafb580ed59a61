#pragma once

#include "core/flow/services.h"

/// What a test puts in the place of a service; null: the real one stays.
struct Instead {
    consortium::port::Keyring* keys = nullptr;
    consortium::port::Store* store = nullptr;
    consortium::port::Progress* progress = nullptr;
};

inline consortium::flow::Services services_with(consortium::flow::Services const& real,
                                                Instead const& instead) {
    return {
        .clock = real.clock,
        .entropy = real.entropy,
        .verifier = real.verifier,
        .keys = instead.keys != nullptr ? *instead.keys : real.keys,
        .store = instead.store != nullptr ? *instead.store : real.store,
        .certifier = real.certifier,
        .progress = instead.progress != nullptr ? *instead.progress : real.progress,
        .driver = real.driver,
        .exchange = real.exchange,
        .renderer = real.renderer,
        .report_template = real.report_template,
        .journal_at = real.journal_at,
        .new_passphrase = real.new_passphrase,
        .vault = real.vault,
        .courier = real.courier,
        .custody = real.custody,
    };
}
