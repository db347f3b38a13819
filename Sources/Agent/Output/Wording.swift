import PTY
import SessionModel

/// What a person reads. Short and calm: somebody who is afraid for his computer reads it with a telephone at his ear.
/// Everything a peer wrote is escaped here.
enum Wording {
  static func connecting(to relay: RelayAddress) -> String { "Connecting to \(relay) …" }

  static func connected(to shop: String) -> String {
    let name = field(shop)
    return name.isEmpty ? "Connected." : "Connected to \(name)."
  }

  static func ready(_ code: JoinCode) -> String {
    """

      Your code:   \(code.spoken)

      Read it to your technician, three digits at a time.
      Nothing happens until you say yes here.
      Ctrl+C stops everything, at any moment.

    """
  }

  /// Behind a visit's last lines.
  static func readyAgain(_ code: JoinCode) -> String {
    "\nIf you need help again, read out: \(code.spoken). Otherwise press Ctrl+C to end."
  }

  static func disconnected(_ reason: String, retryMilliseconds: Int64) -> String {
    let seconds = (retryMilliseconds + 999) / 1_000
    let when = seconds <= 1 ? "Trying again now." : "Trying again in \(seconds) seconds."
    return "\(sentence(reason)) \(when)"
  }

  /// While somebody is at work and the line is down.
  static let lineCut = "The clock stands still until the connection is back. What was begun waits for it."

  static func question(_ question: Question) -> String {
    question.isYesOrNo ? "Type y or n, then Enter: " : "Type \(numbers(question)), then Enter: "
  }

  static func askAgain(_ question: Question) -> String {
    question.isYesOrNo
      ? "Please type y for yes or n for no, then Enter: " : "Please type \(numbers(question)), then Enter: "
  }

  private static func numbers(_ question: Question) -> String {
    guard case .choice(let request) = question, request.kind.choiceCount > 1 else { return "1" }
    let last = request.kind.choiceCount
    return (1..<last).map { "\($0)" }.joined(separator: ", ") + " or \(last)"
  }

  static func asked(_ question: Question) -> String { "\n\n\(question.words)\n\n" }

  static func standingYes(_ question: Question) -> String {
    switch question {
    case .consent: "\(question.words)\n(Yes by --consent yes.)"
    case .choice: "\(question.words)\n(By --consent yes nothing more is agreed to.)"
    }
  }

  static func chose(_ question: Question, _ choice: UInt8) -> String {
    guard question.isYesOrNo else { return "You chose \(choice)." }
    return choice == QuestionKind.agreeing ? "You said yes." : "You said no."
  }

  static func notAsked(because reason: String) -> String {
    "You could not be asked something: \(field(reason)). Nothing was agreed to."
  }

  static func accepted(_ technician: String) -> String {
    "You said yes. \(field(technician)) can start now. Ctrl+C stops everything, at any moment."
  }

  static let declined = "You said no. Nothing happened, and it costs nothing."

  static func refused(_ technician: String, because reason: String) -> String {
    "\(field(technician)) asked to help you and was turned away: \(field(reason)). Nothing happened."
  }

  /// Nil where a change is none a person has to hear of.
  static func session(_ report: SessionReport, technician: String) -> String? {
    let name = field(technician)
    switch report.state {
    case .requested, .awaitingConsent, .closed: return nil
    case .active: return "\(name) is working on this computer. Time counts now. Ctrl+C stops it."
    case .suspended:
      let why = report.reasons.isEmpty ? "paused" : report.reasons.map(reason).joined(separator: ", ")
      return "No time counts at the moment: \(why)."
    }
  }

  private static func reason(_ reason: SuspendReason) -> String {
    switch reason {
    case .link: "the connection is down"
    case .noChannel: "nobody is connected"
    case .paused: "paused"
    case .limit: "the agreed limit is reached"
    case .idle: "nothing was done for a while"
    case .storage: "the relay cannot write its records"
    }
  }

  /// The relay's lines at the end of a session.
  static func closed(text: String) -> String {
    if text.isEmpty { return "\nThe visit is over. No one is connected." }
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { TextSafety.escaped(String($0)) }
    return "\n" + lines.joined(separator: "\n")
  }

  /// Nil when nothing was running.
  static func ended(_ processes: EndedProcesses) -> String? {
    if processes.total == 0 { return nil }
    var names = processes.list.map { "\(TextSafety.escaped($0.command)) (\($0.pid))" }
    let more = processes.total - names.count
    if more > 0 { names.append("\(more) more") }
    let programs = processes.total == 1 ? "1 program" : "\(processes.total) programs"
    var line = "Ended \(programs) of the visit: \(names.joined(separator: ", "))."
    if processes.survivors > 0 { line += " \(processes.survivors) could not be ended: tell your technician." }
    return line
  }

  static func takenBack(_ technician: String, reason: String) -> String {
    let why = reason.isEmpty ? "" : " \(sentence(reason))"
    return "The visit of \(field(technician)) was ended before your yes arrived.\(why) No one is connected by it."
  }

  static func askedAnew(_ technician: String) -> String {
    "What you agreed to with \(field(technician)) does not hold any more and was ended. You are asked anew."
  }

  static let stopping = "\nStopping everything …"

  static func provisional(_ session: SessionID, technician: String, measuredMilliseconds: Int64) -> String {
    """

    The visit of \(field(technician)) (\(session)) was ended here. The relay did not confirm it in time.
    Measured here: at most \(DurationText.short(seconds: measuredMilliseconds / 1_000)). This is provisional.
    No one is connected.
    """
  }

  static func otherRelay(_ technician: String) -> String {
    "The relay is not the one you said yes to: the visit of \(field(technician)) was ended, and you would be asked anew."
  }

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
