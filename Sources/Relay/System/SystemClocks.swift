import Foundation
import Metering
import SessionModel
import TunnelTransport

/// All clocks of this machine.
enum SystemClocks {
  /// Where Linux names the run of the machine.
  private static let bootFile = "/proc/sys/kernel/random/boot_id"

  /// Names the run of the machine, and changes with each; empty where that cannot be read.
  static let bootID: String = {
    let text = (try? String(contentsOfFile: bootFile, encoding: .utf8)) ?? ""
    let name = text.trimmingCharacters(in: .whitespacesAndNewlines)
    return name.utf8.count <= ClockReading.maximumBootBytes ? name : ""
  }()

  /// What they say.
  static func now() -> ClockReading {
    ClockReading(boot: bootID, monotonic: BootClock.now(), wall: WallClock.now())
  }
}
