import Billing
import Ledger
import Logging
import Metering
import SessionModel
import Signing
import SSHFrontDoor
import TunnelProtocol
import TunnelTransport

/// Technicians asking for machines.
extension RelayCore {
  /// The longest command, in bytes: a stream is asked for in one frame of 32 KiB, which holds its environment too.
  static let maximumCommandBytes = 30_000
  /// How much of a command goes on record, in bytes.
  static let recordedCommandBytes = 4096

  /// A technician's channel on its way to a machine.
  struct Attachment: Sendable {
    let channel: SSHChannel
    var request: SSHRequest
    let kind: StreamKind
    let technician: Name
  }

  func channelRequested(_ channel: SSHChannel, _ request: SSHRequest) {
    guard !isStopping else {
      channel.refuse("The relay is being stopped by its operator. Try again shortly.")
      return
    }
    guard let technician = roster.technician(of: request.login.key.fingerprint) else {
      channel.refuse("Your key is not registered with this relay any more.")
      return
    }
    if request.login.user == Name.desk {
      deskRequested(channel, request, by: technician.name, role: technician.role)
      return
    }
    let kind: StreamKind
    switch request.kind {
    case .shell: kind = .shell
    case .exec(let command):
      guard command.count <= Self.maximumCommandBytes else {
        channel.refuse("A command may be \(Self.maximumCommandBytes) bytes long; run a longer one from a file.")
        return
      }
      kind = .exec(command: command)
    case .subsystem("sftp"): kind = .sftp
    case .subsystem(let name):
      channel.refuse("There is no subsystem \(TextSafety.escaped(name)) here, only sftp.")
      return
    case .directTCP(let host, let port):
      guard TextSafety.problem(inField: host) == nil, host.utf8.count <= TextLimits.hostBytes else {
        channel.refuse("This is no host name: \(TextSafety.escaped(host))")
        return
      }
      kind = .forward(host: host, port: port)
    }
    if let problem = TextSafety.problem(inField: Self.purpose(in: request)) {
      channel.refuse("FIXLINE_PURPOSE cannot be shown to the customer: it \(problem).")
      return
    }
    let destination = Destination(user: request.login.user)
    let claim = codes.claim(
      destination.code, key: request.login.key.fingerprint, address: request.login.address,
      at: BootClock.now())
    switch claim {
    case .granted(let spki):
      attach(
        Attachment(channel: channel, request: request, kind: kind, technician: technician.name), destination.target,
        to: spki)
    case .spent, .unknown, .tooMany:
      if claim == .unknown {
        services.log.notice(
          "A code that opens nothing was tried by \(technician.name) from \(request.login.address).")
      }
      answerLater(channel, claim.line)
      // Nothing will ever come of this connection; one that only forwards would not even see the answer.
      let number = request.login.connection
      frontDoor?.retire(reason: claim.line) { $0.connection == number }
    }
  }

  /// Why the technician is there, as he said it, or the usual words.
  private static func purpose(in request: SSHRequest) -> String {
    let sent = request.environment.first { $0.name == "FIXLINE_PURPOSE" }?.value ?? ""
    return sent.isEmpty ? "Remote support" : sent
  }

  private func answerLater(_ channel: SSHChannel, _ line: String) {
    post(afterMilliseconds: Self.codeAnswerMilliseconds) { _ in channel.refuse(line) }
  }

  func attach(_ attachment: Attachment, _ target: Destination.Target, to spki: Fingerprint) {
    let channel = attachment.channel
    let key = attachment.request.login.key.fingerprint
    guard let machine = machines[spki] else {
      channel.refuse("The customer's machine is not connected. Ask the customer to start the program again.")
      return
    }
    if let refusal = Self.refusal(of: attachment.kind, by: machine.allowances) {
      return turnAway(attachment, from: machine, Refusal(line: refusal))
    }
    guard !sessions.values.contains(where: { $0.machineIdentity == spki && $0.isClosing }) else {
      // Its code is used up in a moment; a session begun with it now would lose it.
      channel.refuse("The session before this one is just being closed. Try again in a moment.")
      return
    }
    if let open = sessions.values.first(where: { $0.machineIdentity == spki && $0.technicianKey == key }) {
      if let line = Self.problem(target, of: open) { return answerLater(channel, line) }
      return addChannel(attachment, to: open.id)
    }
    do throws(Refusal) {
      switch try settle(target, of: machine) {
      case .settled(let settled, let customer):
        let id = try requestSession(attachment, settled, customer: customer, on: machine)
        addChannel(attachment, to: id)
      case .unclear(let one, let last): try askSameProblem(attachment, one, last, on: machine)
      }
    } catch {
      turnAway(attachment, from: machine, error)
    }
  }

  /// No session begins: the code is as free as before.
  func turnAway(_ attachment: Attachment, from machine: Machine, _ refusal: Refusal) {
    if let code = machine.code { releaseClaim(code, of: machine.spki) }
    if refusal.isLate { answerLater(attachment.channel, refusal.line) } else { attachment.channel.refuse(refusal.line) }
  }

  /// Why an open session is not the one asked for; nil when it is.
  private static func problem(_ target: Destination.Target, of session: LiveSession) -> String? {
    switch target {
    // Another channel of the session that was begun with the same words.
    case .open, .new: nil
    case .named(let id) where id == session.terms.caseID: nil
    case .named, .unreadable: otherCase(session)
    }
  }

  static func otherCase(_ session: LiveSession) -> String {
    "Your session here is about case \(session.terms.caseID?.rawValue ?? "none"). Close it before you begin another."
  }

  /// What the customer's side said from the start that it does not permit; the agent holds to it by itself.
  private static func refusal(of kind: StreamKind, by allowances: Allowances) -> String? {
    switch kind {
    case .shell, .exec:
      allowances.contains(.shell) ? nil : "The customer's side offers no shell and no commands (--no-shell)."
    case .sftp:
      allowances.isDisjoint(with: [.readFiles, .writeFiles]) ? "The customer's side offers no file transfer." : nil
    case .forward:
      allowances.contains(.forward)
        ? nil : "The customer's side offers no connections to other computers (--no-forward)."
    }
  }

  private func requestSession(
    _ attachment: Attachment, _ settled: SettledCase, customer: Name?, on machine: Machine
  ) throws(Refusal) -> SessionID {
    guard sessions.count < Self.maximumSessions else {
      throw Refusal(line: "This relay has as many sessions open as it takes. Try again shortly.")
    }
    guard !journal.isFull, !journal.isDamaged else {
      throw Refusal(
        line: "The relay cannot write its records and takes no new sessions until it can. Tell its operator.")
    }
    guard let code = machine.code, machine.isConnected else {
      throw Refusal(
        line: "The customer's machine is not connected right now; it dials again by itself. Try again shortly.")
    }
    let (terms, quote) = try terms(settled, customer: customer, on: machine)
    let request = attachment.request
    let purpose = Self.purpose(in: request)
    let words = ConsentText.text(
      consentFacts(
        terms, quote: quote, technician: attachment.technician, purpose: purpose, allowances: machine.allowances),
      in: terms.language)
    var id = SessionID(using: &random)
    while isTaken(id) { id = SessionID(using: &random) }
    let now = BootClock.now()
    let wordsHash = SHA256.hash(Array(words.utf8))
    sessions[id] = LiveSession(
      id: id, machineIdentity: machine.spki, machineName: machine.name, technician: attachment.technician,
      technicianKey: request.login.key.fingerprint, code: code, purpose: purpose, words: words, wordsHash: wordsHash,
      allowances: machine.allowances, openedAt: WallClock.now(), terms: terms, traffic: Traffic(),
      machine: SessionMachine(limits: sessionLimits(terms.plan)),
      book: CheckpointBook(Self.checkpointSchedule(of: id, epoch: 1, at: now), at: now))
    var drafts: [EntryDraft] = []
    if case .new = settled, let caseID = terms.caseID {
      drafts.append(
        CaseOpened(caseID: caseID, title: TextSafety.escaped(purpose), customer: customer, by: Closer.relay.text)
          .draft())
    }
    drafts.append(
      SessionRequested(
        machine: machine.name, technician: attachment.technician, technicianKey: request.login.key.fingerprint,
        purpose: TextSafety.escaped(purpose), plan: PlanTerms(terms.plan), address: request.login.address,
        caseID: terms.caseID, customer: terms.customer, machineKey: machine.spki, identity: terms.identity,
        language: terms.language.tag
      ).draft(session: id))
    drafts.append(
      ConsentAsked(words: words, wordsHash: wordsHash, allowances: machine.allowances).draft(session: id))
    record(drafts)
    readRegister()
    let timeout = services.configuration.consentTimeoutSeconds
    if journal.isFailing { apply(.storageFailed, to: id, at: now) }
    apply(.askConsent(timeoutMilliseconds: timeout * 1000), to: id, at: now)
    return id
  }

  /// Whether a session of that name is open or on record; a ledger that cannot be read has no say.
  private func isTaken(_ id: SessionID) -> Bool {
    sessions[id] != nil || (try? services.ledger.record(session: id)) != nil
  }

  /// The waits of a session of that plan. One that an earlier relay left behind lost its channels by no fault of its
  /// technician: it waits for him at least as long as for its machine.
  func sessionLimits(_ plan: Plan, isRestored: Bool = false) -> SessionLimits {
    let gap = services.configuration.lingerSeconds ?? plan.mergeGapSeconds
    return SessionLimits(
      mergeGapMilliseconds: (isRestored ? max(gap, services.configuration.resumeWindowSeconds) : gap) * 1000,
      resumeWindowMilliseconds: services.configuration.resumeWindowSeconds * 1000,
      idleLimitMilliseconds: plan.idleSeconds * 1000)
  }

  private func addChannel(_ attachment: Attachment, to id: SessionID) {
    let (channel, request, kind) = (attachment.channel, attachment.request, attachment.kind)
    guard var session = sessions[id], session.channels.count < LiveSession.maximumChannels else {
      channel.refuse("Too many channels are open in this session; close one first.")
      return
    }
    if case .forward = kind, session.channels.values.count(where: \.isForward) >= LiveSession.maximumForwards {
      channel.refuse("\(LiveSession.maximumForwards) connections are open in this session; close some first.")
      return
    }
    session.lastChannel += 1
    let number = session.lastChannel
    let bridge = ChannelBridge(
      channel: channel, kind: kind, terminal: request.terminal,
      environment: request.environment.filter { $0.name != "FIXLINE_PURPOSE" },
      sessionTraffic: session.traffic, isCrowded: session.channels.count >= ChannelBridge.fullChannels,
      isResumable: services.configuration.resumeWindowSeconds > 0
    ) { [weak self] news in self?.post { $0.channelSaid(news, channel: number, of: id) } }
    session.channels[number] = bridge
    sessions[id] = session
    apply(.channelOpened(number), to: id, at: BootClock.now())
    channel.setDelegate(bridge)
    for line in promises(of: session.terms.caseID) { bridge.tell(line) }
    if session.machine.state == .requested || session.machine.state == .awaitingConsent {
      bridge.awaitConsent()
    } else {
      openStream(number, of: id)
    }
  }

  /// The customer has said yes, now or before: the channel becomes a stream.
  func openStream(_ number: UInt64, of id: SessionID) {
    guard let session = sessions[id], let bridge = session.channels[number] else { return }
    guard !session.isHeld else {
      bridge.tell("A limit is reached; the customer is asked whether to go on. Waiting.")
      return
    }
    let machine = machines[session.machineIdentity]
    guard let port = machine?.port else {
      // After a restart of the relay the technician may be faster than the machine: he waits for it.
      if bridge.isShell { bridge.tell(cutLine) }
      return
    }
    if machine?.outage?.isTold == true, bridge.isShell { bridge.tell(cutLine) }
    let command: String?
    let kindName: String
    switch bridge.kind {
    case .shell: (kindName, command) = ("shell", nil)
    case .exec(let bytes):
      (kindName, command) = ("exec", TextSafety.escaped(bytes: bytes.prefix(Self.recordedCommandBytes)))
    case .sftp: (kindName, command) = ("sftp", nil)
    case .forward:
      // Answered, and put on record, when the machine has dialled: a refused target is refused, with its reason.
      bridge.join(port, session: id)
      return
    }
    record(ChannelOpened(channel: number, channelKind: kindName, command: command), id)
    bridge.channel.accept()
    bridge.join(port, session: id)
    if let trouble = journal.trouble { tell(bridge, of: trouble) }
  }

  func channelEnded(_ number: UInt64, of id: SessionID, _ ending: ChannelBridge.Ending) {
    guard sessions[id]?.channels.removeValue(forKey: number) != nil, let session = sessions[id] else { return }
    if session.activatedAt != nil {
      if ending.wasOpened {
        record(
          ChannelClosed(
            channel: number, bytesToMachine: ending.bytesToMachine, bytesFromMachine: ending.bytesFromMachine,
            exit: ending.exit), id)
      }
      feedBytes(id)
    }
    apply(.channelClosed(number), to: id, at: ending.instant)
  }
}

extension PlanTerms {
  /// A plan as it is put on record.
  init(_ plan: Plan) {
    self.init(id: plan.id, name: plan.name, currency: plan.currency.code, json: plan.json)
  }
}
