import Foundation
import NIOCore

/// One request of the table, and what a section of it needs.
struct ConformanceRequest {
  let name: String
  let bytes: ByteBuffer
  /// Types nobody knows get no answer. They stand last: sftp-server would leave what is behind them in its queue until
  /// still more comes.
  var isAnswered = true
  /// sftp-server exits on it.
  var isFatal = false
}

/// Requests that are sent to one server over one fresh tree.
struct ConformanceSection {
  enum User {
    case root
    case nobody
  }

  let name: String
  var user = User.root
  var referenceOptions: [String] = []
  var probeOptions: [String] = []
  /// What INIT asks for.
  var clientVersion: UInt32 = 3
  let requests: [ConformanceRequest]
}

/// Sends a section to both servers, one after the other, each over a fresh tree at the same path, so that nothing differs by
/// the path.
struct ConformanceRun {
  /// Holds all of it; what is above the tree must not change either, since it is looked at.
  private let place: String
  private var tree: String { place + "/above/tree" }
  private var probe: String { place + "/sftp-probe" }
  private let startSeconds = UInt32(Date().timeIntervalSince1970) - 5

  init() throws {
    let base = FileManager.default.fileExists(atPath: "/dev/shm") ? "/dev/shm" : NSTemporaryDirectory()
    place = "\(base)/fixline-sftp-\(ProcessInfo.processInfo.processIdentifier)-\(UInt32.random(in: 0...UInt32.max))"
  }

  /// Both servers' answers in order, masked; the last is how they exited.
  func answers(_ section: ConformanceSection) throws -> (reference: [String], ours: [String]) {
    let before = section.user == .nobody ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : []
    // max-open-handles is sftp-server's limit of descriptors less 5; ours has one of its own.
    let reference = ["prlimit", "--nofile=1024:1024"] + before + [ServerProcess.reference] + section.referenceOptions
    let probe = before + [self.probe, "--home", tree] + section.probeOptions
    try Shell.run(
      "mkdir -p '\(place)/above'; cp -f '\(ServerProcess.probe)' '\(self.probe)'; chmod 755 '\(self.probe)'")
    defer { _ = try? Shell.run("rm -rf '\(place)'") }
    return (try answers(section, command: reference), try answers(section, command: probe))
  }

  private func answers(_ section: ConformanceSection, command: [String]) throws -> [String] {
    try Shell.run(Self.fixture, directory: try freshTree())
    let server = try ServerProcess(command, directory: tree, environment: ["TZ": "Asia/Kolkata"])
    var answers: [String] = []
    try server.send(SFTPWire.initialise(section.clientVersion))
    answers.append(text(try server.receive()))
    for request in section.requests {
      try? server.send(request.bytes)
      guard request.isAnswered, !request.isFatal else { continue }
      answers.append(text(try server.receive()))
    }
    if section.requests.contains(where: \.isFatal) { answers.append(text(try server.receive())) }
    let (rest, status) = server.finish()
    answers.append("\(rest) bytes more, exit \(status)")
    return answers
  }

  private func freshTree() throws -> String {
    try Shell.run("rm -rf '\(tree)'; mkdir -m 755 '\(tree)'; touch -d @1000000000 '\(place)/above'")
    return tree
  }

  /// Hexadecimal, with what must differ from run to run masked.
  private func text(_ answer: [UInt8]?) -> String {
    guard let answer else { return "(gone)" }
    return AnswerMask(startSeconds: startSeconds).text(answer)
  }

  /// Everything the table meets, with times that do not change.
  static let fixture = #"""
    umask 022
    printf 'hello\n' > a
    : > empty
    head -c 100000 /dev/zero | tr '\0' x > long
    truncate -s 5G sparse
    printf x > setuid; chmod 4755 setuid
    printf x > setgid; chmod 2711 setgid
    printf x > capital; chmod 7000 capital
    printf x > noperm; chmod 0 noperm
    mkdir dir sticky full; chmod 1777 sticky; chmod 755 dir
    printf one > dir/one; printf two > dir/two; mkdir dir/sub
    ln -s a link; ln -s nowhere dangling; ln -s loop2 loop1; ln -s loop1 loop2; ln -s dir dirlink
    ln -s dir/ slashlink; ln -s ../.. uplink
    ln a hard
    mkfifo fifo
    printf n > $'new\nline'; printf u > $'\xff\xfe'; printf s > ' space '
    printf l > $(printf 'n%.0s' {1..255})
    printf o > old; printf f > future; printf r > recent; printf z > zero
    printf i > owned; chown 12345:54321 owned
    printf i > big-owner; chown 4294967294:4294967294 big-owner
    mkdir many; (cd many; for i in $(seq 250); do : > file-$i; done)
    mkdir locked; printf k > locked/key; chmod 700 locked
    mkdir open; chmod 777 open; printf w > open/theirs; chmod 666 open/theirs; printf m > open/mine
    chown 65534:65534 open/mine
    find . -depth -exec touch -h -d @1000000000 {} +
    touch -d @4000000000 future; touch -d @0 zero; touch -d @86399 old
    touch -d "@$(( $(date +%s) / 86400 * 86400 - 100 * 86400 ))" recent
    touch -h -d @1000000000 .
    """#
}
