/// The version this relay calls itself.
public enum RelayVersion {
  /// Semantic version (semver.org) of the program.
  public static let text = "0.1.0"
  /// As told to agents in the tunnel's greeting.
  public static let software = "fixline-relay/" + text
}
