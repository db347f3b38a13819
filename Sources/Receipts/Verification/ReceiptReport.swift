public import SessionModel

extension ReceiptCheck {
  /// Checks a file's bytes and says what was found in one line, alike in both programs.
  public func report(onFile bytes: [UInt8], trusting trusted: Set<Fingerprint>?) -> (
    verdict: ReceiptVerdict, line: String
  ) {
    let file: ReceiptFile
    do throws(ReceiptError) {
      file = try ReceiptFile(bytes: bytes)
    } catch {
      let verdict = verdict(ofFile: bytes, trusting: trusted)
      return (verdict, Self.line(verdict, nil))
    }
    let verdict = verdict(of: file, trusting: trusted)
    return (verdict, Self.line(verdict, file))
  }

  private static func line(_ verdict: ReceiptVerdict, _ file: ReceiptFile?) -> String {
    let what = file.map { Self.summary(of: $0) } ?? ""
    switch verdict {
    case .genuine: return "Genuine: \(what)."
    case .notGenuine(let why): return "Not genuine: \(why)."
    case .signerNotVerified(let signer):
      return "Consistent, signer not verified: \(what). Signed with the key \(signer); give the shop's key with --key."
    case .provisional(let relay):
      return "Provisional: \(what). The relay (key \(relay)) has not confirmed it."
    }
  }

  /// What it is about, in a few words; everything in it was checked to be fit to be shown. When it was made is said in UTC
  /// with the time: the day in its text is that of the shop's clock, which may be another.
  private static func summary(of file: ReceiptFile) -> String {
    switch file.contents {
    case .final(let receipt):
      let amount = Money(minorUnits: receipt.amountMinor, currency: receipt.currency)
      let signers = file.agentSignature == nil ? "the relay alone" : "the relay and the customer's computer"
      let shop = receipt.shop.name.isEmpty ? "" : " of \(receipt.shop.name)"
      return """
        receipt \(receipt.id)\(shop), \(made(receipt.issuedAt)), \(amount), \
        \(DurationText.exact(seconds: receipt.activeMilliseconds / 1000)) worked, \
        \(DurationText.exact(seconds: receipt.billedSeconds)) charged, signed by \(signers)
        """
    case .provisional(let receipt):
      return """
        receipt \(receipt.id), \(made(receipt.issuedAt)), at most \
        \(DurationText.exact(seconds: receipt.measuredMilliseconds / 1000)), signed by the customer's computer alone
        """
    }
  }

  private static func made(_ moment: WallTime) -> String { "made \(moment.date) \(moment.clock) UTC" }
}
