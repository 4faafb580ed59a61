#pragma once

#include "core/crypto/keccak.h"
#include "core/driver/evm/abi.h"
#include "core/driver/evm/contract.h"
#include "core/driver/evm/rlp.h"
#include "tests/driver/recording.h"

namespace consortium::test {

/// What was asked of the recorded node that runs proxies and a timelock, and what it answered.
class Exchanges {
public:
    Exchanges() : m_recording("proxy.jsonl") {}

    base::Json const& line(std::size_t number) const { return m_recording.lines().at(number - 1); }
    base::Json const& result(std::size_t number) const { return line(number).at("response").at("result"); }
    std::string text(std::size_t number) const { return result(number).get<std::string>(); }
    base::Bytes data(std::size_t number) const { return driver::evm::read_data(text(number), "a result"); }
    /// The data of an eth_call.
    base::Bytes call(std::size_t number) const {
        return driver::evm::read_data(line(number)["params"][0]["data"].get<std::string>(), "a call");
    }
    /// The data of a transaction of type 2 (EIP-1559) that was sent raw: its eighth field.
    base::Bytes sent(std::size_t number) const {
        auto const raw =
            driver::evm::read_data(line(number)["params"][0].get<std::string>(), "a transaction");
        auto const items =
            driver::evm::rlp::items(driver::evm::rlp::read(base::BytesView(raw).subspan(1)), 20);
        return {items.at(7).content.begin(), items.at(7).content.end()};
    }
    base::Json const& block(std::string const& number) const { return m_recording.blocks().at(number); }

private:
    Recording m_recording;
};

inline std::string proxy_build_text() {
    return base::read_text(base::Path(data_folder()) / "evm" / "proxy-build.json", 1u << 20);
}

/// The contracts of the recording.
namespace at {
inline std::string const timelock = "0x5fbdb2315678afecb367f032d93f642f64180aa3";
inline std::string const v1 = "0xe7f1725e7734ce288f8367e1bb143e90bb3f0512";
inline std::string const v2 = "0x9fe46736679d2d9a65f0992f2272de9f3c7fa6e0";
inline std::string const v2_other = "0xcf7ed3acca5a467e9e704c703e8d87f634fb0fc9";
inline std::string const proxy = "0xdc64a140aa3e981100a9beca4e685f962f0cf6c9";
inline std::string const transparent = "0x5fc8d32690cc91d4c39d9d3abcbd16989f875707";
inline std::string const proxy_admin = "0x61c36a8d610163660e21a8b7359e1cac0c9133e1";
inline std::string const beacon = "0x0165878a594ca255338adfa4d48449f69242eb8f";
inline std::string const beacon_proxy = "0xa513e6e4b8f2a923d98304ec87f64353c4d5c853";
inline std::string const sender = "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266";
}  // namespace at

}  // namespace consortium::test
