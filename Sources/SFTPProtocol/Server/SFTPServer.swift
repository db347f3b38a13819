public import SessionModel
public import struct NIOCore.ByteBuffer

/// The server's side of one file transfer: bytes of the client in, file work out; what came of it in, answers and reports
/// out. A value: it opens nothing and waits for nothing.
///
/// ```
///              receive(bytes)             next() -> .work(job)
///   stream ───────────────────▶ SFTPServer ───────────────────▶ whoever does file work
///          ◀───────────────────            ◀───────────────────
///            next() -> .reply, .report           finish(job, outcome)
/// ```
/// ```
///             INIT                 finishInput                      all jobs are finished
///   greeting ──────▶ serving ─────────────────────▶ draining(nil) ─────────────────────────▶ over
///      │               │ a fault                                                              ▲
///      └───────────────┴──────────────────────────▶ draining(fault) ──────────────────────────┘
/// ```
///
/// Requests are handed over in the order they came, without waiting for answers; ``RequestSchedule`` says which of them
/// are done side by side. Only OPEN, OPENDIR and CLOSE hold everything behind them back until they are answered: what a
/// handle names is known then and not before.
///
/// Requests are answered as they finish, but for the READs of one handle, which are answered in their order
/// (``AnswerOrder``).
///
/// What is received is held until its request is answered, then its room is given back by ``Step/release(bytes:)``. Of
/// a packet that is not complete room is given back at once, since without it the rest might never come: what is held is
/// therefore at most the stream's credit and one packet.
public struct SFTPServer: Sendable {
  /// What to do next.
  public enum Step: Hashable, Sendable {
    /// Do file work, in the order of ``RequestSchedule``, and report by ``SFTPServer/finish(_:_:)``.
    case work(FileJob)
    /// Send an answer.
    case reply(ByteBuffer)
    /// Report what was done, before the answers that come behind it.
    case report(FileEvent)
    /// The stream has room for so many bytes more.
    case release(bytes: Int)
    /// Nothing comes any more. Nil when the client ended its input, else why.
    case end(SFTPFault?)
  }

  private enum State: Hashable {
    case greeting
    case serving
    case draining(SFTPFault?)
    case over
  }

  /// A request that was taken out of the stream, and what it holds of the stream's room.
  struct Taken: Hashable {
    let number: UInt32
    let request: SFTPRequest
    var room: Room
  }

  /// What requests hold of the stream's room.
  struct Room: Hashable {
    /// What they took of the stream, in bytes.
    var wireBytes = 0
    /// What of it was given back before they were complete, in bytes.
    var earlyBytes = 0

    mutating func add(_ other: Room) {
      wireBytes += other.wireBytes
      earlyBytes += other.earlyBytes
    }
  }

  /// A job that is not finished.
  struct Running: Hashable {
    let job: FileJob
    let room: Room
  }

  let rules: FileRules
  let limits: SFTPLimits
  private var state = State.greeting
  private var decoder = SFTPDecoder()
  private(set) var replies = ReplyWriter(clientVersion: SFTPLimits.protocolVersion)
  var table = HandleTable()
  /// Taken out of the stream, and may not be handed over yet.
  private var held: Taken?
  private var running: [UInt64: Running] = [:]
  private var jobCount: UInt64 = 0
  private var eventCount: UInt64 = 0
  /// Of those that run.
  private var writeJobs = 0
  /// Of handles with READs that are not answered.
  private var readOrder: [HandleSlot: AnswerOrder<(Running, ByteBuffer)>] = [:]
  /// Of those that are not answered: what their answers will bring, in bytes.
  private var promisedBytes = 0
  /// Too much waits to be sent.
  private var isFull = false
  /// Found while WRITEs were gathered.
  private var gatheringFault: SFTPFault?
  /// One that runs changes the table of handles.
  private var handlesAreChanging = false
  /// Given back before its request was complete, in bytes: of the packet at the decoder's head, and of all that are held.
  private var earlyOfHead = 0
  private var earlyBytes = 0
  private var steps: [Step] = []
  private var firstStep = 0

  /// A server at the start of a stream.
  public init(rules: FileRules, limits: SFTPLimits = SFTPLimits()) {
    self.rules = rules
    self.limits = limits
  }

  /// How many files and directories are open, or about to be.
  public var openHandles: Int { table.count }
  /// How many jobs are not finished.
  public var runningJobs: Int { running.count }

  /// Bytes of the client. What comes behind a fault is thrown away.
  public mutating func receive(_ bytes: ByteBuffer) {
    switch state {
    case .greeting, .serving: decoder.append(bytes)
    case .draining, .over:
      if bytes.readableBytes > 0 { steps.append(.release(bytes: bytes.readableBytes)) }
    }
  }

  /// The client sends no more: what it sent is answered.
  public mutating func finishInput() { inputIsFinished = true }
  private var inputIsFinished = false

  /// What to do next, until nil. `unsentBytes` is what was to be sent and is not yet: with too much of it no new work is
  /// begun.
  public mutating func next(unsentBytes: Int) -> Step? {
    while true {
      if firstStep < steps.count {
        let step = steps[firstStep]
        firstStep += 1
        if firstStep == steps.count {
          steps.removeAll(keepingCapacity: true)
          firstStep = 0
        }
        return step
      }
      switch state {
      case .greeting, .serving:
        guard !handlesAreChanging else { return nil }
        do {
          guard try advance(unsentBytes: unsentBytes) else { return nil }
        } catch {
          held = nil
          state = .draining(error)
        }
      case .draining(let fault):
        guard running.isEmpty else { return nil }
        state = .over
        return .end(fault)
      case .over: return nil
      }
    }
  }

  /// Takes one packet further. False when nothing can be done now.
  private mutating func advance(unsentBytes: Int) throws(SFTPFault) -> Bool {
    if let gatheringFault { throw gatheringFault }
    let backlog = unsentBytes + promisedBytes
    if isFull, backlog > limits.replyBytes / 2 { return false }
    isFull = backlog >= limits.replyBytes
    if isFull || running.count >= limits.maximumJobs { return false }
    if let held {
      self.held = nil
      return consider(held, backlog: backlog)
    }
    guard let packet = try decoder.next() else {
      if inputIsFinished {
        state = .draining(nil)
        return true
      }
      return releasePartial()
    }
    let room = take(packet)
    switch try ReadPacket(packet, rules: rules, isInitialised: state == .serving) {
    case .initialise(let clientVersion):
      state = .serving
      replies = ReplyWriter(clientVersion: clientVersion)
      answer(ReplyWriter.version(rules: rules), room)
    case .request(let number, let request):
      return consider(Taken(number: number, request: request, room: room), backlog: backlog)
    case .denied(let number): answer(replies.status(.permissionDenied, of: number), room)
    case .unknownExtension(let number): answer(replies.status(.unsupported, of: number), room)
    case .unknownType: release(room)
    }
    return true
  }

  /// Answers a request, hands it over, or holds it. False when it is held.
  private mutating func consider(_ taken: Taken, backlog: Int) -> Bool {
    switch judge(taken.request, number: taken.number) {
    case .answer(let reply): answer(reply, taken.room)
    case .work(let work):
      let expected = work.expectedReplyBytes
      if backlog > 0, backlog + expected > limits.replyBytes {
        isFull = true
        held = taken
        return false
      }
      if case .write = work {
        guard writeJobs < SFTPLimits.maximumWriteJobs else {
          held = taken
          return false
        }
        var room = taken.room
        handOver(gather(work, &room), request: taken.number, room)
      } else {
        handOver(work, request: taken.number, taken.room)
      }
    case .open(let work):
      handOver(work(table.reserve()), request: taken.number, taken.room)
    }
    return true
  }

  /// Joins the WRITEs that follow, as long as they go to the same file and to the place behind. A fault is found again by
  /// ``advance(unsentBytes:)``, after the WRITEs before it.
  private mutating func gather(_ work: FileWork, _ room: inout Room) -> FileWork {
    guard case .write(let slot, var parts) = work, let file = table.file(at: slot), let last = parts.last else {
      return work
    }
    var bytes = last.bytes
    var pieces = last.data.count
    var (end, _) = last.offset.addingReportingOverflow(UInt64(last.bytes))
    while parts.count < limits.gatheredWrites, bytes < limits.gatheredBytes, pieces < SFTPLimits.gatheredPieces {
      let nextRoom: Room
      let read: ReadPacket
      do {
        guard let packet = try decoder.next() else { break }
        nextRoom = take(packet)
        read = try ReadPacket(packet, rules: rules, isInitialised: true)
      } catch {
        gatheringFault = error
        break
      }
      if case .request(let number, .write(let handle, let offset, let data, let count)) = read,
        let found = table.file(handle), found.slot == slot, file.mode.contains(.append) || offset == end,
        pieces + data.count <= SFTPLimits.gatheredPieces
      {
        pieces += data.count
        parts.append(WritePart(request: number, offset: offset, data: data, bytes: count))
        room.add(nextRoom)
        bytes += count
        (end, _) = end.addingReportingOverflow(UInt64(count))
        continue
      }
      if case .request(let number, let request) = read {
        held = Taken(number: number, request: request, room: nextRoom)
      } else {
        settle(read, nextRoom)
      }
      break
    }
    return .write(slot, parts)
  }

  /// What needs no table and no work.
  private mutating func settle(_ read: ReadPacket, _ room: Room) {
    switch read {
    case .initialise(let clientVersion):
      replies = ReplyWriter(clientVersion: clientVersion)
      answer(ReplyWriter.version(rules: rules), room)
    case .denied(let number): answer(replies.status(.permissionDenied, of: number), room)
    case .unknownExtension(let number): answer(replies.status(.unsupported, of: number), room)
    case .unknownType, .request: release(room)
    }
  }

  private mutating func handOver(_ work: FileWork, request: UInt32, _ room: Room) {
    jobCount += 1
    let job = FileJob(number: jobCount, request: request, work: work, replies: replies)
    running[jobCount] = Running(job: job, room: room)
    promisedBytes += work.expectedReplyBytes
    if case .write = work { writeJobs += 1 }
    if case .read(let slot, _, _) = work { readOrder[slot, default: AnswerOrder()].expect(jobCount) }
    if work.changesHandles { handlesAreChanging = true }
    steps.append(.work(job))
  }

  /// What came of a job. A number that is not running is ignored.
  public mutating func finish(_ number: UInt64, _ outcome: FileOutcome) {
    guard let done = running.removeValue(forKey: number) else { return }
    let job = done.job
    if case .write = job.work { writeJobs -= 1 }
    if job.work.changesHandles { handlesAreChanging = false }
    let handle = settle(job.work, outcome.effect)
    let reply =
      outcome.reply ?? handle.map { job.replies.handle($0, of: job.request) }
      ?? job.replies.status(.failure, of: job.request)
    guard case .read(let slot, _, _) = job.work else { return conclude(done, reply) }
    let ready = readOrder[slot, default: AnswerOrder()].finish(number, (done, reply))
    if readOrder[slot]?.isEmpty == true { readOrder[slot] = nil }
    for (done, reply) in ready { conclude(done, reply) }
  }

  private mutating func conclude(_ done: Running, _ reply: ByteBuffer) {
    promisedBytes -= done.job.work.expectedReplyBytes
    steps.append(.reply(reply))
    release(done.room)
  }

  mutating func report(_ action: FileEvent.Action) -> UInt64 {
    eventCount += 1
    steps.append(.report(FileEvent(number: eventCount, action: action)))
    return eventCount
  }

  private mutating func answer(_ reply: ByteBuffer, _ room: Room) {
    steps.append(.reply(reply))
    release(room)
  }

  // MARK: - The stream's room

  private mutating func take(_ packet: SFTPPacket) -> Room {
    let room = Room(wireBytes: packet.wireBytes, earlyBytes: earlyOfHead)
    earlyOfHead = 0
    return room
  }

  private mutating func release(_ room: Room) {
    earlyBytes -= room.earlyBytes
    let bytes = room.wireBytes - room.earlyBytes
    if bytes > 0 { steps.append(.release(bytes: bytes)) }
  }

  /// Gives back room for the rest of a packet that is not complete. False when there is none to give.
  private mutating func releasePartial() -> Bool {
    let allowed = 4 + Int(SFTPLimits.maximumPacketBytes) - earlyBytes
    let bytes = min(decoder.heldBytes - earlyOfHead, allowed)
    guard bytes > 0 else { return false }
    earlyOfHead += bytes
    earlyBytes += bytes
    steps.append(.release(bytes: bytes))
    return true
  }
}
