import COpenSSL

/// Brings libcrypto and libssl up once, before anything else of theirs is called.
package enum OpenSSLLibrary {
  /// Loads no `openssl.cnf`, so that a static build needs no file of the host and a host's settings change nothing; and
  /// registers no exit handler, since event loops and connection threads may still run when the process leaves.
  package static let isReady: Bool =
    OPENSSL_init_ssl(
      UInt64(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT | OPENSSL_INIT_LOAD_CRYPTO_STRINGS)
        | UInt64(OPENSSL_INIT_LOAD_SSL_STRINGS), nil) == 1

  /// Ends the process when libcrypto cannot even allocate or start: nothing a peer, a user or a file can bring about.
  package static func require(_ condition: Bool, _ what: StaticString) {
    precondition(condition, "libcrypto: \(what) failed (out of memory?)")
  }

  /// Empties the calling thread's error queue.
  /// - Returns: the text of the oldest error in it, or `otherwise` when it was empty.
  package static func takeError(otherwise: String = "unknown error") -> String {
    let code = ERR_get_error()
    ERR_clear_error()
    guard code != 0, let text = unsafe ERR_reason_error_string(code) else { return otherwise }
    return unsafe String(cString: text)
  }
}
