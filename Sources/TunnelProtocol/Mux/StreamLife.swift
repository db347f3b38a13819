/// Where a stream is in its life, from one side's view.
///
/// ```
///   (we ask)                                       (the peer asks)
///   opening ──finish()──▶ openingFinished          offered
///      │ ACCEPT                  │ ACCEPT             │ accept()
///      ▼                         │                    ▼
///    open ◀───────────────────── │ ─────────────────(open)
///      │ finish()                ▼
///      ├──────────────▶ localFinished ── EOF ──▶ bothFinished
///      │ EOF                                          ▲
///      └──────────────▶ remoteFinished ── finish() ───┘
///
///   any of open … bothFinished ── end(finished) ──▶ closing: what is queued still goes, then RESET(finished)
///   any ── RESET, or end with any other code ──▶ gone (no state: the stream leaves the table)
/// ```
///
/// The local steps happen when the owner asks for them; EOF and RESET then stand in line behind the stream's bytes.
enum StreamLife: Hashable, Sendable, CaseIterable {
  /// We asked; the peer has not answered. Nothing but OPEN was sent.
  case opening
  /// We asked, and will write no more than what is queued.
  case openingFinished
  /// The peer asked; our owner has not answered.
  case offered
  /// Both sides write.
  case open
  /// Only the peer writes.
  case localFinished
  /// Only we write.
  case remoteFinished
  /// Nobody writes; messages and RESET may still come.
  case bothFinished
  /// Our owner is done with it; what is queued still goes. Whatever the peer sends is dropped.
  case closing

  /// What a peer's frame does on a stream.
  enum Input: Hashable, Sendable, CaseIterable {
    case accept
    case data
    case endOfFile
    case message
    case credit
  }

  /// What is to be done with it. A fault is the stream's, never the tunnel's.
  enum Verdict: Hashable, Sendable {
    case proceed
    case drop
    case fault(StreamFault)
  }

  /// Takes a peer's frame.
  mutating func receive(_ input: Input) -> Verdict {
    switch self {
    case .opening:
      guard input == .accept else { return .fault(.beforeAccept) }
      self = .open
      return .proceed
    case .openingFinished:
      guard input == .accept else { return .fault(.beforeAccept) }
      self = .localFinished
      return .proceed
    case .offered:
      return .fault(input == .accept ? .unexpectedAccept : .beforeAccept)
    case .open:
      return receiveWhileReading(input, atEnd: .remoteFinished)
    case .localFinished:
      return receiveWhileReading(input, atEnd: .bothFinished)
    case .remoteFinished, .bothFinished:
      switch input {
      case .accept: return .fault(.unexpectedAccept)
      case .data, .endOfFile: return .fault(.afterEndOfFile)
      case .message, .credit: return .proceed
      }
    case .closing:
      switch input {
      case .accept, .data, .endOfFile, .message: return .drop
      case .credit: return .proceed
      }
    }
  }

  private mutating func receiveWhileReading(_ input: Input, atEnd next: StreamLife) -> Verdict {
    switch input {
    case .accept: return .fault(.unexpectedAccept)
    case .endOfFile:
      self = next
      return .proceed
    case .data, .message, .credit: return .proceed
    }
  }

  /// Our owner grants the stream. False when there is nothing to grant.
  mutating func accept() -> Bool {
    guard self == .offered else { return false }
    self = .open
    return true
  }

  /// Our owner writes no more. False when it could not write anyway.
  mutating func finish() -> Bool {
    switch self {
    case .opening: self = .openingFinished
    case .open: self = .localFinished
    case .remoteFinished: self = .bothFinished
    case .openingFinished, .offered, .localFinished, .bothFinished, .closing: return false
    }
    return true
  }

  /// How our owner's orderly end is carried out.
  enum Ending: Hashable, Sendable {
    /// Behind what is queued.
    case queued
    /// At once: there is nobody yet to send anything to, or it is ending already.
    case immediate
    /// It is under way.
    case underWay
  }

  /// Our owner is done with the stream, in order.
  mutating func close() -> Ending {
    switch self {
    case .opening, .openingFinished, .offered: return .immediate
    case .open, .localFinished, .remoteFinished, .bothFinished:
      self = .closing
      return .queued
    case .closing: return .underWay
    }
  }

  /// Whether our owner may write bytes.
  var canWrite: Bool {
    switch self {
    case .opening, .open, .remoteFinished: true
    case .openingFinished, .offered, .localFinished, .bothFinished, .closing: false
    }
  }

  /// Whether our owner may send messages.
  var canPost: Bool {
    switch self {
    case .opening, .openingFinished, .open, .localFinished, .remoteFinished, .bothFinished: true
    case .offered, .closing: false
    }
  }

  /// Whether more than OPEN may go out.
  var mayTransmit: Bool {
    switch self {
    case .opening, .openingFinished, .offered: false
    case .open, .localFinished, .remoteFinished, .bothFinished, .closing: true
    }
  }

  /// Whether the peer may still send bytes that somebody reads, so that credit makes sense.
  var isReading: Bool {
    switch self {
    case .open, .localFinished: true
    case .opening, .openingFinished, .offered, .remoteFinished, .bothFinished, .closing: false
    }
  }
}
