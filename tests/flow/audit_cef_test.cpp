#include "core/flow/audit_cef.h"

#include <doctest/doctest.h>

using namespace consortium;

TEST_CASE("an entry is one line of the Common Event Format") {
    flow::AuditRow row;
    row.index = 17;
    row.type = "act";
    row.kind = "ballot";
    row.member = "globex";
    row.officer = "globex-gov";
    row.id = std::string(64, 'a');
    row.received = base::Instant::from_text("2026-11-02T12:00:00Z");
    CHECK(flow::cef_line(row, "consortium/acme/0a1b2c3d") ==
          "CEF:0|consortium|consortium|1|ballot|votes on a proposal|3|rt=1793620800000 externalId=17 cat=act "
          "deviceExternalId=consortium/acme/0a1b2c3d suser=globex-gov cs1Label=member cs1=globex "
          "cs2Label=act cs2=" +
              row.id);
}

TEST_CASE("what would end a field of the Common Event Format is escaped") {
    flow::AuditRow row;
    row.type = "event";
    row.kind = "a|b\\c=d\ne";
    row.officer = "x=y\\z\n1|2";
    auto const line = flow::cef_line(row, "log");
    // The header: pipe and backslash, no line feed; the extension: equals sign, backslash and line feed.
    CHECK(line.starts_with("CEF:0|consortium|consortium|1|a\\|b\\\\c=d"));
    CHECK(line.ends_with(" suser=x\\=y\\\\z\\n1|2"));
    CHECK(line.find('\n') == std::string::npos);
}
