#include "apns/tls/failure.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <utility>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "apns/auth/openssl_ptr.h"

namespace apns::tls {

namespace {

std::string two_digits(unsigned number) {
  return (number < 10 ? "0" : "") + std::to_string(number);
}

std::string date_text(int year, unsigned month, unsigned day) {
  return std::to_string(year) + "-" + two_digits(month) + "-" + two_digits(day);
}

std::string date_text(const ASN1_TIME* time) {
  constexpr int kTmStart = 1900;
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) {
    return "a date that cannot be read";
  }
  return date_text(parts.tm_year + kTmStart, static_cast<unsigned>(parts.tm_mon) + 1,
                   static_cast<unsigned>(parts.tm_mday));
}

/// The day on which `store` verifies.
std::string today_text(X509_STORE_CTX* store) {
  const std::time_t now = X509_VERIFY_PARAM_get_time(X509_STORE_CTX_get0_param(store));
  const std::chrono::year_month_day day(
      std::chrono::floor<std::chrono::days>(std::chrono::sys_seconds(std::chrono::seconds(now))));
  return date_text(static_cast<int>(day.year()), static_cast<unsigned>(day.month()),
                   static_cast<unsigned>(day.day()));
}

/// Control characters are escaped: it goes to logs.
std::string issuer_text(const X509* certificate) {
  constexpr long kMaxLen = 200;
  const auth::BioPtr bio(BIO_new(BIO_s_mem()));
  if (!bio || X509_NAME_print_ex(bio.get(), X509_get_issuer_name(certificate), 0,
                                 XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_QUOTE) < 0) {
    ERR_clear_error();
    return "a name that cannot be read";
  }
  char* data = nullptr;
  const long len = BIO_get_mem_data(bio.get(), &data);
  if (len <= 0) {
    return "nobody";
  }
  return "\"" + std::string(data, static_cast<std::size_t>(std::min(len, kMaxLen))) + "\"";
}

}  // namespace

bool is_about_certificates(std::optional<std::uint8_t> alert) {
  if (!alert) {
    return false;
  }
  switch (*alert) {
    case SSL_AD_HANDSHAKE_FAILURE:  // TLS 1.2: no certificate was sent
    case SSL_AD_BAD_CERTIFICATE:
    case SSL_AD_UNSUPPORTED_CERTIFICATE:
    case SSL_AD_CERTIFICATE_REVOKED:
    case SSL_AD_CERTIFICATE_EXPIRED:
    case SSL_AD_CERTIFICATE_UNKNOWN:
    case SSL_AD_UNKNOWN_CA:
    case SSL_AD_ACCESS_DENIED:
    case SSL_AD_CERTIFICATE_REQUIRED:
      return true;
    default:
      return false;
  }
}

FailureReason explain_verification(X509_STORE_CTX* store) {
  const int error = X509_STORE_CTX_get_error(store);
  const X509* certificate = X509_STORE_CTX_get_current_cert(store);
  const std::string which = X509_STORE_CTX_get_error_depth(store) == 0
                                ? "the peer's certificate"
                                : "a certificate above the peer's";
  if (certificate == nullptr) {
    return {Cause::Other, which + ": " + X509_verify_cert_error_string(error)};
  }
  switch (error) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return {Cause::Expired, which + " ended on " + date_text(X509_get0_notAfter(certificate)) +
                                  ", and it is " + today_text(store)};
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return {Cause::NotYetValid, which + " begins on " +
                                      date_text(X509_get0_notBefore(certificate)) + ", and it is " +
                                      today_text(store)};
    case X509_V_ERR_CERT_REVOKED:
      return {Cause::Revoked, which + " is revoked"};
    default:
      break;
  }
  if (is_unknown_issuer(error)) {
    return {Cause::UnknownIssuer,
            which + " was issued by " + issuer_text(certificate) + ", which is not trusted here"};
  }
  return {Cause::Other, which + ": " + X509_verify_cert_error_string(error)};
}

bool is_unknown_issuer(int error) {
  return error == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT ||
         error == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY ||
         error == X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE ||
         error == X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT ||
         error == X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN || error == X509_V_ERR_CERT_UNTRUSTED;
}

FailureReason take_openssl_failure() {
  const unsigned long first = ERR_peek_error();
  const int reason = ERR_GET_LIB(first) == ERR_LIB_SSL ? ERR_GET_REASON(first) : 0;
  std::string text = auth::take_openssl_errors();
  switch (reason) {
    case SSL_R_HTTP_REQUEST:
      return {Cause::NotTls, "plain HTTP on the TLS port"};
    case SSL_R_WRONG_VERSION_NUMBER:
      return {Cause::NotTls, "these bytes are not TLS"};
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
      return {Cause::NoCertificate, "the peer sent no certificate"};
    case SSL_R_NO_APPLICATION_PROTOCOL:
      return {Cause::NoCommonProtocol, "the peer offers other protocols by ALPN than ours"};
    default:
      return {Cause::Other, std::move(text)};
  }
}

}  // namespace apns::tls
