import NIOCore

/// What the relay tells.
extension Connection {
  /// The exit status of what never ran, as `ssh` itself uses it.
  private static let refusedStatus: UInt32 = 255

  func perform(_ command: ConnectionCommand) {
    switch command {
    case .end(let reason):
      leave(reason: reason)
    case .retire(let reason):
      retirement = retirement ?? Retirement(reason: reason, lastChannel: lastChannelNumber)
    case .channel(let command):
      guard let record = channelsByNumber[command.channel], !record.isOver else { return }
      perform(command.action, on: record)
    }
  }

  private func perform(_ action: ChannelCommand.Action, on record: ChannelRecord) {
    switch action {
    case .accept: accept(record)
    case .refuse(let line): refuse(record, line)
    case .write(let bytes, let toError):
      record.queueOutput(bytes, toError: toError)
    case .sendEOF: record.outbound.append(.eof)
    case .exitStatus(let status): record.outbound.append(.exitStatus(status))
    case .exitSignal(let name, let coreDumped, let message):
      record.outbound.append(.exitSignal(name: name, coreDumped: coreDumped, message: message))
    case .close: close(record)
    case .closeNow:
      record.dropOutbound()
      close(record)
    case .allowInput(let bytes):
      let (sum, overflow) = record.inputAllowance.addingReportingOverflow(bytes)
      record.inputAllowance = overflow ? .max : sum
    case .notice(let line):
      guard record.handle != nil else { return }
      answerYes(record)
      record.queueNotice(line)
    }
  }

  private func accept(_ record: ChannelRecord) {
    guard case .asked(let message) = record.phase else { return }
    if record.handle == nil, let message {
      record.phase = .open
      open(record, by: message)
    } else {
      message?.acceptRequest()
      record.phase = .open
      switch record.audience {
      case .nobody: break
      case .command, .interactive: explainRefusals(on: record)
      }
    }
  }

  func refuse(_ record: ChannelRecord, _ line: String) {
    guard record.handle != nil else {
      let phase = record.phase
      record.finish(orderly: true)
      if case .asked(let message?) = phase { refuseForward(message, line) }
      return
    }
    answerYes(record)
    record.queueNotice(line)
    record.outbound.append(.exitStatus(Self.refusedStatus))
    close(record)
  }

  private func close(_ record: ChannelRecord) {
    guard record.handle != nil else { return refuse(record, "") }
    answerYes(record)
    record.outbound.append(.close)
  }

  /// Answers a waiting request, so that what is written is shown; the delegate still has to accept.
  private func answerYes(_ record: ChannelRecord) {
    guard case .asked(let message) = record.phase else { return }
    message?.acceptRequest()
    record.phase = .asked(nil)
  }
}
