import NIOCore
import PTY
import SessionModel

/// The question on the customer's own terminal, whatever standard input and output are.
final class QuestionScreen {
  private let loop: any EventLoop
  private let wording: Wording
  /// A line was typed.
  private let typed: (TypedAnswer) -> Void
  /// There is nobody to ask: why, for the relay.
  private let unaskable: (String) -> Void
  private var prompt: TerminalPrompt?
  private var shown: Question?
  private var watch: DescriptorWatch?

  init(
    on loop: any EventLoop, in wording: Wording, typed: @escaping (TypedAnswer) -> Void,
    unaskable: @escaping (String) -> Void
  ) {
    self.loop = loop
    self.wording = wording
    self.typed = typed
    self.unaskable = unaskable
  }

  /// Shows the words, forgets what was typed before, and waits for a line.
  /// - Parameters:
  ///   - wasLost: it was answered, and the answer did not arrive.
  ///   - erasure: what takes away the line the words are written over.
  func show(_ question: Question, wasLost: Bool, over erasure: String) {
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
    let text = erasure + wording.asked(question, wasLost: wasLost)
    guard prompt?.ask(text, question: wording.question(question)) == true else {
      close()
      unaskable("the customer's terminal does not take the question")
      return
    }
    arm()
  }

  /// Puts the question again.
  func askAgain() {
    if let shown { prompt?.write(wording.askAgain(shown)) }
  }

  /// Takes the question away and says this in its place.
  func cancel(_ line: String) {
    let columns = prompt?.columns ?? TerminalPrompt.defaultColumns
    prompt?.write("\n\(TextWidth.folded(line, toColumns: columns))\n")
    close()
  }

  /// Gives the terminal back.
  func close() {
    watch?.cancel()
    watch = nil
    prompt = nil
    shown = nil
  }

  private func arm() {
    guard let descriptor = prompt?.descriptor else { return }
    watch = DescriptorWatch(descriptor, on: loop) { [weak self] in self?.drain() }
  }

  private func drain() {
    // One line a turn: whoever hears of it may take the question away.
    while prompt != nil {
      switch prompt?.readLine() ?? .ended {
      case .line(let line): typed(TypedAnswer(line: line))
      case .nothingYet:
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
