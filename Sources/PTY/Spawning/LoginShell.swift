public import SessionModel

internal import Glibc

/// Who runs the agent: name, home and shell, as a login would have them.
///
/// /etc/passwd is read first and `getpwuid_r` asked only for a user who is not in it (a directory service). The usual
/// order would be the other way round; but a static executable's name service loads the host's libraries, which may
/// not fit it, so for the ordinary user it is never called. When nobody knows the user, HOME, USER and SHELL of the
/// agent's own environment are used, then `/` and `/bin/sh`.
public struct LoginShell: Hashable, Sendable {
  /// The shell's absolute path.
  public let path: String
  /// The home directory's absolute path.
  public let home: String
  /// The user's name.
  public let user: String

  /// A given user.
  public init(path: String, home: String, user: String) {
    self.path = path
    self.home = home
    self.user = user
  }

  /// The search path used when the agent's own environment has none.
  public static let fallbackSearchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

  /// The running (effective) user's.
  public static func current() -> LoginShell {
    let uid = geteuid()
    let found =
      PasswordFile.entry(uid: uid, path: "/etc/passwd") ?? PasswordFile.entryFromNameService(uid: uid)
    let home = found?.home ?? ownEnvironment("HOME") ?? "/"
    let shell = found?.shell ?? ownEnvironment("SHELL") ?? ""
    return LoginShell(
      path: isExecutable(shell) ? shell : "/bin/sh",
      home: home.hasPrefix("/") ? home : "/",
      user: found?.user ?? ownEnvironment("USER") ?? String(uid))
  }

  /// The shell's name without its directories.
  public var name: String {
    String(path.split(separator: "/").last ?? "sh")
  }

  /// An interactive login shell: its first argument begins with "-".
  public func shellRequest(environment: [String], terminal: TerminalSize?) -> SpawnRequest {
    SpawnRequest(
      executable: path, argumentVector: [Array("-\(name)".utf8)], environment: environment, workingDirectory: home,
      terminal: terminal)
  }

  /// One command, run by the shell with `-c`, as sshd does.
  public func commandRequest(_ command: [UInt8], environment: [String], terminal: TerminalSize?) -> SpawnRequest {
    SpawnRequest(
      executable: path, argumentVector: [Array(name.utf8), Array("-c".utf8), command], environment: environment,
      workingDirectory: home, terminal: terminal)
  }

  /// The environment of a login: USER, LOGNAME, HOME, SHELL, PATH, the agent's own language and time zone, TERM when
  /// given, then `extra`, whose names replace earlier ones. The caller decides which names a technician may set.
  public func environment(term: String?, extra: [(name: String, value: String)] = []) -> [String] {
    var entries: [(name: String, value: String)] = [
      ("USER", user), ("LOGNAME", user), ("HOME", home), ("SHELL", path),
      ("PATH", Self.ownEnvironment("PATH") ?? Self.fallbackSearchPath),
    ]
    for name in Self.inheritedNames {
      if let value = Self.ownEnvironment(name) { entries.append((name, value)) }
    }
    if let term { entries.append(("TERM", term)) }
    for (name, value) in extra {
      entries.removeAll { $0.name == name }
      entries.append((name, value))
    }
    return entries.map { "\($0.name)=\($0.value)" }
  }

  /// What a session takes over from the agent's own environment, when set.
  static let inheritedNames = [
    "LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "LC_COLLATE", "LC_MESSAGES", "LC_MONETARY", "LC_NUMERIC", "LC_TIME", "TZ",
  ]

  /// A non-empty variable of this process.
  private static func ownEnvironment(_ name: String) -> String? {
    guard let value = unsafe getenv(name) else { return nil }
    let text = unsafe String(cString: value)
    return text.isEmpty ? nil : text
  }

  private static func isExecutable(_ path: String) -> Bool {
    guard path.hasPrefix("/") else { return false }
    return unsafe access(path, X_OK) == 0
  }
}
