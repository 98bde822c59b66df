#include "apns/tls/tls_engine.h"

#include <algorithm>
#include <cassert>
#include <stdexcept>
#include <utility>

#include <openssl/err.h>

#include "apns/auth/certificate_identity.h"
#include "apns/tls/client_hello.h"

namespace apns::tls {

namespace {

constexpr std::size_t kMaxRecord = 16384;

}  // namespace

TlsEngine::TlsEngine(const Context& context, PeerInfo peer, EngineHost& outer, EngineFactory inner,
                     const WorldClock& clock, Scratch& scratch, Observer* observer, Options options,
                     TimePoint now)
    : context_(context),
      peer_(std::move(peer)),
      outer_(outer),
      make_inner_(std::move(inner)),
      scratch_(scratch),
      observer_(observer),
      options_(options),
      ssl_(SSL_new(context.handle())),
      handshake_deadline_(now + options.handshake_limit) {
  BIO* bio = BIO_new(context.bio_method());
  if (!ssl_ || bio == nullptr) {
    BIO_free(bio);
    throw std::runtime_error("TLS: " + auth::take_openssl_errors());
  }
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_.get(), bio, bio);  // owns it now
  SSL_set_app_data(ssl_.get(), this);
  SSL_set_info_callback(ssl_.get(), on_info);
  X509_VERIFY_PARAM* verify = SSL_get0_param(ssl_.get());
  X509_VERIFY_PARAM_set_time(
      verify,
      std::chrono::duration_cast<std::chrono::seconds>(clock.now().time_since_epoch()).count());
  if (context.is_server()) {
    SSL_set_accept_state(ssl_.get());
  } else {
    SSL_set_connect_state(ssl_.get());
    if (const std::string& name = context.sni(); !name.empty()) {
      // The function behind SSL_set_tlsext_host_name, which is a macro with an old-style cast.
      SSL_ctrl(ssl_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
               const_cast<char*>(name.c_str()));
    }
  }
  if (context.verifies_peer()) {
    SSL_set_verify(ssl_.get(), SSL_get_verify_mode(ssl_.get()), on_verify);
  }
  if (!context.is_server()) {
    handshake(now);  // puts the ClientHello into out_
  }
}

TlsEngine::~TlsEngine() = default;

void TlsEngine::on_info(const SSL* ssl, int where, int value) noexcept {
  const int alert_number = value & 0xFF;
  // Levels mean nothing in TLS 1.3 (RFC 8446 section 6): there all but these two are fatal.
  const bool is_warning =
      (value >> 8) == SSL3_AL_WARNING &&
      (SSL_version(ssl) < TLS1_3_VERSION || alert_number == SSL_AD_CLOSE_NOTIFY ||
       alert_number == SSL_AD_USER_CANCELLED);
  if ((where & SSL_CB_ALERT) == 0 || is_warning) {
    return;
  }
  auto& engine = *static_cast<TlsEngine*>(SSL_get_app_data(ssl));
  auto& alert = (where & SSL_CB_READ) != 0 ? engine.alert_received_ : engine.alert_sent_;
  alert = static_cast<std::uint8_t>(alert_number);
}

int TlsEngine::on_verify(int ok, X509_STORE_CTX* store) noexcept {
  const auto* ssl = static_cast<const SSL*>(
      X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
  auto& engine = *static_cast<TlsEngine*>(SSL_get_app_data(ssl));
  if (ok == 0) {
    if (!engine.overlooks(store)) {
      return engine.refuse(store, explain_verification(store));
    }
    X509_STORE_CTX_set_error(store, X509_V_OK);
    return 1;
  }
  if (X509_STORE_CTX_get_error_depth(store) != 0) {
    return 1;
  }
  if (engine.own_authority_ && engine.context_.is_revoked(X509_STORE_CTX_get0_cert(store))) {
    X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REVOKED);
    return engine.refuse(store, explain_verification(store));
  }
  if (engine.context_.refuse_peer()) {
    std::string wrong = engine.context_.refuse_peer()(X509_STORE_CTX_get0_cert(store));
    if (!wrong.empty()) {
      // An error that OpenSSL maps to no alert of its own, so that certificate_unknown (46) is
      // sent.
      X509_STORE_CTX_set_error(store, X509_V_ERR_SUBJECT_ISSUER_MISMATCH);
      return engine.refuse(store, {Cause::NotWanted, std::move(wrong)});
    }
  }
  return 1;
}

int TlsEngine::refuse(X509_STORE_CTX* store, FailureReason reason) {
  if (context_.hides(reason.cause)) {
    X509_STORE_CTX_set_error(store, X509_V_ERR_UNSPECIFIED);  // which OpenSSL makes internal_error
  }
  refusal_ = std::move(reason);
  return 0;
}

bool TlsEngine::overlooks(X509_STORE_CTX* store) {
  const int error = X509_STORE_CTX_get_error(store);
  if (context_.trusts_unknown_issuers() && is_unknown_issuer(error)) {
    own_authority_ = false;
    return true;
  }
  return false;
}

int on_client_hello(SSL* ssl, int* /*alert*/, void* /*argument*/) noexcept {
  auto& engine = *static_cast<TlsEngine*>(SSL_get_app_data(ssl));
  if (engine.observer_ != nullptr && !std::exchange(engine.is_hello_told_, true)) {
    engine.ordered_alert_ = engine.observer_->refuse_handshake(engine.peer_, engine.hello_time_);
  }
  return engine.ordered_alert_ ? SSL_CLIENT_HELLO_RETRY : SSL_CLIENT_HELLO_SUCCESS;
}

std::size_t TlsEngine::feed(std::span<const std::byte> in, TimePoint now) {
  in_ = in;
  hello_time_ = now;
  if (state_ == State::Handshake) {
    handshake(now);
  }
  run(now);
  if (state_ == State::Closing || inner_ended_ || waiting_end_) {
    in_ = {};  // nothing that comes now matters
  }
  const std::size_t taken = in.size() - in_.size();
  in_ = {};
  return taken;
}

void TlsEngine::handshake(TimePoint now) {
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_.get());
  if (result == 1) {
    handshake_done(now);
    return;
  }
  const int error = SSL_get_error(ssl_.get(), result);
  if (error == SSL_ERROR_WANT_CLIENT_HELLO_CB) {
    send_ordered_alert(now);
  } else if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) {
    FailureReason reason = take_openssl_failure();
    fail(refusal_ ? std::move(*refusal_) : std::move(reason), now);
  }
}

void TlsEngine::send_ordered_alert(TimePoint now) {
  // By hand: OpenSSL sends only alerts that it knows. RFC 5246 section 7.2: type, version, length;
  // level, description. The version is the client's as long as TLS 1.3 writes its records so.
  const std::uint16_t version = static_cast<std::uint16_t>(std::clamp<unsigned>(
      SSL_client_hello_get0_legacy_version(ssl_.get()), TLS1_VERSION, TLS1_2_VERSION));
  Bytes record;
  ByteWriter writer(record);
  writer.write(static_cast<std::uint8_t>(SSL3_RT_ALERT));
  writer.write(version);
  writer.write(std::uint16_t{2});
  writer.write(static_cast<std::uint8_t>(SSL3_AL_FATAL));
  writer.write(*ordered_alert_);
  out_.append(record);
  alert_sent_ = ordered_alert_;
  fail({Cause::Ordered, "ordered in place of the ServerHello"}, now);
}

void TlsEngine::handshake_done(TimePoint now) {
  peer_.tls_version = SSL_get_version(ssl_.get());
  if (const char* sni = SSL_get_servername(ssl_.get(), TLSEXT_NAMETYPE_host_name)) {
    peer_.sni = sni;
  }
  const unsigned char* alpn = nullptr;
  unsigned alpn_len = 0;
  SSL_get0_alpn_selected(ssl_.get(), &alpn, &alpn_len);
  peer_.alpn.assign(reinterpret_cast<const char*>(alpn), alpn_len);
  if (context_.is_server()) {
    if (const X509* certificate = SSL_get0_peer_certificate(ssl_.get())) {
      auto identity = auth::read_certificate_identity(certificate);
      if (!identity) {
        fail({Cause::Other, "the peer's certificate has a malformed subject or topic list"}, now);
        return;
      }
      identity->issued_by_own_ca = own_authority_;
      auto& last = scratch_.last_identity;
      if (!last || last->fingerprint != identity->fingerprint ||
          last->issued_by_own_ca != identity->issued_by_own_ca) {
        last = std::make_shared<const auth::CertificateIdentity>(std::move(*identity));
      }
      peer_.certificate = last;
    }
  }
  state_ = State::Open;
  inner_ = make_inner_(peer_, *this, now);
  make_inner_ = nullptr;
  if (!inner_) {
    state_ = State::Closing;
    close_ = Close::Reset;
    out_.clear();
  }
}

void TlsEngine::run(TimePoint now) {
  const auto inner_is_done = [this] {
    return inner_->close() != Close::None && inner_->pending().empty();
  };
  while (state_ == State::Open && !inner_is_done() &&
         (encrypt(now) || give_kept(now) || read_records(now) || tell_waiting_end(now))) {
  }
  if (state_ == State::Open && inner_is_done()) {
    close_with_inner();
  }
}

bool TlsEngine::encrypt(TimePoint now) {
  bool moved = false;
  for (ByteView run = inner_->pending(); !run.empty() && out_.size() < options_.high_water;) {
    ERR_clear_error();
    const std::size_t len = std::min(run.size(), kMaxRecord);
    std::size_t written = 0;
    if (SSL_write_ex(ssl_.get(), run.data(), len, &written) != 1) {
      fail(take_openssl_failure(), now);
      return true;
    }
    moved = true;
    const bool run_ends = written == run.size();
    inner_->sent(written, now);
    run = inner_->pending();
    if (run_ends && !run.empty()) {
      out_.add_break();  // the inner engine's break is ours too
    }
  }
  return moved;
}

bool TlsEngine::give_kept(TimePoint now) {
  if (kept_.empty() || !inner_->wants_read()) {
    return false;
  }
  const Bytes kept = std::exchange(kept_, {});
  return give(kept, now) > 0;
}

bool TlsEngine::has_room_for_answers() const {
  // encrypt() ends within one record above the mark, so only answers of TLS itself come up to this.
  return out_.size() < options_.high_water + 2 * kMaxRecord;
}

bool TlsEngine::read_records(TimePoint now) {
  // OpenSSL takes one record at a time, so where no ciphertext is left there is nothing to read.
  if (in_.empty() || inner_ended_ || !kept_.empty() || !inner_->wants_read() ||
      !has_room_for_answers()) {
    return false;
  }
  ERR_clear_error();
  std::size_t len = 0;
  int result = 1;
  // Whole records only: room for the largest is left, so OpenSSL never keeps half of one.
  while (result == 1 && Scratch::kLen - len >= kMaxRecord) {
    std::size_t n = 0;
    result = SSL_read_ex(ssl_.get(), scratch_.bytes.data() + len, Scratch::kLen - len, &n);
    len += result == 1 ? n : 0;
  }
  const int error = result == 1 ? SSL_ERROR_NONE : SSL_get_error(ssl_.get(), result);
  if (len > 0) {
    give(ByteView(scratch_.bytes).first(len), now);
  }
  switch (error) {
    case SSL_ERROR_NONE:
    case SSL_ERROR_WANT_READ:
      break;
    case SSL_ERROR_ZERO_RETURN:
      tell_end(End::CloseNotify, now);
      break;
    default:
      fail(take_openssl_failure(), now);
      break;
  }
  return true;
}

std::size_t TlsEngine::give(ByteView plaintext, TimePoint now) {
  const std::size_t taken = inner_->feed(plaintext, now);
  assert(taken <= plaintext.size());
  const ByteView rest = plaintext.subspan(taken);
  kept_.assign(rest.begin(), rest.end());
  return taken;
}

bool TlsEngine::tell_waiting_end(TimePoint now) {
  if (!waiting_end_ || !kept_.empty()) {
    return false;
  }
  tell_end(*waiting_end_, now);
  return true;
}

void TlsEngine::close_with_inner() {
  close_ = inner_->close();
  if (close_ == Close::CloseNotify || close_ == Close::CloseNotifyThenDrain) {
    ERR_clear_error();
    (void)SSL_shutdown(
        ssl_.get());  // 0 means: sent, the peer's is not here yet; it is not waited for
  }
  state_ = State::Closing;
  kept_ = Bytes();  // {} would keep the capacity
}

void TlsEngine::tell_end(End end, TimePoint now) {
  if (inner_ended_) {
    return;
  }
  if (!kept_.empty() && end != End::Reset) {
    waiting_end_ =
        waiting_end_.value_or(end);  // an end of stream behind a close_notify says no more
    return;
  }
  waiting_end_.reset();
  inner_ended_ = true;
  inner_->ended(end, now);
}

void TlsEngine::fail(FailureReason reason, TimePoint now) {
  const bool during_handshake = state_ == State::Handshake;
  state_ = State::Closing;
  close_ = Close::FinOnly;  // lets the alert arrive
  kept_ = Bytes();
  if (observer_ != nullptr) {
    observer_->tls_failed(peer_, Failure{alert_sent_, alert_received_, during_handshake,
                                         std::move(reason.text), reason.cause});
  }
  if (inner_ && !inner_ended_) {
    inner_ended_ = true;
    inner_->ended(alert_received_ || alert_sent_ ? End::Alert : End::Reset, now);
  }
}

void TlsEngine::ended(End end, TimePoint now) {
  if (state_ == State::Handshake) {
    fail({Cause::Other, end == End::Reset ? "the peer reset the connection during the handshake"
                                          : "the peer closed the connection during the handshake"},
         now);
    return;
  }
  if (state_ == State::Open) {
    tell_end(end, now);
    run(now);
  }
}

void TlsEngine::sent(std::size_t n, TimePoint now) {
  out_.consume(n);
  if (state_ == State::Open) {
    run(now);
  }
}

TimePoint TlsEngine::deadline() const {
  switch (state_) {
    case State::Handshake:
      return handshake_deadline_;
    case State::Open:
      return inner_->deadline();
    case State::Closing:
      break;
  }
  return kNever;
}

void TlsEngine::on_time(TimePoint now) {
  if (state_ == State::Handshake && now >= handshake_deadline_) {
    fail({Cause::Other, "no handshake within the limit"}, now);
    return;
  }
  if (state_ == State::Open && (std::exchange(woken_, false) || now >= inner_->deadline())) {
    inner_->on_time(now);
    run(now);
  }
}

bool TlsEngine::wants_read() const {
  if (!has_room_for_answers() || !kept_.empty()) {
    return false;
  }
  return state_ != State::Open || inner_->wants_read();
}

void TlsEngine::wake(Engine& /*inner*/) {
  woken_ = true;
  outer_.wake(*this);
}

Transport make_transport(const Context& context, const WorldClock& clock,
                         const std::vector<std::unique_ptr<Scratch>>& scratch_of_thread,
                         Observer* observer, TlsEngine::Options options) {
  return [&context, &clock, &scratch_of_thread, observer, options](
             const PeerInfo& peer, EngineHost& host, EngineFactory inner, TimePoint now) {
    return std::make_unique<TlsEngine>(context, peer, host, std::move(inner), clock,
                                       *scratch_of_thread.at(peer.thread), observer, options, now);
  };
}

std::vector<std::unique_ptr<Scratch>> make_scratch(unsigned num_threads) {
  std::vector<std::unique_ptr<Scratch>> all;
  for (unsigned i = 0; i < num_threads; ++i) {
    all.push_back(std::make_unique<Scratch>());
  }
  return all;
}

}  // namespace apns::tls
