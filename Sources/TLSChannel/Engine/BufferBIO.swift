import COpenSSL
import NIOCore

/// The two ends of the wire as OpenSSL sees them: what arrived and is not read yet, what is written and not sent yet.
/// Owned by a ``TLSEngine``; its BIO holds an unretained pointer to it, which is sound because the engine frees the BIO
/// (with the `SSL`) first.
final class WireBuffers {
  /// Cipher text that arrived.
  var inbound = ByteBuffer()
  /// Cipher text to send.
  var outbound = ByteBuffer()
}

/// A BIO over ``WireBuffers``: OpenSSL reads from and writes into `ByteBuffer`s in place, without a copy in between and
/// without a file descriptor. Its kind is made once per process.
enum BufferBIO {
  /// Proof: written once, by Swift's thread-safe static initialiser, never freed, and nobody changes a
  /// BIO_METHOD after setting it up; libcrypto only calls through it.
  private nonisolated(unsafe) static let method: OpaquePointer? = {
    let method = unsafe BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "byte buffers")
    unsafe BIO_meth_set_write(method, { bio, bytes, count in unsafe BufferBIO.write(bio, bytes, count) })
    unsafe BIO_meth_set_read(method, { bio, bytes, count in unsafe BufferBIO.read(bio, bytes, count) })
    // Writing never waits, so a flush has always been done; all other requests are unknown, which is answered by 0.
    unsafe BIO_meth_set_ctrl(method, { _, command, _, _ in command == BIO_CTRL_FLUSH ? 1 : 0 })
    unsafe BIO_meth_set_create(
      method,
      { bio in
        unsafe BIO_set_init(bio, 1)
        return 1
      })
    return unsafe method
  }()

  /// A new BIO; the caller owns it. `buffers` is not retained.
  static func make(_ buffers: WireBuffers) -> OpaquePointer? {
    guard let method = unsafe method, let bio = unsafe BIO_new(method) else { return nil }
    unsafe BIO_set_data(bio, Unmanaged.passUnretained(buffers).toOpaque())
    return unsafe bio
  }

  private static func buffers(_ bio: OpaquePointer?) -> WireBuffers? {
    guard let data = unsafe BIO_get_data(bio) else { return nil }
    return unsafe Unmanaged<WireBuffers>.fromOpaque(data).takeUnretainedValue()
  }

  private static func write(_ bio: OpaquePointer?, _ bytes: UnsafePointer<CChar>?, _ count: CInt) -> CInt {
    guard let buffers = unsafe buffers(bio), let bytes = unsafe bytes, count > 0 else { return 0 }
    unsafe buffers.outbound.writeBytes(UnsafeRawBufferPointer(start: bytes, count: Int(count)))
    return count
  }

  private static func read(_ bio: OpaquePointer?, _ bytes: UnsafeMutablePointer<CChar>?, _ count: CInt) -> CInt {
    unsafe BIO_clear_flags(bio, BIO_FLAGS_READ | BIO_FLAGS_WRITE | BIO_FLAGS_SHOULD_RETRY)
    guard let buffers = unsafe buffers(bio), let bytes = unsafe bytes, count > 0 else { return 0 }
    let taken = min(Int(count), buffers.inbound.readableBytes)
    guard taken > 0 else {
      unsafe BIO_set_flags(bio, BIO_FLAGS_READ | BIO_FLAGS_SHOULD_RETRY)
      return -1
    }
    unsafe buffers.inbound.readWithUnsafeReadableBytes { input in
      let room = unsafe UnsafeMutableRawBufferPointer(start: bytes, count: taken)
      unsafe room.copyMemory(from: UnsafeRawBufferPointer(rebasing: input.prefix(taken)))
      return taken
    }
    return CInt(taken)
  }
}
