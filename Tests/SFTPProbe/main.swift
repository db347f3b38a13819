// The agent's sftp server on standard input and output, in the place of OpenSSH's sftp-server:
//   sftp-probe [--root DIR] [--home DIR] [--read-only | --write-only] [--handles N] [--events FILE]
// Tests run both beside each other, also as other users, and the stock client through `sftp -D`.
import Agent
import FileSystem
import Glibc
import NIOCore
import NIOPosix
import SFTPProtocol

var options = ProbeOptions()
do {
  try options.read(CommandLine.arguments.dropFirst())
  let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  let root = try RootDirectory(path: options.root, workingDirectory: Array(options.home.utf8))
  exit(try await serve(options, root: root, on: group.next()))
} catch {
  print("sftp-probe: \(error)")
  exit(64)
}
