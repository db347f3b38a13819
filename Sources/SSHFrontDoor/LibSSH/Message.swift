import SessionModel
import CLibSSH

/// What a client asked, read out of an `ssh_message`.
enum MessageContent {
  /// SSH_MSG_SERVICE_REQUEST.
  case service(name: String)
  /// An authentication request by public key.
  case publicKey(user: String, userBytes: Int, key: SSHPublicKey?, proof: KeyProof)
  /// The customary opening request by which a client learns the methods; no attempt.
  case noAuthentication
  /// Any other method.
  case otherAuthentication
  case openSession
  case openDirectTCP(host: String, port: Int)
  case openOther
  case channelRequest(channel: ChannelIdentity, ChannelQuestion)
  /// `tcpip-forward`: the relay is to listen (`ssh -R`).
  case remoteForward
  case otherGlobal
  case unknown
}

/// Whether the client has shown that it holds the key.
enum KeyProof {
  /// It only asks whether the key would do.
  case offered
  /// The signature is good.
  case signed
  /// The signature is not good.
  case wrong
}

/// A channel request's content.
enum ChannelQuestion {
  case terminal(TerminalRequest, termBytes: Int)
  case resize(TerminalSize)
  case environment(name: String, value: String)
  case shell
  case exec(command: [UInt8])
  case subsystem(String)
  case x11
  /// One libssh does not know; `eow@openssh.com` comes this way, its name lost.
  case nameless
}

/// Tells one live channel of a session from another; the address of libssh's object, never followed.
struct ChannelIdentity: Hashable {
  let value: UInt
}

/// A question of the client that can be answered later: libssh leaves the message to us until it is freed. Used on the
/// session's thread only. Holds the session, so that the session outlives it; a channel request must be dropped before its
/// channel is freed.
@safe final class Message {
  private let raw: ssh_message
  private let session: Session

  init(raw: ssh_message, session: Session) {
    unsafe self.raw = raw
    self.session = session
  }

  deinit { unsafe ssh_message_free(raw) }

  var content: MessageContent {
    let subtype = unsafe ssh_message_subtype(raw)
    switch unsafe ssh_requests_e(UInt32(bitPattern: ssh_message_type(raw))) {
    case SSH_REQUEST_SERVICE: return .service(name: unsafe text(ssh_message_service_service(raw)))
    case SSH_REQUEST_AUTH: return authentication(method: subtype)
    case SSH_REQUEST_CHANNEL_OPEN:
      switch ssh_channel_type_e(UInt32(bitPattern: subtype)) {
      case SSH_CHANNEL_SESSION: return .openSession
      case SSH_CHANNEL_DIRECT_TCPIP:
        return .openDirectTCP(
          host: unsafe text(ssh_message_channel_request_open_destination(raw)),
          port: Int(unsafe ssh_message_channel_request_open_destination_port(raw)))
      default: return .openOther
      }
    case SSH_REQUEST_CHANNEL:
      guard let channel = unsafe ssh_message_channel_request_channel(raw) else { return .unknown }
      return .channelRequest(channel: unsafe ChannelHandle.identity(of: channel), channelQuestion(subtype))
    case SSH_REQUEST_GLOBAL:
      let isForward = ssh_global_requests_e(UInt32(bitPattern: subtype)) == SSH_GLOBAL_REQUEST_TCPIP_FORWARD
      return isForward ? .remoteForward : .otherGlobal
    default: return .unknown
    }
  }

  private func authentication(method: CInt) -> MessageContent {
    switch UInt32(bitPattern: method) {
    case UInt32(SSH_AUTH_METHOD_NONE): return .noAuthentication
    case UInt32(SSH_AUTH_METHOD_PUBLICKEY):
      let user = unsafe ssh_message_auth_user(raw)
      var key: SSHPublicKey?
      if let handle = unsafe KeyHandle(offeredIn: raw) { key = SSHPublicKey(handle) }
      let proof: KeyProof =
        switch unsafe ssh_publickey_state_e(fixline_ssh_auth_key_state(raw)) {
        case SSH_PUBLICKEY_STATE_NONE: .offered
        case SSH_PUBLICKEY_STATE_VALID: .signed
        default: .wrong
        }
      return .publicKey(
        user: unsafe text(user), userBytes: unsafe user.map { unsafe strlen($0) } ?? 0, key: key, proof: proof)
    default: return .otherAuthentication
    }
  }

  private func channelQuestion(_ type: CInt) -> ChannelQuestion {
    switch ssh_channel_requests_e(UInt32(bitPattern: type)) {
    case SSH_CHANNEL_REQUEST_PTY:
      let term = unsafe fixline_ssh_pty_term(raw)
      return .terminal(
        TerminalRequest(term: unsafe text(term), size: terminalSize),
        termBytes: unsafe term.map { unsafe strlen($0) } ?? 0)
    case SSH_CHANNEL_REQUEST_WINDOW_CHANGE: return .resize(terminalSize)
    case SSH_CHANNEL_REQUEST_ENV:
      return .environment(
        name: unsafe text(ssh_message_channel_request_env_name(raw)),
        value: unsafe text(ssh_message_channel_request_env_value(raw)))
    case SSH_CHANNEL_REQUEST_SHELL: return .shell
    case SSH_CHANNEL_REQUEST_EXEC:
      guard let command = unsafe ssh_message_channel_request_command(raw) else { return .nameless }
      let count = unsafe strlen(command)
      return .exec(
        command: unsafe command.withMemoryRebound(to: UInt8.self, capacity: count) {
          unsafe Array(UnsafeBufferPointer(start: $0, count: count))
        })
    case SSH_CHANNEL_REQUEST_SUBSYSTEM: return .subsystem(unsafe text(ssh_message_channel_request_subsystem(raw)))
    case SSH_CHANNEL_REQUEST_X11: return .x11
    default: return .nameless
    }
  }

  private var terminalSize: TerminalSize {
    unsafe TerminalSize(
      columns: UInt16(clamping: fixline_ssh_pty_columns(raw)), rows: UInt16(clamping: fixline_ssh_pty_rows(raw)),
      widthPixels: UInt16(clamping: fixline_ssh_pty_width_pixels(raw)),
      heightPixels: UInt16(clamping: fixline_ssh_pty_height_pixels(raw)))
  }

  private func text(_ pointer: UnsafePointer<CChar>?) -> String {
    guard let pointer = unsafe pointer else { return "" }
    return unsafe String(cString: pointer)
  }

  // MARK: Answers. Each queues a packet; none waits.

  /// The negative answer that fits, or none when the client wants none.
  func refuse() { _ = unsafe ssh_message_reply_default(raw) }

  /// The service is there.
  func acceptService() { _ = unsafe ssh_message_service_reply_success(raw) }

  /// This key would do: sign, please.
  func askForSignature() { _ = unsafe ssh_message_auth_reply_pk_ok_simple(raw) }

  /// He is who he says.
  func acceptAuthentication() { _ = unsafe ssh_message_auth_reply_success(raw, 0) }

  /// Yes to a channel request.
  func acceptRequest() { _ = unsafe ssh_message_channel_request_reply_success(raw) }

  /// Opens the channel asked for; nil when there is no memory.
  func acceptOpen() -> ChannelHandle? {
    guard let channel = unsafe ssh_message_channel_request_open_reply_accept(raw) else { return nil }
    return unsafe ChannelHandle(raw: channel, session: session)
  }
}
