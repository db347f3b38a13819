// OpenSSL's libssl and libcrypto as Swift sees them. Header-only: macros that Swift cannot import, each as an inline
// function of the same meaning, and nothing else. No state, no policy: those belong to Signing and TLSChannel.
#ifndef FIXLINE_COPENSSL_SHIM_H
#define FIXLINE_COPENSSL_SHIM_H

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

static inline EVP_PKEY *fixline_ec_p256_generate(void) { return EVP_EC_gen("P-256"); }
static inline EVP_PKEY *fixline_ed25519_generate(void) { return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"); }

static inline long fixline_bio_get_mem_data(BIO *bio, char **data) { return BIO_get_mem_data(bio, data); }

static inline int fixline_ctx_set_min_proto_version(SSL_CTX *ctx, int version) {
  return SSL_CTX_set_min_proto_version(ctx, version);
}
static inline int fixline_ctx_set_max_proto_version(SSL_CTX *ctx, int version) {
  return SSL_CTX_set_max_proto_version(ctx, version);
}
static inline void fixline_ctx_set_plain_options(SSL_CTX *ctx) {
  SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION);
}
static inline long fixline_ctx_set_mode(SSL_CTX *ctx, long mode) { return SSL_CTX_set_mode(ctx, mode); }
static inline long fixline_ctx_set_session_cache_mode(SSL_CTX *ctx, long mode) {
  return SSL_CTX_set_session_cache_mode(ctx, mode);
}
static inline long fixline_ctx_set_max_cert_list(SSL_CTX *ctx, long bytes) {
  return SSL_CTX_set_max_cert_list(ctx, bytes);
}
static inline long fixline_ctx_add1_chain_cert(SSL_CTX *ctx, X509 *certificate) {
  return SSL_CTX_add1_chain_cert(ctx, certificate);
}
static inline int fixline_ctx_set1_groups_list(SSL_CTX *ctx, const char *groups) {
  return (int)SSL_CTX_set1_groups_list(ctx, groups);
}
static inline long fixline_ssl_set_tlsext_host_name(SSL *ssl, const char *name) {
  return SSL_set_tlsext_host_name(ssl, name);
}
static inline int fixline_ssl_set_app_data(SSL *ssl, void *data) { return SSL_set_app_data(ssl, data); }
static inline void *fixline_ssl_get_app_data(const SSL *ssl) { return SSL_get_app_data(ssl); }

static inline int fixline_err_reason(unsigned long code) { return ERR_GET_REASON(code); }
static inline int fixline_err_library(unsigned long code) { return ERR_GET_LIB(code); }

static inline int fixline_general_names_count(const GENERAL_NAMES *names) { return sk_GENERAL_NAME_num(names); }
static inline GENERAL_NAME *fixline_general_names_at(const GENERAL_NAMES *names, int index) {
  return sk_GENERAL_NAME_value(names, index);
}
static inline const unsigned char *fixline_asn1_string(const void *string) {
  return ASN1_STRING_get0_data((const ASN1_STRING *)string);
}
static inline int fixline_asn1_string_length(const void *string) {
  return ASN1_STRING_length((const ASN1_STRING *)string);
}
static inline int fixline_evp_pkey_is_ed25519(const EVP_PKEY *key) { return EVP_PKEY_is_a(key, "ED25519"); }

#endif
