/// The extensions, in the order VERSION announces them (OpenSSH's PROTOCOL section 4, as in OpenSSH 9.2).
enum SFTPExtension: String, CaseIterable {
  case posixRename = "posix-rename@openssh.com"
  case volume = "statvfs@openssh.com"
  case handleVolume = "fstatvfs@openssh.com"
  case hardLink = "hardlink@openssh.com"
  case sync = "fsync@openssh.com"
  case setLinkStatus = "lsetstat@openssh.com"
  case limits = "limits@openssh.com"
  case expandPath = "expand-path@openssh.com"
  case copyData = "copy-data"
  case homeDirectory = "home-directory"
  case accountNames = "users-groups-by-id@openssh.com"

  /// Which version of it.
  var version: String {
    switch self {
    case .volume, .handleVolume: "2"
    case .posixRename, .hardLink, .sync, .setLinkStatus, .limits, .expandPath, .copyData, .homeDirectory, .accountNames:
      "1"
    }
  }

  /// Refused, and not announced, where nothing may be changed.
  var changesSomething: Bool {
    switch self {
    case .posixRename, .hardLink, .sync, .setLinkStatus, .copyData: true
    case .volume, .handleVolume, .limits, .expandPath, .homeDirectory, .accountNames: false
    }
  }
}
