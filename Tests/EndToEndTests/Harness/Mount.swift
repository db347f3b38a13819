import Foundation
import Glibc

/// A mounted file system of one test.
struct Mount {
  /// Whether sshfs can mount here: a container mostly has no /dev/fuse.
  static let sshfsIsPossible: Bool = {
    let descriptor = unsafe open("/dev/fuse", O_RDWR | O_CLOEXEC)
    if descriptor >= 0 { Glibc.close(descriptor) }
    let program = ["/usr/bin/sshfs", "/bin/sshfs"].contains { FileManager.default.isExecutableFile(atPath: $0) }
    return descriptor >= 0 && memoryIsPossible && program
  }()

  /// Whether a file system in memory can be mounted: by root, where mounting is permitted at all.
  static let memoryIsPossible: Bool = {
    let tried = try? Finished.run(
      ["unshare", "-m", "mount", "-t", "tmpfs", "none", "/mnt"], environment: Programs.variables(home: "/"),
      directory: "/")
    return tried?.succeeded == true
  }()

  let path: String
  /// What serves it, when that is a process.
  private let server: Child?

  /// Mounts `source` of `user` with sshfs.
  static func sshfs(_ shop: Shop, _ technician: Technician, _ user: String, _ source: String, at name: String) throws
    -> Mount
  {
    try sshfs(shop, technician, "\(user)@relay:\(source)", ["-F", technician.configuration], at: name)
  }

  /// Mounts `source` of a plain sftp-server, and gives its process: stopped, it is a disk that does not answer.
  static func ofServer(_ shop: Shop, _ technician: Technician, _ source: String, at name: String) throws
    -> (mount: Mount, server: pid_t)
  {
    let record = shop.scratch.path("server.pid")
    let command = try shop.scratch.file(
      "server.sh",
      """
      #!/bin/sh
      echo $$ > \(record)
      exec /usr/lib/openssh/sftp-server

      """)
    setMode(command, 0o700)
    let mount = try sshfs(shop, technician, "machine:\(source)", ["-o", "ssh_command=\(command)"], at: name)
    var pid: pid_t?
    do {
      // The mount may be there before the server is.
      try waitUntil("the server's process") {
        pid = shop.scratch.text("server.pid").flatMap { pid_t($0.filter(\.isNumber)) }
        return pid != nil
      }
      return (mount, try unwrap(pid))
    } catch {
      mount.close()
      throw error
    }
  }

  private static func sshfs(
    _ shop: Shop, _ technician: Technician, _ source: String, _ options: [String], at name: String
  ) throws -> Mount {
    let path = try shop.scratch.directory(name)
    let child = try technician.launch(["sshfs", "-f"] + options + [source, path])
    let mount = Mount(path: path, server: child)
    do {
      try waitUntil("the mount", seen: { child.seen }) {
        if child.exit != nil { throw Failure("sshfs ended: \(child.seen)") }
        return mount.isMounted
      }
    } catch {
      mount.close()
      throw error
    }
    return mount
  }

  /// A file system in memory that is soon full.
  static func memory(_ shop: Shop, mebibytes: Int, at name: String) throws -> Mount {
    let mount = Mount(path: try shop.scratch.directory(name), server: nil)
    let done = try shop.tool(["mount", "-t", "tmpfs", "-o", "size=\(mebibytes)m", "fixline-test", mount.path])
    guard done.succeeded else { throw Failure("\(done)") }
    return mount
  }

  var isMounted: Bool {
    let table = (try? String(contentsOfFile: "/proc/self/mountinfo", encoding: .utf8)) ?? ""
    return table.contains(" \(path) ")
  }

  /// Ends what serves it, hard, and leaves it mounted.
  func killServer() { server?.kill() }

  /// Takes it away, whatever its server does: before the shop closes, which would delete what is mounted.
  func close() {
    if isMounted {
      _ = try? Finished.run(["umount", "-l", path], environment: Programs.variables(home: "/"), directory: "/")
    }
    server?.kill()
  }
}
