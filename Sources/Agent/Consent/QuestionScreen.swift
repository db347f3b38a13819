import NIOCore
import PTY
import SessionModel

/// The question on the customer's own terminal, whatever standard input and output are.
///
/// ```
///            show()             everything said before is written, or it takes too long
///   closed ─────────▶ waiting ─────────────────────────────────────────────────────────▶ asking
///     ▲                  │                                                                 │
///     └──────────────────┴───────────────── cancel(), leave(), close() ────────────────────┘
/// ```
/// Where standard output is that terminal, only one writes at a time: before and after a question the main thread, while it
/// stands there this screen, on the event loop. What is to be said meanwhile takes the question's place, and the question
/// follows below it.
final class QuestionScreen {
  /// How long a question waits for what was said before it, in milliseconds: as long as for a terminal that stands still.
  static let waitMilliseconds = Int64(TerminalPrompt.writeLimitMilliseconds)
  /// Texts that wait for a terminal that stands still. More go to the main thread, which waits with it.
  static let maximumUnsaid = 256

  private let loop: any EventLoop
  private let wording: Wording
  private let output: OutputQueue
  private let sharesTerminal: Bool
  /// A line was typed.
  private let typed: (TypedAnswer) -> Void
  /// There is nobody to ask: why, for the relay.
  private let unaskable: (String) -> Void
  private var prompt: TerminalPrompt?
  private var shown: Question?
  private var watch: DescriptorWatch?
  private var unsaid: [String] = []
  private var holdsStatus = false
  /// Counts questions: what was scheduled for an earlier one is not done to a later one.
  private var turn = 0

  /// - Parameter sharesTerminal: standard output is a terminal, and the question stands on the same.
  init(
    on loop: any EventLoop, in wording: Wording, beside output: OutputQueue, sharesTerminal: Bool,
    typed: @escaping (TypedAnswer) -> Void, unaskable: @escaping (String) -> Void
  ) {
    self.loop = loop
    self.wording = wording
    self.output = output
    self.sharesTerminal = sharesTerminal
    self.typed = typed
    self.unaskable = unaskable
  }

  /// Shows the words, forgets what was typed before, and waits for a line.
  /// - Parameter wasLost: it was answered, and the answer did not arrive.
  func show(_ question: Question, wasLost: Bool) {
    close()
    guard sharesTerminal else { return put(question, wasLost) }
    let turn = turn
    putWhenIdle(question, wasLost, turn)
    loop.assumeIsolated().scheduleTask(in: .milliseconds(Self.waitMilliseconds)) { [weak self] in
      guard let self, self.isWaiting(turn) else { return }
      self.put(question, wasLost)
    }
  }

  private func putWhenIdle(_ question: Question, _ wasLost: Bool, _ turn: Int) {
    guard isWaiting(turn) else { return }
    if output.isIdle { return put(question, wasLost) }
    // Something may have been said again before this is heard of.
    output.whenIdle().assumeIsolated().whenComplete { [weak self] _ in self?.putWhenIdle(question, wasLost, turn) }
  }

  private func isWaiting(_ turn: Int) -> Bool { self.turn == turn && shown == nil }

  private func put(_ question: Question, _ wasLost: Bool) {
    do throws(ProcessError) {
      let terminal = try TerminalPrompt()
      guard terminal.isForeground else {
        unaskable("the agent runs in the background of its terminal and cannot ask")
        return
      }
      prompt = consume terminal
    } catch {
      unaskable("there is no terminal on which the customer could be asked")
      return
    }
    shown = question
    holdsStatus = true
    let text = output.holdStatus() + wording.asked(question, wasLost: wasLost)
    guard prompt?.ask(text, question: wording.question(question)) == true else {
      close()
      unaskable("the customer's terminal does not take the question")
      return
    }
    arm()
  }

  /// Puts the question again, with what may be answered.
  func askAgain() {
    if let shown { prompt?.write(wording.askAgain(shown)) }
  }

  /// Says something above the question.
  /// - Returns: false when none stands where it would be written: it is to be said as always.
  func say(_ text: String, isFolded: Bool) -> Bool {
    guard sharesTerminal, shown != nil, unsaid.count < Self.maximumUnsaid else { return false }
    let columns = prompt?.columns ?? TerminalPrompt.defaultColumns
    unsaid.append(isFolded ? TextWidth.folded(text, toColumns: columns) : text)
    sayWaiting()
    return true
  }

  private func sayWaiting() {
    guard let shown, !unsaid.isEmpty else { return }
    let texts = unsaid.joined(separator: "\n")
    switch prompt?.say(texts, question: wording.question(shown)) ?? .stopped {
    case .said: unsaid = []
    case .answered:
      unsaid = []
      // Later: whoever says something is in the middle of something.
      loop.assumeIsolated().execute { [weak self] in self?.drain() }
    case .stopped: break
    }
  }

  /// Takes the question away and says this in its place.
  func cancel(_ line: String) {
    let columns = prompt?.columns ?? TerminalPrompt.defaultColumns
    prompt?.write("\n\(TextWidth.folded(line, toColumns: columns))\n")
    close()
  }

  /// Takes the question away without a word: what comes next begins where it stood.
  func leave() {
    if let erasure = prompt?.lineErasure { prompt?.write(erasure) }
    close()
  }

  /// Gives the terminal back.
  func close() {
    turn += 1
    watch?.cancel()
    watch = nil
    prompt = nil
    shown = nil
    for text in unsaid { output.say(text) }
    unsaid = []
    if holdsStatus { output.releaseStatus() }
    holdsStatus = false
  }

  private func arm() {
    guard let descriptor = prompt?.descriptor else { return }
    watch?.cancel()
    watch = DescriptorWatch(descriptor, on: loop) { [weak self] in self?.drain() }
  }

  private func drain() {
    // One line a turn: whoever hears of it may take the question away.
    while prompt != nil {
      switch prompt?.readLine() ?? .ended {
      case .line(let line): typed(TypedAnswer(line: line))
      case .nothingYet:
        sayWaiting()
        arm()
        return
      case .ended:
        // Ctrl+D, or the window is gone: the next words begin on a line of their own.
        prompt?.write("\n")
        close()
        unaskable("nobody answered at the terminal")
        return
      }
    }
  }
}
