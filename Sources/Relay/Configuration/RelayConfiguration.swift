import SessionModel
import Yams

/// What an operator may set in the file given by `--config` (YAML). Every key is optional; an unknown key or an impossible
/// value is refused with the key's name and line.
///
/// ```yaml
/// shop: { name: "Nine to Five Computers", phone: "+358 9 123 456", address: "Mannerheimintie 1, Helsinki", vat_id: FI12345678 }
/// tls: { certificate: /etc/fixline/relay.crt, key: /etc/fixline/relay.key, name: relay.example.com }
/// consent_timeout_seconds: 120
/// code_lifetime_seconds: 900
/// linger_seconds: 600
/// resume_window_seconds: 600
/// ssh_connections: 200
/// retention_years: 6
/// default_plan: standard
/// ```
public struct RelayConfiguration: Sendable, Equatable {
  /// The shop's name, shown in the consent prompt and the SSH banner; 1 to 60 characters.
  public var shopName = "this support desk"
  /// The number the customer may call; at most 40 characters, empty when there is none.
  public var shopPhone = ""
  /// The shop's address as it stands on documents, in one line; at most 200 characters, empty when there is none.
  public var shopAddress = ""
  /// The shop's identifier for value added tax; at most 40 characters, empty when there is none.
  public var shopVATID = ""
  /// The operator's certificate chain (PEM) instead of a self-made one.
  public var certificateFile: String?
  /// Its private key (PEM, mode 0600).
  public var keyFile: String?
  /// The name written into a self-made certificate.
  public var hostName = "localhost"
  /// How long the customer may think, in seconds; 1 to 3,600.
  public var consentTimeoutSeconds: Int64 = 120
  /// How long a join code waits for its claim, in seconds; 1 to 86,400.
  public var codeLifetimeSeconds: Int64 = JoinCode.lifetimeSeconds
  /// How long a session without a channel stays open, in seconds, whatever its plan says; 1 to 86,400. Nil for as long as
  /// the plan's merge gap.
  public var lingerSeconds: Int64?
  /// How long a session outlives the line to its machine, in seconds; 10 to 86,400, or 0: a broken line ends it, and nothing
  /// is kept to be sent again.
  public var resumeWindowSeconds: Int64 = 600
  /// Technicians' ssh connections at once; 1 to 4,000. Each costs a thread.
  public var sshConnections: Int64 = 200
  /// How long a customer's records are kept after his last billed session, in years; 0 to 100.
  public var retentionYears: Int64 = 6

  /// The plan of whoever has none of his own; nil for the one called `standard`.
  public var defaultPlan: String?

  /// The defaults.
  public init() {}

  /// Reads the text of a configuration file; `file` is its name for the error.
  public init(yaml: String, file: String) throws(RelayFailure) {
    let nodes: YAMLNodes
    do {
      nodes = try YAMLNodes(yaml)
    } catch {
      throw ConfigurationReader.failure(file, error)
    }
    guard let root = nodes.root else { return }
    let reader = ConfigurationReader(file: file, nodes: nodes)
    for (key, value) in try reader.mapping(root, "") {
      switch key {
      case "shop":
        for (key, value) in try reader.mapping(value, "shop") {
          switch key {
          case "name": shopName = try reader.text(value, "shop.name", 1...60)
          case "phone": shopPhone = try reader.text(value, "shop.phone", 0...40)
          case "address": shopAddress = try reader.text(value, "shop.address", 0...200)
          case "vat_id": shopVATID = try reader.text(value, "shop.vat_id", 0...40)
          default: throw reader.unknown("shop.\(key)", value)
          }
        }
      case "tls":
        for (key, value) in try reader.mapping(value, "tls") {
          switch key {
          case "certificate": certificateFile = try reader.text(value, "tls.certificate", 1...4096)
          case "key": keyFile = try reader.text(value, "tls.key", 1...4096)
          case "name": hostName = try reader.text(value, "tls.name", 1...253)
          default: throw reader.unknown("tls.\(key)", value)
          }
        }
      case "consent_timeout_seconds": consentTimeoutSeconds = try reader.integer(value, key, 1...3600)
      case "code_lifetime_seconds": codeLifetimeSeconds = try reader.integer(value, key, 1...86_400)
      case "linger_seconds": lingerSeconds = try reader.integer(value, key, 1...86_400)
      case "resume_window_seconds": resumeWindowSeconds = try reader.integer(value, key, 10...86_400, orZero: true)
      case "ssh_connections": sshConnections = try reader.integer(value, key, 1...4000)
      case "retention_years": retentionYears = try reader.integer(value, key, 0...100)
      case "default_plan": defaultPlan = try reader.text(value, key, 1...32)
      default: throw reader.unknown(key, value)
      }
    }
    if let double = nodes.double { throw ConfigurationReader.failure(file, double) }
    guard (certificateFile == nil) == (keyFile == nil) else {
      throw RelayFailure(.configuration, "\(file): tls.certificate and tls.key belong together; give both or neither.")
    }
  }
}

/// Reads YAML nodes strictly and names key and line in every refusal.
struct ConfigurationReader {
  let file: String
  let nodes: YAMLNodes

  /// The pairs of a mapping; `name` is the way to it, empty for the whole file.
  func mapping(_ node: Node, _ name: String) throws(RelayFailure) -> [(key: String, value: Node)] {
    let what = name.isEmpty ? "the file" : name
    guard let mapping = node.mapping else { throw failure(what, node, "must hold keys and values") }
    var pairs: [(key: String, value: Node)] = []
    for (key, value) in mapping {
      guard let text = nodes.name(of: key) else { throw failure(what, key, "has a key that is not text") }
      guard !pairs.contains(where: { $0.key == text }) else {
        throw failure(TextSafety.escaped(name.isEmpty ? text : "\(name).\(text)"), key, "is given twice")
      }
      pairs.append((text, value))
    }
    return pairs
  }

  func text(_ node: Node, _ name: String, _ length: ClosedRange<Int>) throws(RelayFailure) -> String {
    guard let text = node.string else { throw failure(name, node, "must be text") }
    guard length.contains(text.count) else {
      throw failure(name, node, "must be \(length.lowerBound) to \(length.upperBound) characters long")
    }
    if let problem = TextSafety.problem(inField: text) { throw failure(name, node, problem) }
    return text
  }

  func integer(
    _ node: Node, _ name: String, _ range: ClosedRange<Int64>, orZero: Bool = false
  ) throws(RelayFailure) -> Int64 {
    guard let text = node.string, let value = Int64(text), range.contains(value) || orZero && value == 0 else {
      let zero = orZero ? "0, or " : ""
      throw failure(name, node, "must be \(zero)a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  func unknown(_ key: String, _ node: Node) -> RelayFailure {
    failure(TextSafety.escaped(key), node, "is not a key this relay knows")
  }

  private func failure(_ name: String, _ node: Node, _ problem: String) -> RelayFailure {
    let line = node.mark.map { ", line \($0.line)" } ?? ""
    return RelayFailure(.configuration, "\(file)\(line): \(name) \(problem).")
  }

  /// What a text is refused with that cannot be walked through.
  static func failure(_ file: String, _ problem: YAMLNodes.Problem) -> RelayFailure {
    RelayFailure(.configuration, "\(file)\(problem.line.map { ", line \($0)" } ?? ""): \(problem.reason).")
  }
}
