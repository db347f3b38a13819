import PTY
import SessionModel

/// Says what happens, in the style asked for: calm text, or events. One place decides who hears what.
struct Reporter {
  let style: OutputStyle
  let queue: OutputQueue
  let wording: Wording
  /// There is a terminal on which a line can be kept up to date.
  let showsStatus: Bool
  private var lastDisconnection: String?
  private var wasUp = false

  init(style: OutputStyle, queue: OutputQueue, wording: Wording, showsStatus: Bool) {
    self.style = style
    self.queue = queue
    self.wording = wording
    self.showsStatus = showsStatus && style == .text
  }

  /// The line below everything said, or none.
  func status(_ text: String?) {
    if showsStatus { queue.setStatus(text) }
  }

  /// Text for a person only.
  func tell(_ text: @autoclosure () -> String) {
    if style == .text { queue.say(text()) }
  }

  /// An event for a script only.
  func script(_ event: @autoclosure () -> AgentEvent) {
    if style == .json { queue.say(event().json.text) }
  }

  /// An event for a script, text for a person.
  func emit(_ event: AgentEvent, text: @autoclosure () -> String?) {
    switch style {
    case .json: queue.say(event.json.text)
    case .text: if let text = text() { queue.say(text) }
    }
  }

  mutating func connected(to shop: String) {
    lastDisconnection = nil
    wasUp = true
    tell(wording.connected(to: shop))
  }

  /// A person is told of each reason once, a script of each try.
  /// - Returns: whether a person was told.
  mutating func disconnected(_ line: String, retryMilliseconds: Int64) -> Bool {
    let told = wording.disconnected(line, wasUp: wasUp)
    let isNews = lastDisconnection != told
    lastDisconnection = told
    emit(
      .disconnected(reason: line, retryMilliseconds: retryMilliseconds),
      text: isNews ? "\(told) \(wording.retry(milliseconds: retryMilliseconds))" : nil)
    return isNews && style == .text
  }
}
