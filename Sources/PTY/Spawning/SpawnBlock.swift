/// A request's strings as the keeper takes them: executable, directory, arguments, environment, each with its NUL.
struct SpawnBlock {
  let bytes: [UInt8]
  let argumentCount: Int
  let environmentCount: Int

  /// Refuses what is too large or contains NUL.
  init(_ request: SpawnRequest) throws(ProcessError) {
    argumentCount = request.argumentVector.count
    environmentCount = request.environment.count
    guard argumentCount + environmentCount <= GuardianLimits.maximumStrings else { throw .tooLarge }
    var bytes: [UInt8] = []
    try Self.add(request.executable.utf8, to: &bytes)
    try Self.add(request.workingDirectory.utf8, to: &bytes)
    for argument in request.argumentVector { try Self.add(argument, to: &bytes) }
    for entry in request.environment { try Self.add(entry.utf8, to: &bytes) }
    self.bytes = bytes
  }

  private static func add(_ text: some Collection<UInt8>, to bytes: inout [UInt8]) throws(ProcessError) {
    guard !text.contains(0) else { throw .containsNUL }
    guard text.count <= GuardianLimits.maximumStringBytes,
      bytes.count + text.count + 1 <= GuardianLimits.maximumBlockBytes
    else { throw .tooLarge }
    bytes.append(contentsOf: text)
    bytes.append(0)
  }
}
