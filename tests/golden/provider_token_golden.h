#pragma once

#include <string_view>

/// Provider tokens of team TEAM000001 and key KEY0000001, issued at 2025-01-01T00:00:00Z. The key
/// is the public example of RFC 6979 section A.2.5. Header and claims were put together by hand,
/// and signed by `openssl dgst -sha256 -sign` (3.0), whose DER was cut into R and S for all but
/// one.
namespace apns::golden {

// AuthKey_KEY0000001.p8: the key as `openssl pkcs8 -topk8 -nocrypt` writes it.
inline constexpr std::string_view kP8 =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgya+p2EW6dRZrXCFX\n"
    "Z7HWk05Qw9s26JsSe4piKxIPZyGhRANCAARg/tS6JVqdMclh63TGNW1owEm4kjth\n"
    "+mzmaWIuYPKftnkD/hAIuLyZpBrp6VYovGTy8bIMLX6fUXejwpTURiKZ\n"
    "-----END PRIVATE KEY-----\n";

// Its public half.
inline constexpr std::string_view kPublicKey =
    "-----BEGIN PUBLIC KEY-----\n"
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEYP7UuiVanTHJYet0xjVtaMBJuJI7\n"
    "Yfps5mliLmDyn7Z5A/4QCLi8maQa6elWKLxk8vGyDC1+n1F3o8KU1EYimQ==\n"
    "-----END PUBLIC KEY-----\n";

// The same in the older form.
inline constexpr std::string_view kSec1Key =
    "-----BEGIN EC PRIVATE KEY-----\n"
    "MHcCAQEEIMmvqdhFunUWa1whV2ex1pNOUMPbNuibEnuKYisSD2choAoGCCqGSM49\n"
    "AwEHoUQDQgAEYP7UuiVanTHJYet0xjVtaMBJuJI7Yfps5mliLmDyn7Z5A/4QCLi8\n"
    "maQa6elWKLxk8vGyDC1+n1F3o8KU1EYimQ==\n"
    "-----END EC PRIVATE KEY-----\n";

// The same behind a password.
inline constexpr std::string_view kEncryptedKey =
    "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
    "MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAjFNRhZu75BNgICCAAw\n"
    "DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEOaoRWmz3rvvNkR28+gRjKAEgZDw\n"
    "7E/TmQCLrmRAvlB9+AkgtTAc4oSEiW9nJkjuC3EPFH5w4Lb9WBb4A2X9MV4DziuO\n"
    "Wa75T4iA9Y9wUjkMiy8K5NKkRW590G2Q/mM47wYVCK/4vczbj5Fv5N8W0Y2RPfb+\n"
    "WOBpRu6v9wg6LrT1wzY+MTSM2WlDzuUBptb8QkElvb+2XNSiFrDYde7F6MqfnFU=\n"
    "-----END ENCRYPTED PRIVATE KEY-----\n";

// On another curve.
inline constexpr std::string_view kP384Key =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDA9R1LcTC5cyLJakpsv\n"
    "lIiiC74JFNQQZV788GmTh6SXtU7jlSsTUZ2f7RpIgp9rDMGhZANiAAQAVtEbYK+V\n"
    "V4AkJjlwb1gic/neRmGVprQ5wyPzIL+wd32ARzNZjxyULYf2bbX9S/gJFtzawwZh\n"
    "tpN/aLEFIwxeR49IVZ83vMWC2NHUOlnUOqAXwRdTUdNlP2qOvrY7hVQ=\n"
    "-----END PRIVATE KEY-----\n";

// Of another kind.
inline constexpr std::string_view kEd25519Key =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEIKOa2WuaIwFRChIPveWqxb5WBSFudZPYJhDXXMqoT1Z0\n"
    "-----END PRIVATE KEY-----\n";

// The usual form.
inline constexpr std::string_view kProviderToken =
    "eyJhbGciOiJFUzI1NiIsImtpZCI6IktFWTAwMDAwMDEifQ."
    "eyJpc3MiOiJURUFNMDAwMDAxIiwiaWF0IjoxNzM1Njg5NjAwfQ."
    "ce2dUkigcdHrwuAdaiw6ZYADbQdXRVlM7sGK0rzQKsu5yPFv45sObm41F6hGu_umGU6I_NLfo_K9G8Kkk4b_3g";

// With typ, the claims the other way round, and a fraction, as PyAPNs2 has it.
inline constexpr std::string_view kFloatToken =
    "eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiIsImtpZCI6IktFWTAwMDAwMDEifQ."
    "eyJpYXQiOjE3MzU2ODk2MDAuNzUsImlzcyI6IlRFQU0wMDAwMDEifQ."
    "-mwQmvv46ddbXiT9wcp9YYWV0h3IX5Fv5J2pnz6v_l3GomP80uyPSGk7HgeEwnJ20WjySDQDe_GUNWc2VyIkJw";

// Time of issue as a text of digits.
inline constexpr std::string_view kTextToken =
    "eyJhbGciOiJFUzI1NiIsImtpZCI6IktFWTAwMDAwMDEifQ."
    "eyJpc3MiOiJURUFNMDAwMDAxIiwiaWF0IjoiMTczNTY4OTYwMCJ9."
    "vcCj6tZlOfo9swGsIBBHv9tZ1ohSZPg2qsBsjvWRjoJKtDijIHcnIM8qGLBNwIqfC-2iRBpnLSMeAtkX7rfWjw";

// The signature as OpenSSL makes it: 71 bytes.
inline constexpr std::string_view kDerToken =
    "eyJhbGciOiJFUzI1NiIsImtpZCI6IktFWTAwMDAwMDEifQ."
    "eyJpc3MiOiJURUFNMDAwMDAxIiwiaWF0IjoxNzM1Njg5NjAwfQ."
    "MEUCIQCK4oQW1GNAKt17HfcX7Ygu8phSZuEml3gH7ZcCyMUyhwIgVv7PlgYy-GhSg0VH2Zy69PYy4PEvRrTvWlGs"
    "wKc5_q0";

// Signed by another P-256 key.
inline constexpr std::string_view kWrongKeyToken =
    "eyJhbGciOiJFUzI1NiIsImtpZCI6IktFWTAwMDAwMDEifQ."
    "eyJpc3MiOiJURUFNMDAwMDAxIiwiaWF0IjoxNzM1Njg5NjAwfQ."
    "9MATr9q09D1kYAaBn0LVdKbnrkcZvD29dIGGwV1Q3HBVNYKpYOPrADGsjvsMbP5riUMBrMj7IXYj2AKI_ZLvyQ";

// Not signed.
inline constexpr std::string_view kNoneToken =
    "eyJhbGciOiJub25lIiwia2lkIjoiS0VZMDAwMDAwMSJ9."
    "eyJpc3MiOiJURUFNMDAwMDAxIiwiaWF0IjoxNzM1Njg5NjAwfQ.";

// HMAC, the PEM text of the public key being the secret: the old confusion of RS256 and HS256.
inline constexpr std::string_view kHs256Token =
    "eyJhbGciOiJIUzI1NiIsImtpZCI6IktFWTAwMDAwMDEifQ."
    "eyJpc3MiOiJURUFNMDAwMDAxIiwiaWF0IjoxNzM1Njg5NjAwfQ."
    "sfQuKH5x1_3oD4rJqOqfZwq206tWYQ_VqT6Q24yIaMg";

// ES384 by a key on P-384.
inline constexpr std::string_view kEs384Token =
    "eyJhbGciOiJFUzM4NCIsImtpZCI6IktFWTAwMDAwMDEifQ."
    "eyJpc3MiOiJURUFNMDAwMDAxIiwiaWF0IjoxNzM1Njg5NjAwfQ."
    "-LJlZzimOMM4wTvR1TKpndzaQAV0iEOVroUL6DOzwO_6Dtgeqm8jUXnEG1QWh_QIslSxw9dBf1Jydnv2LB56DkSj"
    "4zlNrTAnkLTyZ-YuCcByrPJT_7KyD3dpc2cR7CLW";

// The same curve, called ES256: 96 bytes.
inline constexpr std::string_view kP384Token =
    "eyJhbGciOiJFUzI1NiIsImtpZCI6IktFWTAwMDAwMDEifQ."
    "eyJpc3MiOiJURUFNMDAwMDAxIiwiaWF0IjoxNzM1Njg5NjAwfQ."
    "H3ecpb6ugHeywRlYDmvvC-kyGoDxlVZcr2r69Kj62GoTLahvm6lstRoFaJ7X0nWVH4Ytqp2tfA1Vf1avZ7djUSId"
    "xo7PmBFu4UJYIKvtJ8M2iC_VztQo7svVjFBAQRDX";

// Key id and team id in each other's place.
inline constexpr std::string_view kSwappedToken =
    "eyJhbGciOiJFUzI1NiIsImtpZCI6IlRFQU0wMDAwMDEifQ."
    "eyJpc3MiOiJLRVkwMDAwMDAxIiwiaWF0IjoxNzM1Njg5NjAwfQ."
    "WSk-UJun7AxJN9plo99VwZoNE2FEuvhBm11DEYJNdNZ_XOIy5au9bHjvn461RU1rv8HwLIYcNlS4m6hbs6RmeA";

}  // namespace apns::golden
