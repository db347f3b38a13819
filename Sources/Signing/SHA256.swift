import COpenSSL
public import SessionModel

/// SHA-256 (FIPS 180-4) from libcrypto.
public enum SHA256 {
  /// The digest of `bytes`.
  public static func hash(_ bytes: [UInt8]) -> Fingerprint {
    var digest = [UInt8](repeating: 0, count: Fingerprint.length)
    let ok = unsafe digest.withUnsafeMutableBytes { out in
      unsafe bytes.withUnsafeBytes { input in
        unsafe EVP_Digest(
          input.baseAddress, input.count, out.bindMemory(to: UInt8.self).baseAddress, nil, algorithm, nil)
      }
    }
    OpenSSLLibrary.require(ok == 1, "SHA-256")
    return fingerprint(digest)
  }

  /// The digest of a sequence that is no array.
  public static func hash(_ bytes: some Sequence<UInt8>) -> Fingerprint { hash(Array(bytes)) }

  /// Fetched once: looking an algorithm up by name costs more than hashing a short entry.
  ///
  /// Proof: the pointer is written once, by Swift's thread-safe static initialiser, never freed, and an
  /// `EVP_MD` is immutable after the fetch, which is why libcrypto lets all threads share one (EVP_MD_fetch(3)).
  fileprivate nonisolated(unsafe) static let algorithm: OpaquePointer? = {
    OpenSSLLibrary.require(OpenSSLLibrary.isReady, "start")
    let fetched = unsafe EVP_MD_fetch(nil, "SHA256", nil)
    unsafe OpenSSLLibrary.require(fetched != nil, "fetching SHA-256")
    return unsafe fetched
  }()

  fileprivate static func fingerprint(_ digest: [UInt8]) -> Fingerprint {
    guard let value = Fingerprint(digest) else { preconditionFailure("SHA-256 has 32 bytes") }
    return value
  }

  /// A digest taken piece by piece. A value: a copy goes on separately.
  public struct Stream: Sendable {
    private var context: Context

    /// The digest of nothing yet.
    public init() { context = Context() }

    /// Adds `bytes`.
    public mutating func update(_ bytes: [UInt8]) {
      if !isKnownUniquelyReferenced(&context) { context = Context(copying: context) }
      context.update(bytes)
    }

    /// The digest of everything added so far; more may be added afterwards.
    public func finish() -> Fingerprint { Context(copying: context).finish() }
  }

  /// Owns one `EVP_MD_CTX`: made in `init`, freed in `deinit`, never handed out.
  ///
  /// Proof: `Stream` calls `update` only on a context that nothing else references (copy on write), and
  /// `Context(copying:)` only reads its source; so no context is ever changed while another thread looks at it.
  @safe private final class Context: @unchecked Sendable {
    private let pointer: OpaquePointer?

    init() {
      unsafe pointer = EVP_MD_CTX_new()
      OpenSSLLibrary.require(unsafe EVP_DigestInit_ex(pointer, SHA256.algorithm, nil) == 1, "starting SHA-256")
    }

    init(copying other: Context) {
      unsafe pointer = EVP_MD_CTX_new()
      OpenSSLLibrary.require(unsafe EVP_MD_CTX_copy_ex(pointer, other.pointer) == 1, "copying SHA-256")
    }

    deinit { unsafe EVP_MD_CTX_free(pointer) }

    func update(_ bytes: [UInt8]) {
      let ok = unsafe bytes.withUnsafeBytes { unsafe EVP_DigestUpdate(pointer, $0.baseAddress, $0.count) }
      OpenSSLLibrary.require(ok == 1, "SHA-256")
    }

    func finish() -> Fingerprint {
      var digest = [UInt8](repeating: 0, count: Fingerprint.length)
      let ok = unsafe digest.withUnsafeMutableBufferPointer { unsafe EVP_DigestFinal_ex(pointer, $0.baseAddress, nil) }
      OpenSSLLibrary.require(ok == 1, "SHA-256")
      return SHA256.fingerprint(digest)
    }
  }
}
