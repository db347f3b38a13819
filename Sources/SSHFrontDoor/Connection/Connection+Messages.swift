import SessionModel

/// What the client asks.
extension Connection {
  func handle(_ message: Message) {
    switch stage {
    case .keyExchange, .leaving, .over: break
    case .login(let progress): logIn(message, progress)
    case .serving(let login): serve(message, login)
    }
  }

  // MARK: Login

  private func logIn(_ message: Message, _ progress: LoginProgress) {
    var progress = progress
    progress.heard(packets: session.packetsReceived)
    stage = .login(progress)
    switch message.content {
    case .service(let name):
      guard name == "ssh-userauth" else { return leave(reason: "log in first") }
      message.acceptService()
    case .noAuthentication:
      greet()
      message.refuse()
    case .otherAuthentication:
      greet()
      fail(message)
    case .publicKey(let user, let userBytes, let key, let proof):
      greet()
      guard let key, userBytes <= SSHLimits.userNameBytes else { return fail(message) }
      let login = SSHLogin(connection: number, user: user, key: key, address: address)
      switch proof {
      case .offered:
        guard server.delegate.authenticate(login) else { return fail(message) }
        message.askForSignature()
      case .signed:
        guard server.authenticateSigned(login) else { return fail(message) }
        message.acceptAuthentication()
        stage = .serving(login)
        server.delegate.authenticated(login)
      case .wrong: fail(message)
      }
    case .openSession, .openDirectTCP, .openOther, .channelRequest, .remoteForward, .otherGlobal, .unknown:
      leave(reason: "log in first")
    }
  }

  private func greet() {
    guard case .login(var progress) = stage, !progress.isGreeted else { return }
    progress.isGreeted = true
    stage = .login(progress)
    let lines = server.configuration.greeting.split(separator: "\n").map { TextSafety.escaped(String($0)) + "\r\n" }
    if !lines.isEmpty { session.sendGreeting(lines.joined()) }
  }

  private func fail(_ message: Message) {
    guard case .login(var progress) = stage else { return }
    progress.failures += 1
    stage = .login(progress)
    if progress.failures < server.configuration.limits.authenticationAttempts { return message.refuse() }
    leave(reason: "too many keys were refused; name the right one with ssh -i and IdentitiesOnly=yes")
  }

  // MARK: Channels

  private func serve(_ message: Message, _ login: SSHLogin) {
    switch message.content {
    case .openSession: openSession(message)
    case .openDirectTCP(let host, let port): openDirectTCP(message, login, host: host, port: port)
    case .channelRequest(let identity, let question):
      guard let record = channelsByIdentity[identity], !record.isOver else { return message.refuse() }
      answer(message, question, on: record, login)
    case .openOther:
      refuseForward(message, "connections are carried to a host and a port, not to a socket file")
    case .remoteForward:
      message.refuse()
      refuseForGood(.remoteForward)
    case .service, .publicKey, .noAuthentication, .otherAuthentication, .otherGlobal, .unknown: message.refuse()
    }
  }

  private func newRecord(_ phase: ChannelRecord.Phase, limit: Int) -> ChannelRecord? {
    guard channels.count < limit else { return nil }
    lastChannelNumber += 1
    return ChannelRecord(number: lastChannelNumber, phase: phase)
  }

  private func openSession(_ message: Message) {
    guard let record = newRecord(.preparing(Preparation()), limit: server.configuration.limits.channelsPerConnection)
    else { return message.refuse() }
    channels.append(record)
    channelsByNumber[record.number] = record
    open(record, by: message)
  }

  /// Opens the channel for the client; ends the connection when that cannot be done.
  func open(_ record: ChannelRecord, by message: Message) {
    guard let handle = message.acceptOpen() else { return leave(reason: "the relay is out of memory") }
    record.handle = handle
    channelsByIdentity[handle.identity] = record
    if !handle.hasUsablePacketSize {
      leave(reason: "packets of less than \(SSHLimits.minimumPacketBytes) bytes are not offered")
    }
  }

  private func openDirectTCP(_ message: Message, _ login: SSHLogin, host: String, port: Int) {
    guard !host.isEmpty, host.utf8.count <= SSHLimits.hostNameBytes, let port = UInt16(exactly: port), port > 0 else {
      return refuseForward(message, "a connection needs the name of a host and a port from 1 to 65535")
    }
    let limit = server.configuration.limits.forwardsPerConnection
    guard let record = newRecord(.asked(message), limit: limit) else {
      return refuseForward(message, "\(limit) connections at once are the most this relay carries; close some")
    }
    channels.append(record)
    channelsByNumber[record.number] = record
    present(record, SSHRequest(login: login, kind: .directTCP(host: host, port: port)))
  }

  private func present(_ record: ChannelRecord, _ request: SSHRequest) {
    let face = SSHChannel(number: record.number, login: request.login, link: link)
    record.face = face
    server.delegate.opened(face, request: request)
  }

  private func answer(
    _ message: Message, _ question: ChannelQuestion, on record: ChannelRecord, _ login: SSHLogin
  ) {
    switch record.phase {
    case .preparing(let preparation): prepare(message, question, record, preparation, login)
    case .asked, .open:
      switch question {
      case .resize(let size): record.delegate?.channelResized(size)
      case .nameless:
        message.refuse()
        // A BREAK (`~B`) loses its name the same way, and only a terminal sends one: there it is not taken for an eow.
        if session.isOpenSSHClient && !record.hasTerminal && !record.discardsOutput {
          record.discardsOutput = true
          record.delegate?.channelReadClosed()
        }
      case .terminal, .environment, .shell, .exec, .subsystem, .x11: message.refuse()
      }
    case .over: message.refuse()
    }
  }

  private func prepare(
    _ message: Message, _ question: ChannelQuestion, _ record: ChannelRecord, _ preparation: Preparation,
    _ login: SSHLogin
  ) {
    var preparation = preparation
    switch question {
    case .terminal(let terminal, let termBytes):
      let isPrintable = terminal.term.utf8.allSatisfy { $0 > 32 && $0 < 127 }
      guard preparation.terminal == nil, termBytes <= SSHLimits.terminalNameBytes, isPrintable else {
        return message.refuse()
      }
      preparation.terminal = terminal
      record.hasTerminal = true
      message.acceptRequest()
    case .resize(let size): preparation.terminal?.size = size
    case .environment(let name, let value):
      guard Self.isOfferedVariable(name), preparation.environment.count < SSHLimits.environmentVariables else {
        return message.refuse()
      }
      guard value.utf8.count <= SSHLimits.environmentValueBytes else {
        preparation.problem =
          "\(TextSafety.escaped(name)) is longer than \(SSHLimits.environmentValueBytes) bytes; make it shorter"
        message.refuse()
        break
      }
      preparation.environment.append(EnvironmentVariable(name: name, value: value))
      message.acceptRequest()
    case .shell: return ask(message, .shell, record, preparation, login)
    case .exec(let command): return ask(message, .exec(command: command), record, preparation, login)
    case .subsystem(let name): return ask(message, .subsystem(name), record, preparation, login)
    case .x11:
      message.refuse()
      refuseForGood(.x11)
    case .nameless: message.refuse()
    }
    record.phase = .preparing(preparation)
  }

  private func ask(
    _ message: Message, _ kind: SSHRequest.Kind, _ record: ChannelRecord, _ preparation: Preparation, _ login: SSHLogin
  ) {
    record.phase = .asked(message)
    switch kind {
    case .shell: record.audience = .interactive
    case .exec: record.audience = record.hasTerminal ? .interactive : .command
    case .subsystem, .directTCP: record.audience = .nobody
    }
    if record.handle?.wantsAgent ?? false { refuseForGood(.agent) }
    var problem = preparation.problem
    switch kind {
    case .exec(let command) where command.count > SSHLimits.commandBytes:
      problem = "the command is longer than \(SSHLimits.commandBytes) bytes; send a file and run that"
    case .subsystem(let name) where name.utf8.count > SSHLimits.subsystemBytes: problem = "no such subsystem"
    case .shell, .exec, .subsystem, .directTCP: break
    }
    if let problem { return refuse(record, problem) }
    present(
      record,
      SSHRequest(login: login, kind: kind, terminal: preparation.terminal, environment: preparation.environment))
  }

  private static func isOfferedVariable(_ name: String) -> Bool {
    guard name.utf8.count <= SSHLimits.environmentNameBytes else { return false }
    guard name.hasPrefix("LC_") else { return ["LANG", "TERM", "FIXLINE_PURPOSE"].contains(name) }
    return name.utf8.dropFirst(3).allSatisfy { byte in
      (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        || byte == UInt8(ascii: "_")
    }
  }
}
