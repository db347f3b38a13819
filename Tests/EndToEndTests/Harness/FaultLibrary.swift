import Foundation

/// What is put before the C library of the real programs; see Tests/FaultLibrary. Compiled once; nil where there is no C compiler.
enum FaultLibrary {
  /// A disk that fails on command.
  static let disk = built("faults")
  /// A calendar that stands elsewhere.
  static let clock = built("clock")

  /// What a program has in its environment whose calendar stands so many days back. What it measures, it measures as ever.
  static func daysBack(_ days: Int) throws -> [String: String] {
    days == 0
      ? [:]
      : [
        "LD_PRELOAD": try unwrap(clock, "the library with the calendar"),
        clockVariable: "\(-days * 86_400)",
      ]
  }

  /// Whose presence says that there is another calendar.
  static let clockVariable = "FIXLINE_CLOCK_SECONDS"

  private static func built(_ name: String) -> String? {
    let built = NSTemporaryDirectory() + "fixline-\(name)-e2e-\(getpid()).so"
    let source = Programs.repository("Tests/FaultLibrary/\(name).c")
    let done = try? Finished.run(
      ["cc", "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", built, source, "-ldl"],
      environment: Programs.variables(home: "/"), directory: "/")
    return done?.succeeded == true ? built : nil
  }
}
