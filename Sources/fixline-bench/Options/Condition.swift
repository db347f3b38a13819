/// Under what circumstances everything is measured once.
struct Condition: Hashable, Codable, Sendable {
  /// What `--conditions` takes.
  let name: String
  /// What the line to the machine adds, there and back.
  let roundTripMilliseconds: Int
  /// Whether every connection is held to aes256-gcm.
  let pinned: Bool

  static let stock = Condition(name: "stock", roundTripMilliseconds: 0, pinned: false)
  static let pinned = Condition(name: "pinned", roundTripMilliseconds: 0, pinned: true)
  static let near = Condition(name: "20ms", roundTripMilliseconds: 20, pinned: false)
  static let far = Condition(name: "100ms", roundTripMilliseconds: 100, pinned: false)
  static let all = [stock, pinned, near, far]

  /// What stands above its table.
  var title: String {
    if roundTripMilliseconds > 0 {
      return "\(roundTripMilliseconds) ms round trip to the machine, ciphers as stock clients choose"
    }
    return pinned ? "No delay, every connection pinned to aes256-gcm" : "No delay, ciphers as stock clients choose"
  }

  /// Reads names, separated by commas or given one by one, into the order of ``all`` without repetition.
  static func parse(_ names: [String]) throws(UsageError) -> [Condition] {
    let words = names.flatMap { $0.split(separator: ",").map(String.init) }
    for word in words where !all.contains(where: { $0.name == word }) {
      throw UsageError("there is no condition \"\(word)\"; choose from \(all.map(\.name).joined(separator: ", "))")
    }
    return words.isEmpty ? all : all.filter { words.contains($0.name) }
  }
}
