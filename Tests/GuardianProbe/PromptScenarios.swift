import SessionModel
import Glibc
import PTY

/// The question on the agent's own terminal.
enum PromptScenarios {
  static let endOfFile = "end of file"
  static let widthThatGoesOn: UInt16 = 123
  static let widthThatHasNews: UInt16 = 45

  static func prompt(_ guardian: Guardian) throws {
    let session = try ProbeSession(guardian)
    let own = ownPath()
    let size = TerminalSize(columns: 97, rows: 30)
    let process = try session.spawn(
      shell: """
        stty -icanon -echo; '\(own)' prompt-inside </dev/null; s=$?
        stty -a | grep -o -e -icanon -e '-echo '; exit $s
        """, terminal: size)

    Probe.check(session.read(process, until: "columns\r\n").contains("97 columns"), "the width is told")
    session.write(process, "y\n")  // too early: the question is not there yet
    var text = session.read(process, until: "Accept? ")
    Probe.check(text.contains("words\r\n"), "the words stand there first: \(text)")
    session.write(process, "no, thank you\n")
    text = session.read(process, until: "]")
    Probe.check(text.contains("first [no, thank you]"), "what was typed ahead does not count: \(text)")

    session.write(process, "yes")  // half a line, without its end
    Probe.check(session.read(process, until: "yes").contains("yes"), "it is echoed")
    process.resize(to: TerminalSize(columns: widthThatGoesOn, rows: 30))
    _ = session.read(process, until: "Accept? ")
    session.write(process, "tschüß\n")
    text = session.read(process, until: "]")
    Probe.check(text.contains("second [tschüß]"), "half a line typed ahead does not count: \(text)")

    session.write(process, String(repeating: "x", count: 3_000) + "\n")
    text = session.read(process, until: "third")
    text += session.read(process, until: "]")
    Probe.check(text.contains("1024 bytes]"), "a long line is cut: \(text.suffix(80))")

    try news(session, process)

    session.write(process, "\u{4}")
    Probe.check(session.read(process, until: "end of file\r\n").contains("end of file"), "end of file is told")
    let finished = session.finish(process)
    Probe.check(finished.cause == .status(0), "\(String(describing: finished.cause)) \(finished.text)")
    let restored = finished.text.contains("-icanon") && finished.text.contains("-echo")
    Probe.check(restored, "modes are restored: \(finished.text)")

    let hung = try session.spawn(shell: "trap '' HUP; '\(own)' prompt-inside", terminal: size)
    _ = session.read(hung, until: "columns\r\n")
    session.write(hung, "y\n")
    _ = session.read(hung, until: "Accept? ")
    close(hung.output)
    Probe.check(session.waitForExit(hung.pid) == .status(6), "a terminal that goes away ends the question")

    let none = try session.run(shell: "'\(own)' prompt-inside")
    Probe.check(none.text.contains("There is no terminal to ask on"), "without one there is a clear line: \(none.text)")
    Probe.check(none.cause == .status(4), "\(String(describing: none.cause))")

    let background = try session.keeper.spawn(
      session.request(["/bin/bash", "--norc", "--noprofile", "-i"], terminal: size))
    session.write(background, "'\(own)' prompt-inside & wait\n")
    Probe.check(
      session.read(background, until: "background\r\n").contains("background"), "the background is recognised")
    close(background.output)
  }

  /// What is said while a question stands there.
  private static func news(_ session: ProbeSession, _ process: SpawnedProcess) throws {
    _ = session.read(process, until: "Accept? ")
    session.write(process, "yes")
    _ = session.read(process, until: "yes")
    process.resize(to: TerminalSize(columns: widthThatHasNews, rows: 30))
    var text = session.read(process, until: "more news\r\nAccept? yes")
    let erasure = "\r" + String(repeating: " ", count: Int(widthThatHasNews) - 1) + "\r"
    Probe.check(
      text.hasSuffix("\(erasure)news\r\nAccept? yes\(erasure)more news\r\nAccept? yes"),
      "it stands in the question's place, and what was typed behind the question again: \(text.debugDescription)")
    session.write(process, "!\n")
    text = session.read(process, until: "]")
    Probe.check(text.contains("fourth said said [yes!]"), "what stands behind the question is the answer: \(text)")
    _ = session.read(process, until: "Accept? ")
    let long = String(repeating: "x", count: Int(widthThatHasNews))
    session.write(process, long)
    _ = session.read(process, until: long)
    process.resize(to: TerminalSize(columns: widthThatGoesOn, rows: 30))
    _ = session.read(process, until: "-Accept? ")
    session.write(process, "no\n")
    text = session.read(process, until: "]")
    Probe.check(text.contains("said [no]"), "half a line that does not fit is forgotten: \(text)")
    _ = session.read(process, until: "Accept? ")
    session.write(process, "tak\n")
    text = session.read(process, until: "]")
    Probe.check(
      text.contains("\rlate news\r\nfifth answered [tak]"),
      "a line typed before it is the answer: \(text.debugDescription)")
  }

  static func ownPath() -> String {
    var path = [CChar](repeating: 0, count: 4_096)
    _ = unsafe readlink("/proc/self/exe", &path, 4_095)
    return String(decoding: path.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// What runs on the terminal.
  static func inside() -> Never {
    do {
      var prompt = try TerminalPrompt()
      guard prompt.isForeground else {
        prompt.write("in the background\n")
        exit(5)
      }
      prompt.write("\(prompt.columns) columns\n")
      Probe.waitReadable([prompt.descriptor])
      prompt.ask("words\n", question: "Accept? ")
      let first = answer(&prompt)
      guard first != endOfFile else { exit(6) }
      prompt.write("first [\(first)]\n")
      Probe.must { prompt.columns == Int(widthThatGoesOn) }
      prompt.ask("words\n", question: "Accept? ")
      prompt.write("second [\(answer(&prompt))]\n")
      prompt.write("third [\(answer(&prompt).utf8.count) bytes]\n")
      prompt.ask("words\n", question: "Accept? ")
      Probe.must { prompt.columns == Int(widthThatHasNews) }
      var saying = prompt.say("news", question: "Accept? ")
      let more = prompt.say("more news", question: "Accept? ")
      prompt.write("fourth \(saying) \(more) [\(answer(&prompt))]\n")
      prompt.ask("words\n", question: "Accept? ")
      Probe.must { prompt.columns == Int(widthThatGoesOn) }
      saying = prompt.say("good news", question: String(repeating: "-", count: 100) + "Accept? ")
      prompt.write("\(saying) [\(answer(&prompt))]\n")
      prompt.ask("words\n", question: "Accept? ")
      Probe.waitReadable([prompt.descriptor])
      saying = prompt.say("late news", question: "Accept? ")
      prompt.write("fifth \(saying) [\(answer(&prompt))]\n")
      prompt.write("\(answer(&prompt))\n")
    } catch {
      Probe.say("\(error)")
      exit(4)
    }
    exit(0)
  }

  private static func answer(_ prompt: inout TerminalPrompt) -> String {
    while true {
      switch prompt.readLine() {
      case .line(let line): return line
      case .ended: return endOfFile
      case .nothingYet: Probe.waitReadable([prompt.descriptor])
      }
    }
  }
}
