import CLibSSH

/// One client's `ssh_session` with everything libssh keeps for it. Made, used and freed on the connection's thread. No server
/// callbacks and no message callback are set: questions come as messages that can be answered later. Nothing here waits.
@safe final class Session {
  /// Whether the key exchange is through.
  enum Progress {
    case waiting
    case done
    case failed
  }

  /// What libssh reads of the socket at a time, in bytes: a constant of its build.
  static let readBytes: UInt64 = 4_096

  /// AES-GCM only: quick, and every client that has it takes it. chacha20, which a stock client would prefer, is slower here.
  private static let ciphers = "aes256-gcm@openssh.com,aes128-gcm@openssh.com"
  /// No finite-field Diffie-Hellman: it costs a stranger nothing to make us compute it.
  private static let keyExchanges =
    "curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,ecdh-sha2-nistp521"
  private static let macs = "hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com,hmac-sha2-256,hmac-sha2-512"
  /// No `ssh-rsa` (SHA-1), no certificates, no security keys.
  private static let clientKeyTypes =
    "ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,rsa-sha2-512,rsa-sha2-256"

  private let raw: ssh_session
  private let socketCounter: UnsafeMutablePointer<ssh_counter_struct>
  private let packetCounter: UnsafeMutablePointer<ssh_counter_struct>

  /// A server session on a connected, non-blocking socket, which it owns from now on, also when this gives nil.
  init?(descriptor: CInt, hostKey: HostKey) {
    guard let raw = unsafe ssh_new() else {
      close(descriptor)
      return nil
    }
    unsafe self.raw = raw
    unsafe socketCounter = .allocate(capacity: 1)
    unsafe socketCounter.initialize(to: ssh_counter_struct())
    unsafe packetCounter = .allocate(capacity: 1)
    unsafe packetCounter.initialize(to: ssh_counter_struct())
    guard unsafe Self.accept(descriptor, on: raw, hostKey: hostKey) else {
      if unsafe ssh_get_fd(raw) != descriptor { close(descriptor) }
      return nil
    }
    unsafe ssh_set_blocking(raw, 0)
    unsafe ssh_set_counters(raw, socketCounter, packetCounter)
    unsafe ssh_set_auth_methods(raw, CInt(SSH_AUTH_METHOD_PUBLICKEY))
  }

  deinit {
    unsafe ssh_free(raw)
    unsafe socketCounter.deallocate()
    unsafe packetCounter.deallocate()
  }

  /// A bind of its own for each connection, so that no libssh object is shared between threads.
  private static func accept(_ descriptor: CInt, on session: ssh_session, hostKey: HostKey) -> Bool {
    guard let bind = unsafe ssh_bind_new() else { return false }
    defer { unsafe ssh_bind_free(bind) }
    guard let key = KeyHandle(privateText: hostKey.privateText), unsafe key.give(to: bind),
      unsafe fixline_ssh_bind_ignore_system_configuration(bind) == 0,
      unsafe fixline_ssh_bind_set_minimum_rsa_bits(bind, UInt32(SSHPublicKey.minimumRSABits)) == 0
    else { return false }
    let texts: [(ssh_bind_options_e, String)] = [
      (SSH_BIND_OPTIONS_BANNER, SSHFrontDoorConfiguration.softwareVersion),
      (SSH_BIND_OPTIONS_CIPHERS_C_S, ciphers),
      (SSH_BIND_OPTIONS_CIPHERS_S_C, ciphers),
      (SSH_BIND_OPTIONS_KEY_EXCHANGE, keyExchanges),
      (SSH_BIND_OPTIONS_HMAC_C_S, macs),
      (SSH_BIND_OPTIONS_HMAC_S_C, macs),
      (SSH_BIND_OPTIONS_PUBKEY_ACCEPTED_KEY_TYPES, clientKeyTypes),
    ]
    for (option, value) in texts {
      guard unsafe fixline_ssh_bind_set_text(bind, option, value) == 0 else { return false }
    }
    // Compression would let few bytes become many after the limits were checked.
    guard unsafe ssh_options_set(session, SSH_OPTIONS_COMPRESSION_C_S, "none") == 0,
      unsafe ssh_options_set(session, SSH_OPTIONS_COMPRESSION_S_C, "none") == 0
    else { return false }
    return unsafe ssh_bind_accept_fd(bind, session, descriptor) == SSH_OK
  }

  /// Sends our version at the first call and takes the key exchange on by what has arrived.
  func handleKeyExchange() -> Progress {
    switch unsafe ssh_handle_key_exchange(raw) {
    case SSH_OK: .done
    case SSH_AGAIN: isBroken ? .failed : .waiting
    default: .failed
    }
  }

  /// The next question, after at most one read of the socket and one write of what is pending. Nil when there is none.
  func nextMessage() -> Message? {
    guard let message = unsafe ssh_message_get(raw) else { return nil }
    return unsafe Message(raw: message, session: self)
  }

  /// Whether the client calls itself OpenSSH: only that one sends `eow@openssh.com`. libssh gives the request without its
  /// name, so that of another client (PuTTY's `winadj`) would look the same. To be asked after the version exchange.
  var isOpenSSHClient: Bool {
    guard let banner = unsafe ssh_get_clientbanner(raw) else { return false }
    return unsafe String(cString: banner).hasPrefix("SSH-2.0-OpenSSH")
  }

  /// The connection is over: closed by the peer, or unusable.
  var isBroken: Bool { unsafe ssh_get_status(raw) & (SSH_CLOSED | SSH_CLOSED_ERROR) != 0 || ssh_is_connected(raw) == 0 }

  /// libssh holds bytes that the socket does not take.
  var hasPendingOutput: Bool { unsafe ssh_get_status(raw) & SSH_WRITE_PENDING != 0 }

  /// libssh writes to the socket only after it has seen that it is writable; what is sent last would be lost with less.
  var isReadyToWrite: Bool { unsafe !hasPendingOutput && ssh_get_poll_flags(raw) & SSH_WRITE_PENDING == 0 }

  /// Bytes read from the socket so far.
  var bytesReceived: UInt64 { unsafe socketCounter.pointee.in_bytes }
  /// Bytes written to the socket so far.
  var bytesSent: UInt64 { unsafe socketCounter.pointee.out_bytes }
  /// SSH packets read so far.
  var packetsReceived: UInt64 { unsafe packetCounter.pointee.in_packets }

  /// Why it is over, in libssh's words.
  var errorText: String {
    guard let text = unsafe ssh_get_error(UnsafeMutableRawPointer(raw)) else { return "" }
    return unsafe String(cString: text)
  }

  /// Shows text at the client's login (RFC 4252 section 5.4).
  func sendGreeting(_ text: String) {
    guard let string = unsafe ssh_string_from_char(text) else { return }
    _ = unsafe ssh_send_issue_banner(raw, string)
    unsafe ssh_string_free(string)
  }

  /// Sends a line for whoever looks closely (SSH_MSG_DEBUG, RFC 4253 section 11.3): `ssh -v` shows it, others keep quiet.
  func sendDebug(_ line: String) { _ = unsafe ssh_send_debug(raw, line, 1) }

  /// Sends SSH_MSG_DISCONNECT with the reason, provided that `isReadyToWrite`, and closes the socket. Frees all channels.
  func disconnect(reason: String) {
    guard !isBroken else { return }
    _ = unsafe ssh_session_set_disconnect_message(raw, reason)
    unsafe ssh_disconnect(raw)
  }
}
