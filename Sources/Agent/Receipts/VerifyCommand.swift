import FileSystem
import Receipts
import SessionModel
import Signing

/// `fixline-agent verify`: checks a receipt offline. It reads the file, and nothing of the relay.
struct VerifyCommand {
  /// What the command line says.
  let options: VerifyOptions

  /// What to print, and what to exit with.
  func run() -> (line: String, code: ExitCode) {
    let trusted: Set<Fingerprint>?
    let bytes: [UInt8]
    do throws(SigningError) {
      trusted = try trustedKeys()
      guard let found = try PrivateFile.readNamed(path: options.file, limit: Self.largestRead) else {
        throw .file(path: options.file, reason: "there is no such file")
      }
      bytes = found
    } catch {
      return (Wording.sentence("\(error)"), .noInput)
    }
    let (verdict, words) = ReceiptCheck.openSSL.report(onFile: bytes, trusting: trusted)
    switch verdict {
    case .genuine: return (words, .success)
    case .notGenuine: return (words, .notGenuine)
    case .signerNotVerified, .provisional: return (words, .signerNotVerified)
    }
  }

  /// A larger file is not read to its end: it is no receipt, whatever is in it.
  private static let largestRead = 16 * 1024 * 1024

  /// The key named, else those remembered in the state directory; nil when there are none.
  private func trustedKeys() throws(SigningError) -> Set<Fingerprint>? {
    if let key = options.key { return [key] }
    guard let directory = options.stateDirectory else { return nil }
    let known = try KnownRelayFile.all(in: directory)
    return known.isEmpty ? nil : Set(known.map(\.signingKey))
  }
}

extension ReceiptCheck {
  /// With SHA-256 and Ed25519 from libcrypto.
  static let openSSL = ReceiptCheck(
    digest: { SHA256.hash($0) }, isValid: { Ed25519PublicKey.isValid(signature: $0, for: $1, rawKey: $2) })
}

extension KnownRelayFile {
  /// Every relay remembered in a directory; files that are no such thing are passed over.
  static func all(in directory: String) throws(SigningError) -> [KnownRelay] {
    var names: [String] = []
    do throws(FileError) {
      let listing = try RootDirectory(path: directory).openDirectory([UInt8(ascii: "/")])
      while true {
        let entries = try listing.next(limit: OpenDirectory.maximumEntriesPerCall)
        if entries.isEmpty { break }
        names += entries.compactMap { String(validating: $0.name, as: UTF8.self) }
          .filter { $0 == name || $0.hasPrefix("\(name).") }
      }
    } catch {
      throw .file(path: directory, reason: error.text)
    }
    return names.sorted().compactMap { name in
      (try? PrivateFile.readIfPresent(path: "\(directory)/\(name)"))
        .flatMap { $0 }.flatMap { KnownRelay(text: String(decoding: $0, as: UTF8.self)) }
    }
  }
}
