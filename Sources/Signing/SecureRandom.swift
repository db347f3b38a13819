import COpenSSL

/// Random bytes from libcrypto's generator, fit for keys, codes and identifiers.
public enum SecureRandom {
  /// `count` random bytes.
  public static func bytes(count: Int) -> [UInt8] {
    OpenSSLLibrary.require(OpenSSLLibrary.isReady, "start")
    var bytes = [UInt8](repeating: 0, count: count)
    let ok = unsafe bytes.withUnsafeMutableBufferPointer { unsafe RAND_bytes($0.baseAddress, CInt($0.count)) }
    OpenSSLLibrary.require(ok == 1, "the random generator")
    return bytes
  }
}

/// ``SecureRandom`` for everything that takes a generator.
public struct SecureRandomGenerator: RandomNumberGenerator, Sendable {
  /// Any instance is as good as another: there is no state in it.
  public init() {}

  /// Eight random bytes.
  public mutating func next() -> UInt64 {
    SecureRandom.bytes(count: 8).reduce(0) { $0 << 8 | UInt64($1) }
  }
}
