#include "tests/support/fake_pkcs11.h"

#include <algorithm>
#include <cstring>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <vector>

namespace {

using Value = std::vector<unsigned char>;

constexpr CK_OBJECT_HANDLE public_half = 1, private_half = 2;

FakePkcs11 fake;
EVP_PKEY* pair = nullptr;
Value pair_id;
CK_OBJECT_HANDLE found = 0;

CK_RV initialize(void*) {
    ++fake.running;
    return CKR_OK;
}
CK_RV finalize(void*) {
    --fake.running;
    return CKR_OK;
}

CK_RV get_slot_list(CK_BBOOL, CK_SLOT_ID* slots, CK_ULONG* count) {
    auto const room = *count;
    *count = fake.claimed_slots != 0 ? fake.claimed_slots : fake.tokens;
    for (CK_ULONG i = 0; slots != nullptr && i < std::min(room, fake.tokens); ++i) slots[i] = i;
    return CKR_OK;
}

CK_RV get_token_info(CK_SLOT_ID slot, CK_TOKEN_INFO* info) {
    std::memset(info, ' ', sizeof *info);
    std::memcpy(info->label, "fake", 4);
    info->serialNumber[0] = static_cast<unsigned char>('0' + slot);
    info->flags = fake.flags;
    info->ulMinPinLen = 4;
    info->ulMaxPinLen = 8;
    return CKR_OK;
}

CK_RV open_session(CK_SLOT_ID, CK_FLAGS, void*, CK_NOTIFY, CK_SESSION_HANDLE* session) {
    ++fake.sessions;
    *session = 7;
    return CKR_OK;
}
CK_RV close_session(CK_SESSION_HANDLE) {
    --fake.sessions;
    return CKR_OK;
}
CK_RV login(CK_SESSION_HANDLE, CK_USER_TYPE, unsigned char* pin, CK_ULONG size) {
    ++fake.logins;
    fake.pin.assign(pin, pin + size);
    if (fake.pin == "1234") return CKR_OK;
    fake.flags |= CKF_USER_PIN_COUNT_LOW;
    return CKR_PIN_INCORRECT;
}
CK_RV logout(CK_SESSION_HANDLE) {
    return CKR_OK;
}

Value value_of(CK_ATTRIBUTE const& attribute) {
    auto const* const start = static_cast<unsigned char const*>(attribute.pValue);
    return {start, start + attribute.ulValueLen};
}

CK_RV find_init(CK_SESSION_HANDLE, CK_ATTRIBUTE* wanted, CK_ULONG count) {
    found = 0;
    for (CK_ULONG i = 0; i < count; ++i) {
        if (wanted[i].type == CKA_CLASS)
            found = value_of(wanted[i])[0] == CKO_PRIVATE_KEY ? private_half : public_half;
        if (wanted[i].type == CKA_ID && value_of(wanted[i]) != pair_id) found = 0;
    }
    if (!fake.has_pair) found = 0;
    return CKR_OK;
}
CK_RV find(CK_SESSION_HANDLE, CK_OBJECT_HANDLE* objects, CK_ULONG, CK_ULONG* count) {
    objects[0] = found;
    *count = found != 0 ? 1 : 0;
    return CKR_OK;
}
CK_RV find_final(CK_SESSION_HANDLE) {
    return CKR_OK;
}

Value point() {
    Value out(67);
    out[0] = 4;  // OCTET STRING of 65 octets
    out[1] = 65;
    std::size_t size = 0;
    EVP_PKEY_get_octet_string_param(pair, OSSL_PKEY_PARAM_PUB_KEY, out.data() + 2, 65, &size);
    return out;
}

Value attribute_of(CK_ATTRIBUTE_TYPE type) {
    Value number(sizeof(CK_ULONG));
    number[0] = CKK_EC;
    switch (type) {
        case CKA_KEY_TYPE:
            return number;
        case CKA_EC_PARAMS:
            return {0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
        case CKA_EC_POINT:
            return point();
        case CKA_ID:
            return pair_id;
        case CKA_EXTRACTABLE:
            return {static_cast<unsigned char>(fake.gives_away ? 1 : 0)};
        default:
            return {1};
    }
}

CK_RV get_attribute(CK_SESSION_HANDLE, CK_OBJECT_HANDLE, CK_ATTRIBUTE* wanted, CK_ULONG) {
    auto const value = attribute_of(wanted->type);
    if (wanted->ulValueLen < value.size()) return CKR_BUFFER_TOO_SMALL;
    std::copy(value.begin(), value.end(), static_cast<unsigned char*>(wanted->pValue));
    wanted->ulValueLen = fake.claimed_size != 0 ? fake.claimed_size : value.size();
    return CKR_OK;
}

CK_RV generate(CK_SESSION_HANDLE, CK_MECHANISM*, CK_ATTRIBUTE* wanted, CK_ULONG count, CK_ATTRIBUTE*,
               CK_ULONG, CK_OBJECT_HANDLE* made_public, CK_OBJECT_HANDLE* made_private) {
    if (fake.generate != CKR_OK) return fake.generate;
    EVP_PKEY_free(pair);
    pair = EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256");
    for (CK_ULONG i = 0; i < count; ++i)
        if (wanted[i].type == CKA_ID) pair_id = value_of(wanted[i]);
    fake.has_pair = true;
    *made_public = public_half;
    *made_private = private_half;
    return CKR_OK;
}
CK_RV destroy(CK_SESSION_HANDLE, CK_OBJECT_HANDLE) {
    fake.has_pair = false;
    return CKR_OK;
}

CK_RV sign_init(CK_SESSION_HANDLE, CK_MECHANISM* mechanism, CK_OBJECT_HANDLE key) {
    return mechanism->mechanism == CKM_ECDSA && key == private_half ? CKR_OK : CKR_MECHANISM_INVALID;
}

CK_RV sign(CK_SESSION_HANDLE, unsigned char* data, CK_ULONG size, unsigned char* signature, CK_ULONG* room) {
    ++fake.signatures;
    if (fake.sign != CKR_OK) return fake.sign;
    Value hash(data, data + size);
    if (fake.lies) hash[0] ^= 1U;
    Value der(80);
    std::size_t length = der.size();
    auto* const context = EVP_PKEY_CTX_new(pair, nullptr);
    EVP_PKEY_sign_init(context);
    EVP_PKEY_sign(context, der.data(), &length, hash.data(), hash.size());
    EVP_PKEY_CTX_free(context);
    auto const* cursor = static_cast<unsigned char const*>(der.data());
    auto* const numbers = d2i_ECDSA_SIG(nullptr, &cursor, static_cast<long>(length));
    if (*room < 64) return CKR_BUFFER_TOO_SMALL;
    BN_bn2binpad(ECDSA_SIG_get0_r(numbers), signature, 32);
    BN_bn2binpad(ECDSA_SIG_get0_s(numbers), signature + 32, 32);
    ECDSA_SIG_free(numbers);
    *room = fake.claimed_size != 0 ? fake.claimed_size : 64;
    return CKR_OK;
}

CK_FUNCTION_LIST whole() {
    CK_FUNCTION_LIST list{};
    list.version = {2, 40};
    list.C_Initialize = initialize;
    list.C_Finalize = finalize;
    list.C_GetSlotList = get_slot_list;
    list.C_GetTokenInfo = get_token_info;
    list.C_OpenSession = open_session;
    list.C_CloseSession = close_session;
    list.C_Login = login;
    list.C_Logout = logout;
    list.C_FindObjectsInit = find_init;
    list.C_FindObjects = find;
    list.C_FindObjectsFinal = find_final;
    list.C_GetAttributeValue = get_attribute;
    list.C_GenerateKeyPair = generate;
    list.C_DestroyObject = destroy;
    list.C_SignInit = sign_init;
    list.C_Sign = sign;
    return list;
}

}  // namespace

extern "C" {

FakePkcs11* fake_pkcs11() {
    return &fake;
}

CK_RV C_GetFunctionList(CK_FUNCTION_LIST** list) {
    static CK_FUNCTION_LIST functions = whole();
    *list = &functions;
    return CKR_OK;
}
}
