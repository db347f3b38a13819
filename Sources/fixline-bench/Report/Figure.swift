/// A row of the tables: a measurement, which of its values, in what unit.
struct Figure: Equatable, Sendable {
  let name: String
  let measurement: Metric
  let unit: String
  let higherIsBetter: Bool
  /// Which quantile of the samples is shown.
  let share: Double

  private init(
    _ name: String, _ measurement: Metric, _ unit: String, higherIsBetter: Bool = false, share: Double = 0.5
  ) {
    self.name = name
    self.measurement = measurement
    self.unit = unit
    self.higherIsBetter = higherIsBetter
    self.share = share
  }

  static let attach = Figure("attach", .attach, "s")
  static let echoP50 = Figure("echo p50", .echo, "ms")
  static let echoP99 = Figure("echo p99", .echo, "ms", share: 0.99)
  static let bulkOut = Figure("bulk out", .bulkOut, "MiB/s", higherIsBetter: true)
  static let bulkIn = Figure("bulk in", .bulkIn, "MiB/s", higherIsBetter: true)
  static let sftpGet = Figure("sftp get", .sftpGet, "MiB/s", higherIsBetter: true)
  static let sftpPut = Figure("sftp put", .sftpPut, "MiB/s", higherIsBetter: true)
  static let scp = Figure("scp", .scp, "s")
  static let rsync = Figure("rsync", .rsync, "s")

  /// All rows, in order.
  static let all = [attach, echoP50, echoP99, bulkOut, bulkIn, sftpGet, sftpPut, scp, rsync]
  /// Those that move the payload as fast as they can.
  static let transfers = [bulkOut, bulkIn, sftpGet, sftpPut]
}
