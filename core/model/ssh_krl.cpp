#include "core/model/ssh_krl.h"

#include "core/base/error.h"
#include "core/model/ssh_key.h"

#include <algorithm>

namespace consortium::model {

using base::Bytes;
using base::BytesView;

namespace {

constexpr std::string_view magic{"SSHKRL\n\0", 8};
constexpr std::uint32_t format = 1;
constexpr std::uint8_t certificates = 1, explicit_keys = 2, serial_list = 0x20;

void append_section(Bytes& out, std::uint8_t type, BytesView data) {
    out.push_back(type);
    append_ssh_string(out, data);
}

Bytes serial_section(Bytes const& authority, std::set<std::uint64_t> const& serials) {
    Bytes list;
    for (auto const serial : serials) base::append_u64(list, serial);
    Bytes out;
    append_ssh_string(out, authority);
    append_ssh_string(out, std::string_view());  // reserved
    append_section(out, serial_list, list);
    return out;
}

void require(bool holds) {
    if (!holds) throw base::Error(base::Code::malformed, "not a key revocation list as it is written here");
}

std::uint8_t read_octet(SshReader& in) {
    auto const octet = in.take(1);
    require(octet.size() == 1);
    return octet[0];
}

void read_serials(BytesView section, SshKrl& out) {
    SshReader in(section);
    auto const authority = in.string();
    require(in.string().empty() && read_octet(in) == serial_list);
    SshReader list(in.string());
    auto& serials = out.serials[Bytes(authority.begin(), authority.end())];
    require(in.done() && serials.empty());
    while (!list.done()) {
        auto const serial = list.long_integer();
        require(!list.failed() && (serials.empty() || *serials.rbegin() < serial));
        serials.insert(serial);
    }
    require(!serials.empty());
}

void read_keys(BytesView section, SshKrl& out) {
    require(out.keys.empty() && !section.empty());
    SshReader in(section);
    while (!in.done()) {
        auto const key = in.string();
        require(!in.failed());
        out.keys.emplace(key.begin(), key.end());
    }
}

}  // namespace

Bytes write_ssh_krl(SshKrl const& krl) {
    auto out = base::to_bytes(magic);
    append_ssh_integer(out, format);
    base::append_u64(out, krl.version);
    base::append_u64(out, static_cast<std::uint64_t>(krl.generated.seconds));
    base::append_u64(out, 0);                    // flags
    append_ssh_string(out, std::string_view());  // reserved
    append_ssh_string(out, krl.comment);
    for (auto const& [authority, serials] : krl.serials)
        append_section(out, certificates, serial_section(authority, serials));
    Bytes keys;
    for (auto const& key : krl.keys) append_ssh_string(keys, key);
    if (!keys.empty()) append_section(out, explicit_keys, keys);
    return out;
}

SshKrl read_ssh_krl(BytesView bytes) {
    SshReader in(bytes);
    SshKrl out;
    require(base::as_text(in.take(magic.size())) == magic && in.integer() == format);
    out.version = in.long_integer();
    out.generated.seconds = static_cast<std::int64_t>(in.long_integer());
    require(in.long_integer() == 0 && in.string().empty());
    out.comment = in.text();
    while (!in.done()) {
        auto const type = read_octet(in);
        auto const section = in.string();
        require(!in.failed() && (type == certificates || type == explicit_keys));
        if (type == certificates)
            read_serials(section, out);
        else
            read_keys(section, out);
    }
    require(std::ranges::equal(write_ssh_krl(out), bytes));
    return out;
}

}  // namespace consortium::model
