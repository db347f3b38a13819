import Ledger
import SSHFrontDoor
import SessionModel
import TunnelProtocol

/// Asking which problem a technician comes for, where the customer was here lately: before the customer is asked anything, since
/// a new problem has a new price. One question a code at a time, and the code stays claimed until it is answered.
extension RelayCore {
  func askSameProblem(
    _ attachment: Attachment, _ one: RegisteredCase, _ last: RegisteredSession, on machine: Machine
  ) throws(Refusal) {
    guard attachment.kind == .shell, attachment.request.terminal != nil else {
      throw Refusal(
        line: "This customer was here lately: \(machine.codeText)+\(one.id) for the same problem "
          + "(\(Self.title(of: one))), \(machine.codeText)+\(Destination.newWord) for a new one.")
    }
    let spki = machine.spki
    guard let code = machine.code, askedUnder[spki] != code else {
      throw Refusal(line: "You are asked in another terminal whether it is the same problem. Answer there first.")
    }
    askedUnder[spki] = code
    let question = SameProblemQuestion(
      attachment.channel,
      "Same problem as \(one.id), \(Self.title(of: one)) (\(DeskText.ending(of: last, now: WallClock.now())))? y/n"
    ) { [weak self] answer, size in
      self?.post { core in
        var attachment = attachment
        if let size { attachment.request.terminal?.size = size }
        core.sameProblemAnswered(answer, attachment, one.id, under: code, of: spki)
      }
    }
    post(afterMilliseconds: SameProblemQuestion.limitMilliseconds) { _ in question.expire() }
  }

  private func sameProblemAnswered(
    _ answer: SameProblemQuestion.Answer, _ attachment: Attachment, _ one: CaseID, under code: JoinCode,
    of spki: Fingerprint
  ) {
    if askedUnder[spki] == code { askedUnder[spki] = nil }
    guard let machine = machines[spki], machine.code == code else {
      // Used up or replaced meanwhile: the next code is for whoever the customer reads it to.
      return attachment.channel.refuse("The code is not valid any more. Ask the customer for the new one.")
    }
    switch answer {
    case .same: attach(attachment, .named(one), to: spki)
    case .new:
      let key = attachment.request.login.key.fingerprint
      if let open = sessions.values.first(where: { $0.machineIdentity == spki && $0.technicianKey == key }) {
        return attachment.channel.refuse(Self.otherCase(open))
      }
      attach(attachment, .new, to: spki)
    case .none: turnAway(attachment, from: machine, Refusal(line: "Nobody was asked. Type y or n next time."))
    }
  }

  /// The technician may ask again under the code, or it expires; unless he is at work under it, or is being asked.
  func releaseClaim(_ code: JoinCode, of spki: Fingerprint) {
    guard askedUnder[spki] != code, sessionsOn(spki).isEmpty else { return }
    codes.release(code, used: false)
  }

  private static func title(of one: RegisteredCase) -> String {
    "\"\(TextWidth.cut(TextSafety.escaped(one.title ?? ""), toColumns: 60))\""
  }
}
