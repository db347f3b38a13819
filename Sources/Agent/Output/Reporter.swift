import PTY
import SessionModel

/// Says what happens, in the style asked for: calm text, or events. One place decides who hears what.
struct Reporter {
  let style: OutputStyle
  let queue: OutputQueue
  let wording: Wording
  /// There is a terminal on which a line can be kept up to date.
  let showsStatus: Bool
  /// Where things are said while a question stands on the terminal that they would be written on.
  var screen: QuestionScreen?
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
    if style == .text { say(text()) }
  }

  /// An event for a script only.
  func script(_ event: @autoclosure () -> AgentEvent) {
    if style == .json { say(event().json.text) }
  }

  /// An event for a script, text for a person.
  func emit(_ event: AgentEvent, text: @autoclosure () -> String?) {
    switch style {
    case .json: say(event.json.text)
    case .text: if let text = text() { say(text) }
    }
  }

  mutating func connected(to shop: String) {
    lastDisconnection = nil
    wasUp = true
    tell(wording.connected(to: shop))
  }

  /// A person is told of each reason once, a script of each try.
  mutating func disconnected(_ line: String, retryMilliseconds: Int64) {
    let told = wording.disconnected(line, wasUp: wasUp)
    let isNews = lastDisconnection != told
    lastDisconnection = told
    emit(
      .disconnected(reason: line, retryMilliseconds: retryMilliseconds),
      text: isNews ? "\(told) \(wording.retry(milliseconds: retryMilliseconds))" : nil)
  }

  private func say(_ text: String) {
    if screen?.say(text, isFolded: style == .text) != true { queue.say(text) }
  }
}
