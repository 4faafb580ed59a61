#pragma once

#include <p11-kit/pkcs11.h>
#include <string>

/// What a PKCS#11 module of our own does and was asked: one slot, the token 'fake' with the PIN 1234 and room
/// for one P-256 pair. A test says how it is to misbehave. tests/support/fake_pkcs11.cpp is the module.
struct FakePkcs11 {
    CK_FLAGS flags = CKF_LOGIN_REQUIRED | CKF_USER_PIN_INITIALIZED | CKF_TOKEN_INITIALIZED;
    CK_ULONG tokens = 1;         // how many slots hold it
    CK_ULONG claimed_slots = 0;  // if not 0: how many there are said to be
    CK_ULONG claimed_size = 0;   // if not 0: how long each value and signature is said to be
    CK_RV generate = CKR_OK;     // what these come back with
    CK_RV sign = CKR_OK;
    bool lies = false;        // signs something else
    bool gives_away = false;  // makes pairs that can be extracted
    int logins = 0, signatures = 0, sessions = 0, running = 0;
    std::string pin;  // the last one that was given
    bool has_pair = false;
};

/// The module's own: dlsym(module, "fake_pkcs11").
using FakePkcs11Of = FakePkcs11* (*)();
