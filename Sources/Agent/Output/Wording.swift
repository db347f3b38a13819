import PTY
import SessionModel

/// What a person reads. Short and calm: somebody who is afraid for his computer reads it with a telephone at his ear.
/// Everything a peer wrote is escaped here; the sentences themselves are in ``AgentWords``.
struct Wording: Sendable {
  let language: Language
  let words: AgentWords

  init(_ language: Language) { self.init(language, AgentWords.of(language)) }

  init(_ language: Language, _ words: AgentWords) {
    self.language = language
    self.words = words
  }

  func connecting(to relay: RelayAddress) -> String { words.connecting("\(relay)") }

  func connected(to shop: String) -> String {
    let name = Self.field(shop)
    return name.isEmpty ? words.connected : words.connectedTo(name)
  }

  func ready(_ code: JoinCode) -> String {
    let lines = words.readItOut.split(separator: "\n").map { "  \($0)" }
    return (["", "  \(words.yourCode)   \(code.spoken)", ""] + lines + [""]).joined(separator: "\n")
  }

  /// Behind a visit's last lines.
  func readyAgain(_ code: JoinCode) -> String { "\n\(words.codeAgain(code.spoken))" }

  /// - Parameter wasUp: whether this run of the agent has been connected.
  func disconnected(_ reason: String, wasUp: Bool) -> String {
    let reason = TextSafety.escaped(reason)
    return wasUp ? words.lineLost(reason) : words.disconnected(reason)
  }

  func retry(milliseconds: Int64) -> String {
    let seconds = (milliseconds + 999) / 1_000
    return seconds <= 1 ? words.tryingNow : words.tryingIn(seconds)
  }

  /// While somebody is at work and the line is down.
  var lineCut: String { words.lineCut }

  // MARK: - Questions

  func question(_ question: Question) -> String {
    question.isYesOrNo ? words.yesOrNo : words.number(numbers(question))
  }

  func askAgain(_ question: Question) -> String {
    question.isYesOrNo ? words.yesOrNoAgain : words.numberAgain(numbers(question))
  }

  private func numbers(_ question: Question) -> String {
    guard case .choice(let request) = question, request.kind.choiceCount > 1 else { return "1" }
    let last = request.kind.choiceCount
    return (1..<last).map { "\($0)" }.joined(separator: ", ") + words.or + "\(last)"
  }

  /// - Parameter wasLost: it was answered, and the answer did not arrive.
  func asked(_ question: Question, wasLost: Bool = false) -> String {
    "\n\n\(wasLost ? "\(words.answerLost)\n\n" : "")\(question.words)\n\n"
  }

  func cancelled(_ why: QuestionQueue.Cancellation) -> String {
    switch why {
    case .withdrawn(.consent, let reason): words.takenBack(TextSafety.escaped(reason))
    case .withdrawn(.choice, let reason): words.choiceTakenBack(TextSafety.escaped(reason))
    case .timedOut(.consent): words.timedOut
    case .timedOut(.choice): words.choiceTakenBack("")
    case .linkLost: words.connectionLost
    case .unclear(.consent): words.unclearConsent
    case .unclear(.choice): words.unclearChoice
    }
  }

  func standingYes(_ question: Question) -> String {
    switch question {
    case .consent: "\(question.words)\n\(words.standingYes)"
    case .choice: "\(question.words)\n\(words.standingNo)"
    }
  }

  var saidYes: String { words.saidYes }

  func chose(_ question: Question, _ choice: UInt8) -> String {
    guard question.isYesOrNo else { return words.chose("\(choice)") }
    return choice == QuestionKind.agreeing ? words.saidYes : words.saidNo
  }

  func notAsked(because reason: String) -> String { words.notAsked(Self.field(reason)) }

  func accepted(_ technician: String) -> String { words.accepted(Self.field(technician)) }

  var declined: String { words.declined }

  func refused(_ technician: String, because reason: String) -> String {
    words.refused(Self.field(technician), Self.field(reason))
  }

  // MARK: - The visit

  /// Nil where a change is none a person has to hear of.
  func session(_ report: SessionReport, technician: String) -> String? {
    switch report.state {
    case .requested, .awaitingConsent, .closed: nil
    case .active: words.working(Self.field(technician))
    case .suspended:
      words.noTime(report.reasons.isEmpty ? words.paused : report.reasons.map(reason).joined(separator: ", "))
    }
  }

  private func reason(_ reason: SuspendReason) -> String {
    switch reason {
    case .link: words.link
    case .noChannel: words.noChannel
    case .paused: words.paused
    case .limit: words.limit
    case .idle: words.idle
    case .storage: words.storage
    }
  }

  /// The relay's lines at the end of a session.
  func closed(text: String) -> String {
    if text.isEmpty { return "\n\(language.visitIsOver)" }
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { TextSafety.escaped(String($0)) }
    return "\n" + lines.joined(separator: "\n")
  }

  /// Nil when nothing was running.
  func ended(_ processes: EndedProcesses) -> String? {
    if processes.total == 0 { return nil }
    var names = processes.list.map { "\(TextSafety.escaped($0.command)) (\($0.pid))" }
    let more = processes.total - names.count
    if more > 0 { names.append(words.moreEnded(Int64(more))) }
    let line = words.ended(Int64(processes.total), names.joined(separator: ", "))
    return processes.survivors > 0 ? "\(line) \(words.survivors(Int64(processes.survivors)))" : line
  }

  func takenBack(_ technician: String, reason: String) -> String {
    words.endedBeforeYes(Self.field(technician), Self.field(reason))
  }

  func askedAnew(_ technician: String) -> String { words.askedAnew(Self.field(technician)) }

  var stopping: String { "\n\(words.stopping)" }

  func otherRelay(_ technician: String) -> String { words.otherRelay(Self.field(technician)) }
}

/// What is the same in every language.
extension Wording {
  static func notice(_ text: String) -> String {
    text.split(separator: "\n").map { TextSafety.escaped(String($0)) }.joined(separator: "\n")
  }

  /// One line of something a peer wrote.
  static func field(_ text: String) -> String { TextWidth.cut(TextSafety.escaped(text), toColumns: 200) }

  /// Begins with a capital letter, unless its first word is a path, an address or a name, and ends with a full stop.
  static func sentence(_ text: String) -> String {
    let escaped = TextSafety.escaped(text)
    guard let word = escaped.split(separator: " ").first else { return "" }
    let isWord = word.utf8.allSatisfy { (97...122).contains($0) || $0 == UInt8(ascii: "'") }
    let whole = isWord ? word.prefix(1).uppercased() + escaped.dropFirst() : escaped
    return whole.hasSuffix(".") ? whole : whole + "."
  }
}
